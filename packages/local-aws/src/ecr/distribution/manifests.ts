import type { IncomingMessage } from 'node:http';
import { digestPattern, readBlob } from '../blobs.ts';
import {
  deleteImage,
  deleteTag,
  findImage,
  imagesOf,
  putImage,
  tagsOf,
  type Refusal,
} from '../image-store.ts';
import { RegistryError } from './errors.ts';
import type { RegistryCall } from './registry-call.ts';

const maxManifestBytes = 4 * 1024 * 1024;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** GET, HEAD, PUT and DELETE of a manifest, by tag or by digest. */
export async function answerManifest(call: RegistryCall): Promise<void> {
  const { world, method, repository, name, response } = call;
  if (method === 'PUT') return receiveManifest(call);
  const image = findImage(world, repository, name);
  if (!image)
    throw new RegistryError(404, 'MANIFEST_UNKNOWN', `Requested image not found: ${repository}:${name}`);
  if (method === 'DELETE') {
    if (digestPattern.test(name)) deleteImage(world, repository, name);
    else deleteTag(world, repository, name);
    response.writeHead(202, { 'content-length': 0 }).end();
    return;
  }
  if (method !== 'GET' && method !== 'HEAD')
    throw new RegistryError(405, 'UNSUPPORTED', `${method} of a manifest`);
  const bytes = await readBlob(world, image.digest);
  response.writeHead(200, {
    'content-type': image.mediaType,
    'content-length': bytes.length,
    'docker-content-digest': image.digest,
    etag: `"${image.digest}"`,
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** What refers to an image: an OCI index of every manifest whose subject it is. */
export function answerReferrers({ world, repository, name, query, response }: RegistryCall): void {
  if (!digestPattern.test(name))
    throw new RegistryError(400, 'DIGEST_INVALID', `"${name}" is not a sha256 digest`);
  const wanted = query.get('artifactType');
  const manifests = imagesOf(world, repository)
    .filter(({ subject, artifactType }) => subject === name && (wanted === null || artifactType === wanted))
    .map(({ mediaType, digest, manifestBytes, artifactType, annotations }) => ({
      mediaType,
      digest,
      size: manifestBytes,
      artifactType,
      ...(annotations && { annotations }),
    }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  response.writeHead(200, {
    'content-type': mediaType,
    'content-length': body.length,
    ...(wanted !== null && { 'oci-filters-applied': 'artifactType' }),
  });
  response.end(body);
}

/** A repository's tags, `n` at a time after `last`. */
export function answerTags({ world, repository, query, response }: RegistryCall): void {
  const last = query.get('last') ?? '';
  const most = Number(query.get('n') ?? 1000);
  const after = tagsOf(world, repository).filter(({ tag }) => tag > last);
  const tags = after.slice(0, most).map(({ tag }) => tag);
  const body = Buffer.from(JSON.stringify({ name: repository, tags }));
  const next = `/v2/${repository}/tags/list?n=${most}&last=${encodeURIComponent(tags.at(-1) ?? '')}`;
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(after.length > most && { link: `<${next}>; rel="next"` }),
  });
  response.end(body);
}

async function receiveManifest({ world, repository, name, request, response }: RegistryCall): Promise<void> {
  const byDigest = digestPattern.test(name);
  if (!byDigest && !tagPattern.test(name))
    throw new RegistryError(400, 'TAG_INVALID', `"${name}" is not a tag`);
  const result = await putImage(world, repository, await readWhole(request), {
    ...(byDigest ? { digest: name } : { tag: name }),
    mediaType: request.headers['content-type'],
  });
  if ('refused' in result) throw refusalError(repository, result.refused);
  const { digest, subject } = result.image;
  response
    .writeHead(201, {
      location: `/v2/${repository}/manifests/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
      ...(subject && { 'oci-subject': subject }),
    })
    .end();
}

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxManifestBytes) throw new RegistryError(413, 'SIZE_INVALID', 'manifest is over 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalError(repository: string, refused: Refusal): RegistryError {
  switch (refused.reason) {
    case 'invalid':
      return new RegistryError(400, 'MANIFEST_INVALID', refused.detail);
    case 'missing-blob':
      return new RegistryError(
        404,
        'MANIFEST_BLOB_UNKNOWN',
        `Layers with digests '[${refused.digest}]' required for pushing image into repository with name '${repository}' do not exist`,
      );
    case 'missing-image':
      return new RegistryError(
        404,
        'MANIFEST_BLOB_UNKNOWN',
        `Images with digests '[${refused.digest}]' required for pushing image into repository with name '${repository}' do not exist`,
      );
    case 'immutable':
      return new RegistryError(
        400,
        'TAG_INVALID',
        `The image tag '${refused.tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
      );
    case 'digest':
      return new RegistryError(
        400,
        'DIGEST_INVALID',
        `provided digest ${refused.expected} does not match manifest ${refused.found}`,
      );
  }
}
