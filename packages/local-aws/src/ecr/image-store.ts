import type { Instant, Table, World } from '../kernel/world.ts';
import { findBlob, keepBytes, sha256 } from './blobs.ts';
import { parseManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { repositoryTable, tagIsImmutable } from './repositories.ts';

/** An image (or an index, or an artifact) as it is kept; its manifest's bytes are a blob. */
export type ImageRecord = {
  repository: string;
  digest: string;
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  /** The digest of the image this one refers to (a signature, an SBOM). */
  subject?: string;
  manifestBytes: number;
  /** Layers and config, compressed, as ECR counts. */
  sizeBytes: number;
  pushedAt: Instant;
};

/** What is wrong with a manifest that was pushed; each registry API has its own words for these. */
export type Refusal =
  | { reason: 'invalid'; detail: string }
  | { reason: 'missing-blob' | 'missing-image'; digest: string }
  | { reason: 'immutable'; tag: string }
  | { reason: 'digest'; expected: string; found: string };

/** Takes a manifest in, by digest and under its tag if one is given. The bytes are kept exactly as they came. */
export async function putImage(
  world: World,
  repository: string,
  bytes: Buffer,
  options: { tag?: string | undefined; digest?: string | undefined; mediaType?: string | undefined },
): Promise<{ image: ImageRecord; isNew: boolean } | { refused: Refusal }> {
  const manifest = parseManifest(bytes, options.mediaType);
  if (typeof manifest === 'string') return { refused: { reason: 'invalid', detail: manifest } };
  const digest = sha256(bytes);
  if (options.digest && options.digest !== digest) {
    return { refused: { reason: 'digest', expected: options.digest, found: digest } };
  }
  const missing = missingParts(world, repository, manifest);
  if (missing) return { refused: missing };
  const { tag } = options;
  const current = tag === undefined ? undefined : tagTable(world).get(`${repository}:${tag}`);
  const settings = repositoryTable(world).get(repository);
  // ECR refuses the same bytes too (aws/containers-roadmap#2179): who pushes must look first.
  if (tag && current && settings && tagIsImmutable(settings, tag)) {
    return { refused: { reason: 'immutable', tag } };
  }
  const known = findImage(world, repository, digest);
  const image = known ?? {
    repository,
    digest,
    mediaType: manifest.mediaType,
    ...(manifest.artifactType && { artifactType: manifest.artifactType }),
    ...(manifest.annotations && { annotations: manifest.annotations }),
    ...(manifest.subject && { subject: manifest.subject.digest }),
    manifestBytes: bytes.length,
    sizeBytes: manifest.parts.reduce((sum, part) => sum + part.size, 0),
    pushedAt: world.clock.now(),
  };
  if (!known) {
    await keepBytes(world, bytes);
    imageTable(world).put(`${repository}@${digest}`, image);
  }
  if (tag) tagTable(world).put(`${repository}:${tag}`, digest);
  if (tag || !known) emitPush(world, image, tag);
  return { image, isNew: !known || (tag !== undefined && current !== digest) };
}

/** An image by digest or tag; undefined where the repository has none such. */
export function findImage(world: World, repository: string, reference: string): ImageRecord | undefined {
  const digest = reference.includes(':') ? reference : tagTable(world).get(`${repository}:${reference}`);
  return digest === undefined ? undefined : imageTable(world).get(`${repository}@${digest}`);
}

export function imagesOf(world: World, repository: string): ImageRecord[] {
  return imageTable(world)
    .values()
    .filter((image) => image.repository === repository);
}

/** Every tag of a repository with the digest it names, in alphabetical order. */
export function tagsOf(world: World, repository: string): { tag: string; digest: string }[] {
  const table = tagTable(world);
  const prefix = `${repository}:`;
  return table
    .keys()
    .filter((key) => key.startsWith(prefix))
    .sort()
    .map((key) => ({ tag: key.slice(prefix.length), digest: table.get(key) ?? '' }));
}

export function deleteTag(world: World, repository: string, tag: string): boolean {
  return tagTable(world).delete(`${repository}:${tag}`);
}

/** Deletes an image and every tag that names it. */
export function deleteImage(world: World, repository: string, digest: string): boolean {
  for (const named of tagsOf(world, repository)) {
    if (named.digest === digest) deleteTag(world, repository, named.tag);
  }
  return imageTable(world).delete(`${repository}@${digest}`);
}

function missingParts(world: World, repository: string, manifest: Manifest): Refusal | undefined {
  for (const { digest } of manifest.parts) {
    const there =
      manifest.kind === 'index' ? findImage(world, repository, digest) : findBlob(world, repository, digest);
    if (!there) return { reason: manifest.kind === 'index' ? 'missing-image' : 'missing-blob', digest };
  }
  return undefined;
}

function emitPush(world: World, image: ImageRecord, tag: string | undefined): void {
  world.emit({
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    resources: [],
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': image.repository,
      'image-digest': image.digest,
      'manifest-media-type': image.mediaType,
      ...(tag && { 'image-tag': tag }),
    },
  });
}

function imageTable(world: World): Table<ImageRecord> {
  return world.store.table<ImageRecord>('ecr-images');
}

function tagTable(world: World): Table<string> {
  return world.store.table<string>('ecr-tags');
}
