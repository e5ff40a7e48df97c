import type { ImageConfig } from './config.ts';
import { ImageError } from './errors.ts';
import type { Descriptor, FetchedManifest, ImageManifest, Platform } from './manifest.ts';
import { formatPlatform } from './platform.ts';
import { formatReference } from './reference.ts';
import type { Reference } from './reference.ts';
import { readBlob } from './registry/blobs.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';

/** An image to build on: asked for only as far as somebody needs to know it, and never a byte of its layers. */
export type BaseImage = {
  readonly reference: Reference;
  readonly registry: Registry;
  readonly platform: Platform;
  /** Of what the reference names, an index or the image itself: what to pin. Needs no request where it was given. */
  digest(): Promise<string>;
  /** @throws ImageError where there is no such image, or none for the platform */
  image(): Promise<{ manifest: ImageManifest; config: ImageConfig }>;
};

/** An image in a registry as a base for images of one platform. */
export function baseImage(registry: Registry, reference: Reference, platform: Platform): BaseImage {
  let finding: Promise<FetchedManifest> | undefined;
  let choosing: ReturnType<BaseImage['image']> | undefined;
  const find = () => (finding ??= findNamed(registry, reference));
  return {
    reference,
    registry,
    platform,
    digest: async () => reference.digest ?? (await find()).digest,
    image: () => (choosing ??= find().then((found) => choose(registry, reference, found, platform))),
  };
}

async function findNamed(registry: Registry, reference: Reference): Promise<FetchedManifest> {
  const found = await findManifest(
    registry,
    reference.repository,
    reference.digest ?? reference.tag ?? 'latest',
  );
  if (found) return found;
  throw new ImageError(
    `the base image ${formatReference(reference)} does not exist in ${registry.url}, or we may not read it`,
  );
}

async function choose(registry: Registry, reference: Reference, found: FetchedManifest, platform: Platform) {
  const named = formatReference(reference);
  let image = found;
  if (image.kind === 'index') {
    const child = childFor(image.index.manifests, platform);
    const fetched = child && (await findManifest(registry, reference.repository, child.digest));
    if (!fetched) {
      const has = image.index.manifests.map((each) => each.platform && formatPlatform(each.platform));
      throw new ImageError(
        `${named} has no image for ${formatPlatform(platform)}; it has ${has.filter(Boolean).join(', ') || 'none'}`,
      );
    }
    image = fetched;
  }
  if (image.kind !== 'image') throw new ImageError(`${named} is an index of indexes`);
  const bytes = await readBlob(registry, reference.repository, image.manifest.config.digest);
  const config = JSON.parse(bytes.toString()) as ImageConfig;
  if (config.architecture && (config.architecture !== platform.architecture || config.os !== platform.os)) {
    throw new ImageError(
      `${named} is an image for ${formatPlatform(config)}, and ${formatPlatform(platform)} is wanted`,
    );
  }
  return { manifest: image.manifest, config };
}

function childFor(children: Descriptor[], wanted: Platform): Descriptor | undefined {
  const matching = children.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  // A variant that was not asked for is taken as it comes: arm64 and arm64/v8 are the same thing.
  const exact = matching.find(({ platform }) => platform?.variant === wanted.variant);
  return exact ?? (wanted.variant ? undefined : matching[0]);
}
