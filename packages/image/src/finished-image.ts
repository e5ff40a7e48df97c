import type { BaseImage } from './base.ts';
import { editConfig } from './config.ts';
import type { ConfigEdits, ImageConfig } from './config.ts';
import { ImageError } from './errors.ts';
import { describeJson, sha256 } from './manifest.ts';
import type { ImageManifest, Json } from './manifest.ts';
import { layerMediaType } from './media-types.ts';
import { formatPlatform } from './platform.ts';
import type { Layer } from './prepare-layer.ts';
import { formatReference } from './reference.ts';
import type { SentLayer } from './send-layer.ts';

/** The label by which a later build knows that it would make the same image. */
export const inputsLabel = 'ai.tidegate.inputs';

/** What an image is made of. */
export type Ingredients = { base: BaseImage; layers: readonly Layer[]; edits: ConfigEdits };

export type FinishedImage = {
  manifest: Json;
  config: { bytes: Buffer; digest: string };
  layers: SentLayer[];
  sizeBytes: number;
};

/** The manifest and configuration of a base with our layers on it. */
export function makeImage(
  ingredients: Ingredients,
  base: { manifest: ImageManifest; config: ImageConfig },
  baseDigest: string,
  sent: SentLayer[],
): FinishedImage {
  const { layers, edits } = ingredients;
  const { registry, repository, tag } = ingredients.base.reference;
  const labels = {
    ...edits.labels,
    [inputsLabel]: inputsDigest(
      ingredients,
      baseDigest,
      sent.map(({ diffId }) => diffId),
    ),
    'org.opencontainers.image.base.digest': baseDigest,
    'org.opencontainers.image.base.name': formatReference({ registry, repository, ...(tag && { tag }) }),
  };
  const added = sent.map(({ diffId }, index) => ({ diffId, createdBy: layers[index]?.createdBy ?? '' }));
  const config = describeJson(
    editConfig(base.config, added, { ...edits, labels }),
    base.manifest.config.mediaType,
  );
  const type = base.manifest.mediaType;
  const ours = sent.map(({ digest, sizeBytes, mediaType }, index) => {
    const layer = layers[index];
    const made = layerMediaType(type, layer && 'entries' in layer ? layer.compression : 'none');
    return { mediaType: mediaType ?? made, digest, size: sizeBytes };
  });
  const manifest = {
    ...base.manifest,
    config: config.descriptor,
    layers: [...base.manifest.layers, ...ours],
  };
  return {
    manifest: describeJson(manifest, type),
    config: { bytes: config.bytes, digest: config.descriptor.digest },
    layers: sent,
    sizeBytes: imageBytes(manifest),
  };
}

/** Names all that the image is made of; the version is that of the way we make it. */
export function inputsDigest(
  ingredients: Ingredients,
  baseDigest: string,
  diffIds: readonly string[],
): string {
  const { layers, edits, base } = ingredients;
  const made = layers.map((layer, index) => ({
    diffId: diffIds[index],
    compression: 'entries' in layer ? layer.compression : layer.digests.digest,
    createdBy: layer.createdBy,
  }));
  const inputs = {
    version: 1,
    base: baseDigest,
    platform: formatPlatform(base.platform),
    layers: made,
    edits,
  };
  return sha256(JSON.stringify(inputs));
}

export function imageBytes({ config, layers }: ImageManifest): number {
  return layers.reduce((sum, { size }) => sum + size, config.size);
}

/** @throws ImageError where an image is larger than it may be, both as a registry counts */
export function requireSize(bytes: number, maxBytes: number | undefined): void {
  if (maxBytes === undefined || bytes <= maxBytes) return;
  const [found, most] = [bytes, maxBytes].map((each) => (each / 1e9).toFixed(2));
  throw new ImageError(
    `the image is ${found} GB or more, and at most ${most} GB are allowed: use a smaller base, or raise the limit`,
  );
}
