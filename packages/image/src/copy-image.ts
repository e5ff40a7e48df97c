import { copyBlobs } from './copy-blobs.ts';
import type { Place } from './copy-blobs.ts';
import { ImageError } from './errors.ts';
import type { FetchedManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { findManifest, putManifest } from './registry/manifests.ts';

/**
 * Copies an image, or an index with all its images, from one registry to another: streamed, never on disk, byte for
 * byte, so that the digest stays. What is there already is not sent.
 * @param reference a tag or a digest at `from`
 * @param tags to give it at `to`; without any it is known by its digest
 * @throws ImageError where there is no such image
 */
export async function copyImage(
  from: Place,
  reference: string,
  to: Place,
  { tags = [], onProgress }: { tags?: readonly string[]; onProgress?: OnProgress } = {},
): Promise<{ digest: string; sentBytes: number }> {
  const found = await findManifest(from.registry, from.repository, reference);
  if (!found) throw new ImageError(`${from.repository}:${reference} does not exist in ${from.registry.url}`);
  const sentBytes = await copyParts(from, found, to, onProgress);
  const names = tags.length > 0 ? tags : [found.digest];
  for (const name of names) await put(to, name, found);
  return { digest: found.digest, sentBytes };
}

/** All that a manifest names must be there before it is. */
async function copyParts(
  from: Place,
  found: FetchedManifest,
  to: Place,
  onProgress?: OnProgress,
): Promise<number> {
  if (found.kind === 'image') {
    return copyBlobs(from, to, [found.manifest.config, ...found.manifest.layers], onProgress);
  }
  let sentBytes = 0;
  for (const child of found.index.manifests) {
    const image = await findManifest(from.registry, from.repository, child.digest);
    if (!image)
      throw new ImageError(`${from.repository} names ${child.digest}, which is not in ${from.registry.url}`);
    sentBytes += await copyParts(from, image, to, onProgress);
    await put(to, image.digest, image);
  }
  return sentBytes;
}

function put(
  { registry, repository }: Place,
  name: string,
  { bytes, digest, mediaType }: FetchedManifest,
): Promise<unknown> {
  return putManifest(registry, repository, name, {
    bytes,
    descriptor: { digest, mediaType, size: bytes.length },
  });
}
