import type { Descriptor } from './manifest.ts';
import { nameOfBlob } from './progress.ts';
import type { OnProgress, Progress } from './progress.ts';
import { hasBlob, mountBlob, streamBlob } from './registry/blobs.ts';
import type { Registry } from './registry/registry.ts';
import { uploadStream } from './registry/upload.ts';

/** One side of a copy. */
export type Place = { registry: Registry; repository: string };

/**
 * Makes a blob be where it is wanted: found there, mounted from the same registry, or streamed from the other one
 * without touching the disk. Returns the bytes that had to be sent.
 */
export async function copyBlob(
  from: Place,
  to: Place,
  blob: Descriptor,
  onProgress: OnProgress = () => undefined,
): Promise<number> {
  const tell = (state: Progress['state'], sentBytes = 0) =>
    onProgress({ of: nameOfBlob(blob), state, sentBytes, totalBytes: blob.size });
  const isSameRegistry = from.registry === to.registry;
  // Layers that may not be redistributed stay where their `urls` say.
  if (/foreign|nondistributable/.test(blob.mediaType)) return 0;
  if (isSameRegistry && from.repository === to.repository) tell('there');
  else if (isSameRegistry && (await mountBlob(to.registry, to.repository, blob.digest, from.repository)))
    tell('mounted');
  else if (await hasBlob(to.registry, to.repository, blob.digest)) tell('there');
  else {
    tell('sending');
    const source = {
      sizeBytes: blob.size,
      open: () => ({
        chunks: streamBlob(from.registry, from.repository, blob),
        digest: () => blob.digest,
      }),
    };
    const { sentBytes } = await uploadStream(to.registry, to.repository, source, (bytes) =>
      tell('sending', bytes),
    );
    tell('sent', sentBytes);
    return sentBytes;
  }
  return 0;
}

/** Copies blobs a few at a time, each once. Returns the bytes sent. */
export async function copyBlobs(
  from: Place,
  to: Place,
  blobs: readonly Descriptor[],
  onProgress?: OnProgress,
): Promise<number> {
  const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const left = distinct.values();
  let sentBytes = 0;
  const worker = async () => {
    for (const blob of left) {
      const sent = await copyBlob(from, to, blob, onProgress);
      sentBytes += sent;
    }
  };
  // A mount is one small request; sixteen of them fill the connections that we keep.
  await Promise.all(Array.from({ length: Math.min(16, distinct.length) }, worker));
  return sentBytes;
}
