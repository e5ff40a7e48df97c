import type { Place } from './copy-blobs.ts';
import type { Archive } from './layers/archive.ts';
import { layerSize, openLayer } from './layers/layer.ts';
import type { FileLayer, LayerDigests } from './layers/layer.ts';
import { mayBeAmong } from './prepare-layer.ts';
import type { PreparedLayer } from './prepare-layer.ts';
import { findLayer } from './previous.ts';
import type { Previous } from './previous.ts';
import type { OnProgress, Progress } from './progress.ts';
import { hasBlob } from './registry/blobs.ts';
import { uploadBytes, uploadStream } from './registry/upload.ts';

/** A layer of the finished image; it keeps its media type where it was not made by us. */
export type SentLayer = LayerDigests & { mediaType?: string };

/** A layer on its way. Its digests are known before it has arrived, so that what names it can be sent meanwhile. */
export type Sending = { identity: Promise<SentLayer>; sentBytes: Promise<number> };

/**
 * Packs and sends a layer at once; what the earlier image has, or the registry is known to have, is not sent.
 * Of a layer that its caller knows to be there nothing is told: whoever put it there has.
 */
export function sendLayer(
  to: Place,
  prepared: PreparedLayer,
  previous: Previous | undefined,
  onProgress: OnProgress,
): Sending {
  let identify: (layer: SentLayer) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const identity = new Promise<SentLayer>((resolve, reject) => {
    identify = resolve;
    fail = reject;
  });
  identity.catch(() => undefined);
  const of = prepared.layer.createdBy;
  const tell: Listeners['tell'] = (state, totalBytes, sentBytes = 0) =>
    onProgress({ of, state, sentBytes, totalBytes });
  const sentBytes = send(to, prepared, previous, { identify, tell });
  sentBytes.catch((error: unknown) => fail(error));
  return { identity, sentBytes };
}

type Listeners = {
  identify: (layer: SentLayer) => void;
  tell: (state: Progress['state'], totalBytes: number | undefined, sentBytes?: number) => void;
};

async function send(
  to: Place,
  prepared: PreparedLayer,
  previous: Previous | undefined,
  { identify, tell }: Listeners,
): Promise<number> {
  const { layer } = prepared;
  if ('digests' in layer) {
    identify({ ...layer.digests, mediaType: layer.mediaType });
    return 0;
  }
  const known = await findKnown(to, prepared, previous);
  if (known) {
    identify(known);
    tell('there', known.sizeBytes);
    return 0;
  }
  const { archive } = prepared;
  if (!archive) return sendStream(to, layer, { identify, tell });
  const packing = packInMemory(layer, archive);
  const announce = ({ digests }: { digests: LayerDigests }) => {
    identify(digests);
    tell('sending', digests.sizeBytes);
  };
  // A failure to pack is told by the upload, which waits for it.
  packing.then(announce, () => undefined);
  await uploadBytes(to.registry, to.repository, packing);
  const { sizeBytes } = (await packing).digests;
  tell('sent', sizeBytes, sizeBytes);
  return sizeBytes;
}

/** The layer as the earlier image has it, or as the registry is known to have it. */
async function findKnown(
  to: Place,
  prepared: PreparedLayer,
  previous: Previous | undefined,
): Promise<SentLayer | undefined> {
  if (previous && mayBeAmong(new Set(previous.manifest.layers.map(({ size }) => size)), prepared)) {
    const diffId = await prepared.diffId();
    const known = findLayer(previous, diffId);
    if (known) return { digest: known.digest, diffId, sizeBytes: known.size, mediaType: known.mediaType };
  }
  return findRaw(to, prepared);
}

/** Bytes that are sent as they are have one digest for both purposes: where it is known, the registry can be asked. */
async function findRaw(to: Place, prepared: PreparedLayer): Promise<SentLayer | undefined> {
  const { layer } = prepared;
  const sizeBytes = 'entries' in layer ? layerSize(layer) : undefined;
  // A small one is sent as soon as the answer would be here.
  if (sizeBytes === undefined || prepared.archive || !prepared.isMeasured) return undefined;
  const diffId = await prepared.diffId();
  const isThere = await hasBlob(to.registry, to.repository, diffId);
  return isThere ? { digest: diffId, diffId, sizeBytes } : undefined;
}

async function sendStream(to: Place, layer: FileLayer, { identify, tell }: Listeners): Promise<number> {
  const totalBytes = layerSize(layer);
  const source = {
    sizeBytes: totalBytes,
    open() {
      const stream = openLayer(layer, { buffers: 'lent' });
      return {
        chunks: stream.chunks,
        digest: () => {
          const digests = stream.digests();
          identify(digests);
          return digests.digest;
        },
      };
    },
  };
  tell('sending', totalBytes);
  const { sentBytes } = await uploadStream(to.registry, to.repository, source, (bytes) =>
    tell('sending', totalBytes, bytes),
  );
  tell('sent', sentBytes, sentBytes);
  return sentBytes;
}

async function packInMemory(
  layer: FileLayer,
  archive: Archive,
): Promise<{ bytes: Buffer[]; digest: string; digests: LayerDigests }> {
  const stream = openLayer(layer, { archive });
  const chunks: Buffer[] = [];
  for await (const chunk of stream.chunks) chunks.push(chunk);
  const digests = stream.digests();
  return { bytes: chunks, digest: digests.digest, digests };
}
