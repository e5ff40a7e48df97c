import type { ImageConfig } from './config.ts';
import { ImageError } from './errors.ts';
import type { Descriptor, FetchedManifest, ImageManifest, Platform } from './manifest.ts';
import { formatReference } from './reference.ts';
import type { Reference } from './reference.ts';
import { readBlob } from './registry/blobs.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';

/** An image to build on, without a byte of its layers. */
export type Base = {
  /** Of what the reference names: an index, or the image itself. This is what to pin. */
  digest: string;
  manifest: ImageManifest;
  config: ImageConfig;
};

/** What a reference names, before the platform is chosen. @throws ImageError where there is no such image */
export async function findBase(registry: Registry, reference: Reference): Promise<FetchedManifest> {
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

/**
 * The image for one platform, with its configuration.
 * @throws ImageError where the base has no image for that platform, naming those it has
 */
export async function choosePlatform(
  registry: Registry,
  reference: Reference,
  found: FetchedManifest,
  platform: Platform,
): Promise<Base> {
  let image = found;
  if (image.kind === 'index') {
    const child = childFor(image.index.manifests, platform);
    const fetched = child && (await findManifest(registry, reference.repository, child.digest));
    if (!fetched) {
      const has = image.index.manifests
        .map((each) => each.platform && formatPlatform(each.platform))
        .filter(Boolean);
      throw new ImageError(
        `${formatReference(reference)} has no image for ${formatPlatform(platform)}; it has ${has.join(', ') || 'none'}`,
      );
    }
    image = fetched;
  }
  if (image.kind !== 'image') throw new ImageError(`${formatReference(reference)} is an index of indexes`);
  const bytes = await readBlob(registry, reference.repository, image.manifest.config.digest);
  const config = JSON.parse(bytes.toString()) as ImageConfig;
  if (config.architecture && (config.architecture !== platform.architecture || config.os !== platform.os)) {
    throw new ImageError(
      `${formatReference(reference)} is an image for ${formatPlatform(config)}, and ${formatPlatform(platform)} is wanted`,
    );
  }
  return { digest: found.digest, manifest: image.manifest, config };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant ? `/${variant}` : ''}`;
}

/** Reads `linux/arm64/v8`. @throws ImageError */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, more] = text.split('/');
  if (!os || !architecture || more !== undefined) {
    throw new ImageError(`"${text}" is not a platform (linux/amd64, linux/arm64)`);
  }
  return { os, architecture, ...(variant && { variant }) };
}

function childFor(children: Descriptor[], wanted: Platform): Descriptor | undefined {
  const matching = children.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  // A variant that was not asked for is taken as it comes: arm64 and arm64/v8 are the same thing.
  return (
    matching.find(({ platform }) => platform?.variant === wanted.variant) ??
    (wanted.variant ? undefined : matching[0])
  );
}
