import type { Place } from './copy-blobs.ts';
import { describeJson } from './manifest.ts';
import type { Descriptor, Platform } from './manifest.ts';
import { media } from './media-types.ts';
import { putManifest } from './registry/manifests.ts';

/** An image for one platform, in the repository already. */
export type PlatformImage = { digest: string; mediaType: string; manifestBytes: number; platform: Platform };

/** Puts images for several platforms under one name: whoever pulls it gets the one that fits. Returns its digest. */
export async function pushIndex(
  { registry, repository }: Place,
  images: readonly PlatformImage[],
  tags: readonly string[],
): Promise<string> {
  const manifests = images.map(({ digest, mediaType, manifestBytes, platform }): Descriptor => ({
    mediaType,
    digest,
    size: manifestBytes,
    platform,
  }));
  // Docker's list can only hold Docker's images; OCI's index holds both.
  const isDocker = images.every(({ mediaType }) => mediaType === media.dockerManifest);
  const mediaType = isDocker ? media.dockerIndex : media.ociIndex;
  const index = describeJson({ schemaVersion: 2, mediaType, manifests }, mediaType);
  const names = tags.length > 0 ? tags : [index.descriptor.digest];
  for (const name of names) await putManifest(registry, repository, name, index);
  return index.descriptor.digest;
}
