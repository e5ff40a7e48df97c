import type { BaseImage } from './base.ts';
import type { ConfigEdits } from './config.ts';
import { copyBlobs } from './copy-blobs.ts';
import { imageBytes, inputsDigest, inputsLabel, makeImage, requireSize } from './finished-image.ts';
import type { Json } from './manifest.ts';
import { mayBeAmong, prepareLayer } from './prepare-layer.ts';
import type { Layer, PreparedLayer } from './prepare-layer.ts';
import { findLayer, findPrevious } from './previous.ts';
import type { Previous } from './previous.ts';
import { nameOfBlob } from './progress.ts';
import type { OnProgress } from './progress.ts';
import { putManifest, putTags } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';
import { uploadBytes } from './registry/upload.ts';
import { sendLayer } from './send-layer.ts';
import type { SentLayer } from './send-layer.ts';

/** An image to be made of a base and our layers. */
export type Append = {
  /** Opened on the very registry of `to` where it is the same one: its layers are then mounted. */
  base: BaseImage;
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
  layers: readonly Layer[];
  edits: ConfigEdits;
  /** An image that would be larger, as a registry counts, is refused before it is tagged. */
  maxBytes?: number;
  /**
   * Whether an earlier image, by its digest, was made by somebody who is trusted. Where this is asked, what else lies in
   * the registry under our names is neither taken nor built upon: who may push could have put it there.
   */
  trusts?: (digest: string) => Promise<boolean>;
  /** Called before the tags are put, so that a tag never names an image without what belongs to it. */
  attach?: (image: Appended) => Promise<void>;
  /** Told of each layer, ours by its `createdBy` and the base's as `base layer …`. */
  onProgress?: OnProgress;
};

export type Appended = {
  digest: string;
  mediaType: string;
  manifestBytes: number;
  /** Config and layers, as sent: what a registry counts. */
  sizeBytes: number;
  /** Layers and config that really had to be sent. */
  pushedBytes: number;
  /** True where the very same image was there and nothing was sent. */
  reused: boolean;
  /** What to pin the base to. */
  baseDigest: string;
  /** Ours, in the order they were given. */
  layers: SentLayer[];
};

/**
 * Puts layers on a base image, in the registry: nothing of the base is pulled, nothing is written to disk. The same
 * inputs give the same digest. The manifest is put last, so that whatever fails leaves no half-pushed tag.
 * @throws ImageError
 */
export async function appendToImage(append: Append): Promise<Appended> {
  const { base, to, onProgress = () => undefined } = append;
  // All that can begin without knowing anything else begins now.
  base.place.registry.warm(2);
  to.registry.warm(4);
  const prepared = append.layers.map((layer) => prepareLayer(layer));
  const naming = nameImage(append, prepared);
  const looking = naming.then(([tag]) => (tag ? findPrevious(to.registry, to.repository, tag) : undefined));
  const [baseDigest, tags, named] = await Promise.all([base.digest(), naming, looking]);
  const isTrusted = named && (!append.trusts || (await append.trusts(named.found.digest)));
  const previous = isTrusted ? named : undefined;
  const reused = previous && (await reusePrevious(append, tags, previous, prepared, baseDigest));
  if (reused) return reused;

  const copying = base.image().then(({ manifest }) => {
    // Known before much is sent; our own layers are counted when they are packed.
    requireSize(imageBytes(manifest), append.maxBytes);
    const there = new Set(previous?.manifest.layers.map(({ digest }) => digest));
    for (const blob of manifest.layers)
      if (there.has(blob.digest))
        onProgress({ of: `base ${nameOfBlob(blob)}`, state: 'there', sentBytes: 0, totalBytes: blob.size });
    const missing = manifest.layers.filter(({ digest }) => !there.has(digest));
    return copyBlobs(base.place, to, missing, (progress) =>
      onProgress({ ...progress, of: `base ${progress.of}` }),
    );
  });
  const sending = prepared.map((layer) => sendLayer(to, layer, previous, onProgress));
  const identities = sending.map(({ identity }) => identity);
  const making = Promise.all([base.image(), ...identities]).then(([basis, ...ours]) =>
    makeImage(append, basis, baseDigest, ours),
  );
  const configuring = uploadBytes(
    to.registry,
    to.repository,
    making.then(({ config }) => config),
  );
  const [image, copiedBytes, , ...sentBytes] = await Promise.all([
    making,
    copying,
    configuring,
    ...sending.map((each) => each.sentBytes),
  ]);
  requireSize(image.sizeBytes, append.maxBytes);

  const { digest, mediaType, size: manifestBytes } = image.manifest.descriptor;
  const pushedBytes = sentBytes.reduce((sum, bytes) => sum + bytes, copiedBytes + image.config.bytes.length);
  const { sizeBytes } = image;
  const made = {
    digest,
    mediaType,
    manifestBytes,
    sizeBytes,
    pushedBytes,
    reused: false,
    baseDigest,
    layers: image.layers,
  };
  // A tag that names this very image need not be put, and may be immutable.
  const missing = named?.found.digest === digest ? tags.slice(1) : tags;
  await publish(append, missing, image.manifest, made);
  return made;
}

/** All tags of the image, the one of its inputs first. */
async function nameImage(append: Append, prepared: readonly PreparedLayer[]): Promise<readonly string[]> {
  const { tags, contentTag } = append.to;
  if (!contentTag) return tags;
  const [baseDigest, ...measured] = await Promise.all([
    append.base.digest(),
    ...prepared.map((layer) => layer.diffId()),
  ]);
  return [contentTag(inputsDigest(append, baseDigest, measured)), ...tags];
}

/** The earlier image, if it is what these inputs make. */
async function reusePrevious(
  append: Append,
  tags: readonly string[],
  previous: Previous,
  prepared: readonly PreparedLayer[],
  baseDigest: string,
): Promise<Appended | undefined> {
  const label = previous.config.config?.Labels?.[inputsLabel];
  // Large layers are read only where they may turn out to be the same: where there is one of their size.
  const sizes = new Set(previous.manifest.layers.map(({ size }) => size));
  if (!label || prepared.some((layer) => !mayBeAmong(sizes, layer))) return undefined;
  const measured = await Promise.all(prepared.map((layer) => layer.diffId()));
  if (inputsDigest(append, baseDigest, measured) !== label) return undefined;
  const { digest, mediaType, bytes } = previous.found;
  await putTags(append.to.registry, append.to.repository, previous.found, tags.slice(1));
  const layers = measured.map((diffId): SentLayer => {
    const layer = findLayer(previous, diffId);
    return { diffId, digest: layer?.digest ?? '', sizeBytes: layer?.size ?? 0 };
  });
  const about = { digest, mediaType, manifestBytes: bytes.length, baseDigest, layers };
  return { ...about, sizeBytes: imageBytes(previous.manifest), pushedBytes: 0, reused: true };
}

async function publish(
  { to, attach }: Append,
  tags: readonly string[],
  manifest: Json,
  made: Appended,
): Promise<void> {
  if (attach || tags.length === 0) await putManifest(to.registry, to.repository, made.digest, manifest);
  await attach?.(made);
  for (const tag of tags) await putManifest(to.registry, to.repository, tag, manifest);
}
