import { choosePlatform, findBase, formatPlatform } from './base.ts';
import type { Base } from './base.ts';
import { editConfig } from './config.ts';
import type { ConfigEdits } from './config.ts';
import { copyBlobs } from './copy-blobs.ts';
import type { FileLayer } from './layers/layer.ts';
import { describeJson, sha256 } from './manifest.ts';
import type { FetchedManifest, ImageManifest, Platform } from './manifest.ts';
import { layerMediaType } from './media-types.ts';
import { findLayer, findPrevious } from './previous.ts';
import type { Previous } from './previous.ts';
import { formatReference } from './reference.ts';
import type { Reference } from './reference.ts';
import { findDigest, putManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';
import { uploadBytes } from './registry/upload.ts';
import type { Progress } from './registry/upload.ts';
import { mayBeAmong, measureOnce, reuseLayer, sendLayer } from './send-layer.ts';
import type { DiffId, SentLayer } from './send-layer.ts';

/** An image to be made of a base and our layers. */
export type Append = {
  base: Reference;
  /** Where the base is read. The same object as `to.registry` where it is the same registry. */
  baseRegistry: Registry;
  to: {
    registry: Registry;
    repository: string;
    /** Without a tag the image is known by its digest only. */
    tags: readonly string[];
    /**
     * A tag made of the digest of all inputs. Where it is given, an earlier build is looked for under it; otherwise
     * under the first of `tags`.
     */
    contentTag?: (inputsDigest: string) => string;
  };
  platform: Platform;
  layers: readonly FileLayer[];
  edits: ConfigEdits;
  /** Called before the tags are put, so that a tag never names an image without what belongs to it. */
  attach?: (image: { digest: string; mediaType: string; size: number }) => Promise<void>;
  onProgress?: Progress;
};

export type Appended = {
  digest: string;
  mediaType: string;
  /** Config and layers, as sent: what a registry counts. */
  sizeBytes: number;
  /** Layers and config that really had to be sent. */
  pushedBytes: number;
  /** True where the very same image was there and nothing was sent. */
  reused: boolean;
  /** What to pin the base to. */
  baseDigest: string;
  layers: SentLayer[];
};

/** The label by which a later build knows that it would make the same image. */
const inputsLabel = 'ai.tidegate.inputs';

/**
 * Puts layers on a base image, in the registry: nothing of the base is pulled, nothing is written to disk. The same
 * inputs give the same digest. The manifest is put last, so that whatever fails leaves no half-pushed tag.
 * @throws ImageError
 */
export async function appendToImage(append: Append): Promise<Appended> {
  const { base, baseRegistry, to, platform, layers } = append;
  // All that can begin without knowing anything else begins now.
  const diffIds = layers.map((layer) => measureOnce(layer));
  const finding = base.digest ? undefined : findBase(baseRegistry, base);
  const naming = nameImage(append, finding, diffIds);
  const looking = naming.then(([tag]) => (tag ? findPrevious(to.registry, to.repository, tag) : undefined));
  const [found, tags, previous] = await Promise.all([finding, naming, looking]);
  const baseDigest = base.digest ?? found?.digest ?? '';
  const reused = previous && (await reusePrevious(append, tags, previous, diffIds, baseDigest));
  if (reused) return reused;

  const choosing = Promise.resolve(found ?? findBase(baseRegistry, base)).then((each) =>
    choosePlatform(baseRegistry, base, each, platform),
  );
  const copying = choosing.then(({ manifest }) => {
    const there = new Set(previous?.manifest.layers.map(({ digest }) => digest));
    const missing = manifest.layers.filter(({ digest }) => !there.has(digest));
    return copyBlobs({ registry: baseRegistry, repository: base.repository }, to, missing, append.onProgress);
  });
  const sending = layers.map(async (layer, index): Promise<SentLayer> => {
    const diffId = diffIds[index] ?? measureOnce(layer);
    const known = previous && (await reuseLayer(previous, layer, diffId));
    return known ?? sendLayer(to, layer, diffId, append.onProgress ?? (() => undefined));
  });
  const making = Promise.all([choosing, Promise.all(sending)]).then(([basis, sent]) =>
    makeImage(append, basis, sent),
  );
  const configuring = uploadBytes(
    to.registry,
    to.repository,
    making.then(({ config }) => config),
  );
  const [image, copiedBytes] = await Promise.all([making, copying, configuring]);
  await publish(append, tags, image.manifest);
  const layerBytes = image.layers.reduce((sum, layer) => sum + layer.sentBytes, 0);
  return {
    digest: image.manifest.descriptor.digest,
    mediaType: image.manifest.descriptor.mediaType,
    sizeBytes: image.sizeBytes,
    pushedBytes: layerBytes + copiedBytes + image.config.bytes.length,
    reused: false,
    baseDigest,
    layers: image.layers,
  };
}

type Json = ReturnType<typeof describeJson>;

/** All tags of the image, the one of its inputs first. */
async function nameImage(
  append: Append,
  finding: Promise<FetchedManifest> | undefined,
  diffIds: readonly DiffId[],
): Promise<readonly string[]> {
  const { tags, contentTag } = append.to;
  if (!contentTag) return tags;
  const [found, ...measured] = await Promise.all([finding, ...diffIds.map((measure) => measure())]);
  return [contentTag(inputsDigest(append, append.base.digest ?? found?.digest ?? '', measured)), ...tags];
}

/** The manifest and configuration of the finished image. */
function makeImage(append: Append, basis: Base, sent: SentLayer[]) {
  const { base, layers, edits } = append;
  const inputs = inputsDigest(
    append,
    basis.digest,
    sent.map(({ diffId }) => diffId),
  );
  const labels = {
    ...edits.labels,
    [inputsLabel]: inputs,
    'org.opencontainers.image.base.digest': basis.digest,
    'org.opencontainers.image.base.name': formatReference({ ...base, digest: '' }),
  };
  const added = sent.map(({ diffId }, index) => ({ diffId, createdBy: layers[index]?.createdBy ?? '' }));
  const config = describeJson(
    editConfig(basis.config, added, { ...edits, labels }),
    basis.manifest.config.mediaType,
  );
  const type = basis.manifest.mediaType;
  const manifest: ImageManifest = {
    ...basis.manifest,
    config: config.descriptor,
    layers: [
      ...basis.manifest.layers,
      ...sent.map(({ digest, sizeBytes, mediaType }, index) => ({
        mediaType: mediaType ?? layerMediaType(type, layers[index]?.compression ?? 'none'),
        digest,
        size: sizeBytes,
      })),
    ],
  };
  return {
    manifest: describeJson(manifest, type),
    config: { bytes: config.bytes, digest: config.descriptor.digest },
    layers: sent,
    sizeBytes: imageBytes(manifest),
  };
}

/** The earlier image, if it is what these inputs make. */
async function reusePrevious(
  append: Append,
  tags: readonly string[],
  previous: Previous,
  diffIds: readonly DiffId[],
  baseDigest: string,
): Promise<Appended | undefined> {
  const label = previous.config.config?.Labels?.[inputsLabel];
  // Large layers are read only where they may turn out to be the same: where there is one of their size.
  const sizes = new Set(previous.manifest.layers.map(({ size }) => size));
  if (!label || append.layers.some((layer) => !mayBeAmong(sizes, layer))) return undefined;
  const measured = await Promise.all(diffIds.map((measure) => measure()));
  if (inputsDigest(append, baseDigest, measured) !== label) return undefined;
  const { digest, mediaType, bytes } = previous.found;
  for (const tag of tags.slice(1)) {
    const { registry, repository } = append.to;
    if ((await findDigest(registry, repository, tag)) === digest) continue;
    await putManifest(registry, repository, tag, {
      bytes,
      descriptor: { digest, mediaType, size: bytes.length },
    });
  }
  const layers = measured.map((diffId): SentLayer => {
    const layer = findLayer(previous, diffId);
    return { diffId, digest: layer?.digest ?? '', sizeBytes: layer?.size ?? 0, sentBytes: 0 };
  });
  const sizeBytes = imageBytes(previous.manifest);
  return { digest, mediaType, sizeBytes, pushedBytes: 0, reused: true, baseDigest, layers };
}

async function publish({ to, attach }: Append, tags: readonly string[], manifest: Json): Promise<void> {
  const { digest, mediaType, size } = manifest.descriptor;
  if (attach || tags.length === 0) await putManifest(to.registry, to.repository, digest, manifest);
  await attach?.({ digest, mediaType, size });
  for (const tag of tags) await putManifest(to.registry, to.repository, tag, manifest);
}

/** Names all that the image is made of; the version is that of the way we make it. */
function inputsDigest(
  { platform, layers, edits }: Append,
  baseDigest: string,
  diffIds: readonly string[],
): string {
  const made = layers.map(({ compression, createdBy }, index) => ({
    diffId: diffIds[index],
    compression,
    createdBy,
  }));
  return sha256(
    JSON.stringify({ version: 1, base: baseDigest, platform: formatPlatform(platform), layers: made, edits }),
  );
}

function imageBytes({ config, layers }: ImageManifest): number {
  return layers.reduce((sum, { size }) => sum + size, config.size);
}
