import { createHash } from 'node:crypto';
import { ImageError } from './errors.ts';
import { media } from './media-types.ts';
import { digestPattern } from './reference.ts';

export type Platform = { os: string; architecture: string; variant?: string };

export type Descriptor = {
  mediaType: string;
  digest: string;
  size: number;
  platform?: Platform;
  artifactType?: string;
  annotations?: Record<string, string>;
};

export type ImageManifest = {
  schemaVersion: 2;
  mediaType: string;
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
};

export type ImageIndex = {
  schemaVersion: 2;
  mediaType: string;
  manifests: Descriptor[];
  annotations?: Record<string, string>;
};

type Fetched = { bytes: Buffer; digest: string; mediaType: string };
export type FetchedImage = Fetched & { kind: 'image'; manifest: ImageManifest };

/** A manifest as it was read: the bytes that its digest is of, and what they say. */
export type FetchedManifest = FetchedImage | (Fetched & { kind: 'index'; index: ImageIndex });

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** JSON's bytes with the descriptor that names them. */
export type Json = { bytes: Buffer; descriptor: Descriptor };

export function describeJson(value: unknown, mediaType: string): Json {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.length } };
}

/**
 * Reads a manifest's bytes. `named` is how it was asked for, for messages; `contentType` helps where the bytes do not
 * say their own type.
 * @throws ImageError where it is not a manifest that we know.
 */
export function parseManifest(
  bytes: Buffer,
  contentType: string | undefined,
  named: string,
): FetchedManifest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    throw new ImageError(`the manifest of ${named} is not JSON`);
  }
  const {
    schemaVersion,
    mediaType: ownType,
    config,
    layers,
    manifests,
  } = (json ?? {}) as Record<string, unknown>;
  const usual = Array.isArray(manifests) ? media.ociIndex : media.ociManifest;
  const mediaType = typeof ownType === 'string' ? ownType : (contentType?.split(';')[0] ?? usual);
  if (schemaVersion !== 2)
    throw new ImageError(`the manifest of ${named} has schema version ${String(schemaVersion)}; 2 is needed`);
  const about = { bytes, digest: sha256(bytes), mediaType };
  if (Array.isArray(manifests)) {
    if (!manifests.every(isDescriptor))
      throw new ImageError(`the index ${named} names something without a digest`);
    return { ...about, kind: 'index', index: { ...(json as ImageIndex), mediaType } };
  }
  if (!isDescriptor(config) || !Array.isArray(layers) || !layers.every(isDescriptor)) {
    throw new ImageError(`${named} is a ${mediaType}, not an image with a config and layers`);
  }
  return { ...about, kind: 'image', manifest: { ...(json as ImageManifest), mediaType } };
}

function isDescriptor(value: unknown): value is Descriptor {
  const { digest, size } = (value ?? {}) as Partial<Descriptor>;
  return typeof digest === 'string' && digestPattern.test(digest) && Number.isSafeInteger(size);
}
