import { createHash } from 'node:crypto';
import { openLayer, layerSize } from './layers/layer.ts';
import type { FileLayer, LayerDigests } from './layers/layer.ts';
import { tarSize, tarStream } from './layers/tar-stream.ts';
import { findLayer } from './previous.ts';
import type { Previous } from './previous.ts';
import type { Place } from './copy-blobs.ts';
import { hasBlob } from './registry/blobs.ts';
import { uploadBytes, uploadStream } from './registry/upload.ts';
import type { Progress } from './registry/upload.ts';

/** A layer that is in the destination's repository already. */
export type KnownLayer = { digests: LayerDigests; mediaType: string; createdBy: string };

export type Layer = FileLayer | KnownLayer;

/** A layer of the finished image, and what it cost to bring it there. */
export type SentLayer = LayerDigests & { mediaType?: string; sentBytes: number };

// Up to here a layer is packed in memory while the upload is being opened, which saves a round trip.
const inMemoryBytes = 32 * 1024 * 1024;

/** The digest of a layer's bytes unpacked: read when it is first asked for, and once. */
export type DiffId = { (): Promise<string>; isKnown: boolean };

/** Small layers are measured at once, beside the first request; large ones when somebody needs to know. */
export function measureOnce(layer: Layer): DiffId {
  let measuring: Promise<string> | undefined;
  const diffId: DiffId = () => {
    diffId.isKnown = true;
    return (measuring ??= measureDiffId(layer));
  };
  diffId.isKnown = false;
  // Whoever asks is told of a failure; nobody may ever ask.
  if ('digests' in layer || isSmall(layer)) diffId().catch(() => undefined);
  return diffId;
}

/** Whether layers of these sizes may include this one; only what is sent as it is has a size before it is packed. */
export function mayBeAmong(sizes: ReadonlySet<number>, layer: Layer): boolean {
  const size = 'digests' in layer ? layer.digests.sizeBytes : layerSize(layer);
  return size === undefined || sizes.has(size);
}

/** A layer that the earlier image has already; undefined where it has to be sent. */
export async function reuseLayer(
  previous: Previous,
  layer: Layer,
  diffIdOf: DiffId,
): Promise<SentLayer | undefined> {
  if (!mayBeAmong(new Set(previous.manifest.layers.map(({ size }) => size)), layer)) return undefined;
  const diffId = await diffIdOf();
  const known = findLayer(previous, diffId);
  return (
    known && { digest: known.digest, diffId, sizeBytes: known.size, mediaType: known.mediaType, sentBytes: 0 }
  );
}

/** Packs and sends a layer at once; one whose digest is known already only where it is not there. */
export async function sendLayer(
  to: Place,
  layer: Layer,
  diffIdOf: DiffId,
  onProgress: Progress,
): Promise<SentLayer> {
  if ('digests' in layer) return { ...layer.digests, mediaType: layer.mediaType, sentBytes: 0 };
  if (layer.compression === 'none' && !isSmall(layer) && diffIdOf.isKnown) {
    const diffId = await diffIdOf();
    if (await hasBlob(to.registry, to.repository, diffId)) {
      return { digest: diffId, diffId, sizeBytes: tarSize(layer.entries), sentBytes: 0 };
    }
  }
  if (isSmall(layer)) {
    const packed = packInMemory(layer);
    await uploadBytes(
      to.registry,
      to.repository,
      packed.then(({ bytes, digests }) => ({ bytes, digest: digests.digest })),
    );
    const { digests } = await packed;
    onProgress(digests.sizeBytes);
    return { ...digests, sentBytes: digests.sizeBytes };
  }
  let digests: LayerDigests | undefined;
  const source = {
    sizeBytes: layerSize(layer),
    open() {
      const stream = openLayer(layer);
      return {
        chunks: stream.chunks,
        digest: () => {
          digests = stream.digests();
          return digests.digest;
        },
      };
    },
  };
  const { sentBytes } = await uploadStream(to.registry, to.repository, source, onProgress);
  if (!digests) throw new Error('an upload ended without a digest');
  return { ...digests, sentBytes };
}

async function packInMemory(layer: FileLayer): Promise<{ bytes: Buffer; digests: LayerDigests }> {
  const stream = openLayer(layer);
  const chunks: Buffer[] = [];
  for await (const chunk of stream.chunks) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), digests: stream.digests() };
}

async function measureDiffId(layer: Layer): Promise<string> {
  if ('digests' in layer) return layer.digests.diffId;
  const hash = createHash('sha256');
  for await (const chunk of tarStream(layer.entries)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

function isSmall(layer: FileLayer): boolean {
  return tarSize(layer.entries) <= inMemoryBytes;
}
