import type { ImageConfig } from './config.ts';
import type { Place } from './copy-blobs.ts';
import { ImageError, RegistryError } from './errors.ts';
import type { Descriptor, FetchedImage, FetchedManifest, ImageManifest, Platform } from './manifest.ts';
import { formatPlatform } from './platform.ts';
import { formatReference } from './reference.ts';
import type { Reference } from './reference.ts';
import { readBlob } from './registry/blobs.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';

/** An image to build on: asked for only as far as somebody needs to know it, and never a byte of its layers. */
export type BaseImage = {
  /** What it is called, wherever it is read. */
  readonly reference: Reference;
  /** Where it is read and its layers lie. */
  readonly place: Place;
  readonly platform: Platform;
  /** Of what the reference names, an index or the image itself: what to pin. Needs no request where it was given. */
  digest(): Promise<string>;
  /** @throws ImageError where there is no such image, or none for the platform */
  image(): Promise<{ manifest: ImageManifest; config: ImageConfig }>;
  /** The same as the registry keeps it: what the reference names, and the image in it for the platform. */
  manifests(): Promise<{ named: FetchedManifest; image: FetchedImage }>;
};

/** What an image is called and which machines it is for. */
export type Wanted = { reference: Reference; platform: Platform };

/** An image in a registry as a base for images of one platform. */
export function baseImage(registry: Registry, reference: Reference, platform: Platform): BaseImage {
  const place = { registry, repository: reference.repository };
  const wanted = { reference, platform };
  const find = once(() => findNamed(registry, reference));
  return openBase(wanted, place, {
    digest: async () => reference.digest ?? (await find()).digest,
    async manifests() {
      const named = await find();
      return { named, image: (await findImage(place, named, wanted)) ?? noImage(named, wanted) };
    },
  });
}

/** A base from what is known of it so far; each thing is asked for once. */
export function openBase(
  wanted: Wanted,
  place: Place,
  { digest, manifests: find }: Pick<BaseImage, 'digest' | 'manifests'>,
): BaseImage {
  const manifests = once(find);
  const image = once(async () => readImage(place, (await manifests()).image, wanted));
  return { ...wanted, place, digest, manifests, image };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function findNamed(registry: Registry, reference: Reference): Promise<FetchedManifest> {
  const { repository, digest, tag = 'latest' } = reference;
  const named = `the base image ${formatReference(reference)}`;
  try {
    const found = await findManifest(registry, repository, digest ?? tag);
    if (found) return found;
  } catch (error) {
    if (!(error instanceof RegistryError) || (error.status !== 401 && error.status !== 403)) throw error;
    const answered = error.message.replace(/^.*?: the registry/, 'the registry');
    throw new ImageError(
      `${named} may not be read: ${answered}. Read it as somebody who may: docker login ${reference.registry}, or permissions of the role`,
      { cause: error },
    );
  }
  throw new ImageError(`${named} does not exist in ${registry.url}, or we may not read it`);
}

/** The image for the platform, out of an index or as it is; undefined where there is none. */
export async function findImage(
  { registry, repository }: Place,
  named: FetchedManifest,
  { reference, platform }: Wanted,
): Promise<FetchedImage | undefined> {
  if (named.kind === 'image') return named;
  const child = childFor(named.index.manifests, platform);
  const image = child && (await findManifest(registry, repository, child.digest));
  if (image?.kind === 'index') throw new ImageError(`${formatReference(reference)} is an index of indexes`);
  return image;
}

function noImage(named: FetchedManifest, { reference, platform }: Wanted): never {
  const children = named.kind === 'index' ? named.index.manifests : [];
  const has = children.map((each) => each.platform && formatPlatform(each.platform)).filter(Boolean);
  throw new ImageError(
    `${formatReference(reference)} has no image for ${formatPlatform(platform)}; it has ${has.join(', ') || 'none'}`,
  );
}

async function readImage(
  { registry, repository }: Place,
  { manifest }: FetchedImage,
  { reference, platform }: Wanted,
): ReturnType<BaseImage['image']> {
  const bytes = await readBlob(registry, repository, manifest.config.digest);
  const config = JSON.parse(bytes.toString()) as ImageConfig;
  if (config.architecture && (config.architecture !== platform.architecture || config.os !== platform.os)) {
    throw new ImageError(
      `${formatReference(reference)} is an image for ${formatPlatform(config)}, and ${formatPlatform(platform)} is wanted`,
    );
  }
  return { manifest, config };
}

function childFor(children: Descriptor[], wanted: Platform): Descriptor | undefined {
  const matching = children.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  // A variant that was not asked for is taken as it comes: arm64 and arm64/v8 are the same thing.
  const exact = matching.find(({ platform }) => platform?.variant === wanted.variant);
  return exact ?? (wanted.variant ? undefined : matching[0]);
}
