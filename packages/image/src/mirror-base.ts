import { findImage, openBase } from './base.ts';
import type { BaseImage, Wanted } from './base.ts';
import { copyBlobs } from './copy-blobs.ts';
import type { Place } from './copy-blobs.ts';
import { RegistryError } from './errors.ts';
import { parseManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { formatReference } from './reference.ts';
import { findBlob } from './registry/blobs.ts';
import { findManifest, putManifest } from './registry/manifests.ts';
import { attach } from './registry/referrers.ts';

/** The type of the document by which a copy is found from the digest that its base is pinned to. */
const indexType = 'application/vnd.tidegate.base-index+json';

/**
 * The copy of a base that `mirrorBase` laid into a repository; undefined where there is none for the platform. It asks
 * nothing of the base's own registry. From the pinned digest to the image, each step is checked by its digest: whoever
 * may push into the repository cannot put another base in its place.
 */
export async function findMirrored(
  mirror: Place,
  { reference, platform }: Wanted,
  digest: string,
): Promise<BaseImage | undefined> {
  const { registry, repository } = mirror;
  const [manifest, index] = await Promise.all([
    findManifest(registry, repository, digest),
    findBlob(registry, repository, digest).catch(absentIfUnnamed),
  ]);
  const named = manifest ?? (index && parseManifest(index, undefined, formatReference(reference)));
  const image = named && (await findImage(mirror, named, { reference, platform }));
  if (!image) return undefined;
  const wanted = { reference, platform };
  return openBase(wanted, mirror, { digest: async () => digest, manifests: async () => ({ named, image }) });
}

/**
 * Copies a base's image for its one platform into a repository, byte for byte and streamed, and returns it from there.
 * The index that names it is attached as a document: a registry takes no index whose other images it does not have.
 * Whatever ends it early, or does the same beside it, leaves nothing that is taken for a copy and is none.
 */
export async function mirrorBase(
  base: BaseImage,
  mirror: Place,
  onProgress?: OnProgress,
): Promise<BaseImage> {
  const { named, image } = await base.manifests();
  const { manifest, digest, bytes, mediaType } = image;
  await copyBlobs(base.place, mirror, [manifest.config, ...manifest.layers], onProgress);
  const descriptor = { digest, mediaType, size: bytes.length };
  // Without a tag, a rule that clears away untagged images would take it.
  const tag = `tidegate-base-${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
  await putManifest(mirror.registry, mirror.repository, tag, { bytes, descriptor });
  if (named.kind === 'index') {
    const document = { artifactType: indexType, bytes: named.bytes };
    await attach(mirror.registry, mirror.repository, descriptor, [document]);
  }
  const { reference, platform } = base;
  return openBase({ reference, platform }, mirror, {
    digest: async () => named.digest,
    manifests: async () => ({ named, image }),
  });
}

/** ECR gives no blob that no image names yet (LayerInaccessibleException): somebody was ended before the image was put. */
function absentIfUnnamed(error: unknown): undefined {
  if (error instanceof RegistryError && error.status === 400) return undefined;
  throw error;
}
