import { ImageError } from '../errors.ts';
import { describeJson } from '../manifest.ts';
import type { Descriptor, ImageIndex, Json } from '../manifest.ts';
import { media } from '../media-types.ts';
import { readBlob } from './blobs.ts';
import { findManifest, putManifest } from './manifests.ts';
import { refusal } from './registry.ts';
import type { Registry } from './registry.ts';
import type { Answer } from './exchange.ts';
import { uploadBytes } from './upload.ts';
import { sha256 } from '../manifest.ts';

/** A document that belongs to an image: an SBOM, a statement of provenance. */
export type Attachment = { artifactType: string; bytes: Buffer; annotations?: Record<string, string> };

const empty = Buffer.from('{}');

/**
 * Attaches documents to an image by its digest, as OCI referrers. Where the registry keeps no list of referrers, the
 * list is kept under the tag that the specification gives it (OCI Distribution 1.1, "Referrers Tag Schema").
 * Returns the digest of each attachment's manifest.
 */
export async function attach(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  attachments: readonly Attachment[],
): Promise<string[]> {
  const blobs = [...attachments.map(({ bytes }) => bytes), empty];
  await Promise.all(
    blobs.map((bytes) =>
      uploadBytes(registry, repository, Promise.resolve({ bytes, digest: sha256(bytes) })),
    ),
  );
  const referrers: { described: Json; descriptor: Descriptor; isIndexed: boolean }[] = [];
  for (const attachment of attachments) {
    const described = describeJson(manifestOf(attachment, subject), media.ociManifest);
    const { subjectIsIndexed } = await putManifest(
      registry,
      repository,
      described.descriptor.digest,
      described,
    );
    const { artifactType, annotations } = attachment;
    const descriptor = { ...described.descriptor, artifactType, ...(annotations && { annotations }) };
    referrers.push({ described, descriptor, isIndexed: subjectIsIndexed });
  }
  const unlisted = referrers.filter(({ isIndexed }) => !isIndexed).map(({ descriptor }) => descriptor);
  if (unlisted.length > 0) await list(registry, repository, subject.digest, unlisted);
  return referrers.map(({ descriptor }) => descriptor.digest);
}

/** What refers to an image, of one type or of any. */
export async function findAttachments(
  registry: Registry,
  repository: string,
  digest: string,
  artifactType?: string,
): Promise<Descriptor[]> {
  const all: Descriptor[] = [];
  const query = artifactType === undefined ? {} : { artifactType };
  let path: string | URL | undefined = `referrers/${digest}`;
  for (let page = 0; path !== undefined && page < mostPages; page += 1) {
    const answer: Answer = await registry.send({ method: 'GET', repository, path, query });
    if (answer.status === 404) return ofType(await listed(registry, repository, digest), artifactType);
    if (answer.status !== 200)
      throw refusal(`the referrers of ${repository}@${digest} cannot be read`, answer);
    all.push(...(JSON.parse(answer.body.toString()) as ImageIndex).manifests);
    path = nextPage(registry, answer.headers['link']);
  }
  return ofType(all, artifactType);
}

// A registry that never comes to an end is not waited for.
const mostPages = 100;

function ofType(all: readonly Descriptor[], artifactType: string | undefined): Descriptor[] {
  return all.filter((each) => artifactType === undefined || each.artifactType === artifactType);
}

/** `<…>; rel="next"`, on the registry itself. */
function nextPage({ url }: Registry, link: string | string[] | undefined): URL | undefined {
  const [, next] = /<([^>]+)>;\s*rel="?next"?/.exec([link ?? ''].flat().join()) ?? [];
  return next === undefined ? undefined : new URL(next, url);
}

/** Of what is read whole into memory. */
const mostBytes = 64 * 1024 * 1024;

/** The document of an attachment, checked against its digests. */
export async function readAttachment(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<Buffer> {
  const found = await findManifest(registry, repository, digest);
  const [layer] = found?.kind === 'image' ? found.manifest.layers : [];
  if (!layer) throw new ImageError(`${repository}@${digest} is not an attachment`);
  if (layer.size > mostBytes)
    throw new ImageError(
      `${repository}@${digest} has ${layer.size} bytes; documents have ${mostBytes} at most`,
    );
  return readBlob(registry, repository, layer.digest);
}

function manifestOf({ artifactType, bytes, annotations }: Attachment, subject: Descriptor): object {
  return {
    schemaVersion: 2,
    mediaType: media.ociManifest,
    artifactType,
    config: { mediaType: media.ociEmpty, digest: sha256(empty), size: empty.length },
    layers: [{ mediaType: artifactType, digest: sha256(bytes), size: bytes.length }],
    subject,
    ...(annotations && { annotations }),
  };
}

async function list(
  registry: Registry,
  repository: string,
  digest: string,
  added: Descriptor[],
): Promise<void> {
  const known = await listed(registry, repository, digest);
  const names = new Set(added.map((each) => each.digest));
  const manifests = [...known.filter((each) => !names.has(each.digest)), ...added];
  const index = { schemaVersion: 2, mediaType: media.ociIndex, manifests };
  await putManifest(registry, repository, listTag(digest), describeJson(index, media.ociIndex));
}

async function listed(registry: Registry, repository: string, digest: string): Promise<Descriptor[]> {
  const found = await findManifest(registry, repository, listTag(digest));
  return found?.kind === 'index' ? found.index.manifests : [];
}

function listTag(digest: string): string {
  return digest.replace(':', '-');
}
