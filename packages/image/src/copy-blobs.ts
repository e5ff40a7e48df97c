import type { Descriptor } from './manifest.ts';
import { hasBlob, mountBlob, streamBlob } from './registry/blobs.ts';
import type { Registry } from './registry/registry.ts';
import { uploadStream } from './registry/upload.ts';
import type { Progress } from './registry/upload.ts';

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
  onProgress?: Progress,
): Promise<number> {
  const isSameRegistry = from.registry === to.registry;
  if (isSameRegistry && from.repository === to.repository) return 0;
  // Layers that may not be redistributed stay where their `urls` say.
  if (/foreign|nondistributable/.test(blob.mediaType)) return 0;
  if (isSameRegistry && (await mountBlob(to.registry, to.repository, blob.digest, from.repository))) return 0;
  if (await hasBlob(to.registry, to.repository, blob.digest)) return 0;
  const source = {
    sizeBytes: blob.size,
    open: () => ({
      chunks: streamBlob(from.registry, from.repository, blob.digest),
      digest: () => blob.digest,
    }),
  };
  return (await uploadStream(to.registry, to.repository, source, onProgress)).sentBytes;
}

/** Copies blobs a few at a time, each once. Returns the bytes sent. */
export async function copyBlobs(
  from: Place,
  to: Place,
  blobs: readonly Descriptor[],
  onProgress?: Progress,
): Promise<number> {
  const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  const left = distinct.values();
  let sentBytes = 0;
  const worker = async () => {
    for (const blob of left) {
      let counted = 0;
      sentBytes += await copyBlob(from, to, blob, (sent) => {
        onProgress?.(sent - counted);
        counted = sent;
      });
    }
  };
  // A mount is one small request; sixteen of them fill the connections that we keep.
  await Promise.all(Array.from({ length: Math.min(16, distinct.length) }, worker));
  return sentBytes;
}
