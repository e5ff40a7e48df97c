import { ImageError } from '../errors.ts';
import { parseManifest, sha256 } from '../manifest.ts';
import type { FetchedManifest, Json } from '../manifest.ts';
import { acceptedManifests } from '../media-types.ts';
import { refusal } from './registry.ts';
import type { Registry } from './registry.ts';
import { pause, pauseMs } from './retry.ts';

/**
 * A manifest by tag or digest; undefined where the registry has none such. Asked for by digest, its bytes are checked.
 * @throws ImageError where the registry refuses, or sends other bytes than those asked for
 */
export async function findManifest(
  registry: Registry,
  repository: string,
  reference: string,
): Promise<FetchedManifest | undefined> {
  const named = `${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  const answer = await registry.send({
    method: 'GET',
    repository,
    path: `manifests/${reference}`,
    headers: { accept: acceptedManifests },
  });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(`the manifest of ${named} cannot be read`, answer);
  if (reference.includes(':') && sha256(answer.body) !== reference) {
    throw new ImageError(
      `the registry sent a manifest for ${named} whose digest is ${sha256(answer.body)}: it lies or is broken`,
    );
  }
  return parseManifest(answer.body, answer.headers['content-type'], named);
}

/** The digest that a tag names now, without reading the manifest; undefined where there is no such tag. */
export async function findDigest(
  registry: Registry,
  repository: string,
  reference: string,
): Promise<string | undefined> {
  const headers = { accept: acceptedManifests };
  const answer = await registry.send({ method: 'HEAD', repository, path: `manifests/${reference}`, headers });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200)
    throw refusal(`the manifest of ${repository}:${reference} cannot be read`, answer);
  const digest = answer.headers['docker-content-digest'];
  // Old registries do not say it: then the bytes do.
  if (typeof digest !== 'string') return (await findManifest(registry, repository, reference))?.digest;
  return digest;
}

/**
 * Puts a manifest under a tag or its digest, and checks that the registry keeps the same bytes. A tag that may not be
 * changed and names these very bytes is what was wanted: ECR refuses to put the same image there once more.
 */
export async function putManifest(
  registry: Registry,
  repository: string,
  reference: string,
  { bytes, descriptor }: Json,
): Promise<{ subjectIsIndexed: boolean }> {
  const put = () =>
    registry.send({
      method: 'PUT',
      repository,
      path: `manifests/${reference}`,
      headers: { 'content-type': descriptor.mediaType },
      body: [bytes],
    });
  let answer = await put();
  // The digest is of these bytes: docker-registry says otherwise while somebody beside us puts the same.
  for (let attempt = 1; answer.status === 400 && answer.body.includes('DIGEST_INVALID'); attempt++) {
    const wait = pauseMs(registry.retry, attempt);
    if (wait === undefined) break;
    await pause(wait, registry.signal);
    answer = await put();
  }
  if (answer.status !== 201) {
    const refused = refusal(`the manifest of ${repository}:${reference} cannot be put`, answer);
    const isThere =
      refused.code === 'TAG_INVALID' &&
      (await findDigest(registry, repository, reference)) === descriptor.digest;
    if (!isThere) throw refused;
    return { subjectIsIndexed: false };
  }
  const kept = answer.headers['docker-content-digest'];
  if (typeof kept === 'string' && kept !== descriptor.digest) {
    throw new ImageError(
      `the registry says that it keeps ${kept} where ${descriptor.digest} was sent: it changes manifests`,
    );
  }
  return { subjectIsIndexed: answer.headers['oci-subject'] !== undefined };
}

/** Gives tags to an image that is in the repository; those that it has are not asked for again. */
export async function putTags(
  registry: Registry,
  repository: string,
  { bytes, digest, mediaType }: FetchedManifest,
  tags: readonly string[],
): Promise<void> {
  for (const tag of tags) {
    if ((await findDigest(registry, repository, tag)) === digest) continue;
    const descriptor = { digest, mediaType, size: bytes.length };
    await putManifest(registry, repository, tag, { bytes, descriptor });
  }
}
