import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import type { Compression } from '../media-types.ts';
import type { Archive } from './archive.ts';
import type { LayerEntry } from './file-tree.ts';
import { gzip } from './gzip.ts';
import { tarSize } from './tar-header.ts';
import { tarStream } from './tar-stream.ts';

/** A layer to be made of files. */
export type FileLayer = {
  entries: readonly LayerEntry[];
  /** Code is best as gzip. Weights do not compress: as `none`, one hash serves for both digests. */
  compression: Compression;
  /** What `docker history` shows. */
  createdBy: string;
};

/** What identifies a finished layer: as it is sent (`digest`, `sizeBytes`), and as it is unpacked (`diffId`). */
export type LayerDigests = { digest: string; diffId: string; sizeBytes: number };

/** A layer on its way: the digests are known when the last chunk has been taken. */
export type LayerStream = { chunks: AsyncIterable<Buffer>; digests(): LayerDigests };

/** Bytes that will be sent, where that can be known before they are made. */
export function layerSize(layer: FileLayer): number | undefined {
  return layer.compression === 'none' ? tarSize(layer.entries) : undefined;
}

/**
 * Packs a layer while it is read, from its files or from the archive that is being made of them. Every call gives the same
 * bytes for the same files. Lent buffers are for who has written a chunk before asking for the next (see `tarStream`).
 */
export function openLayer(
  { entries, compression }: FileLayer,
  { archive, buffers = 'given' }: { archive?: Archive; buffers?: 'given' | 'lent' } = {},
): LayerStream {
  const raw = archive
    ? { chunks: archive.chunks(), digest: archive.digest }
    : // What compresses holds on to its input.
      hashed(tarStream(entries, compression === 'none' ? buffers : 'given'));
  const packed =
    compression === 'none' ? raw : hashed(compression === 'gzip' ? gzip(raw.chunks) : zstd(raw.chunks));
  let sizeBytes = 0;
  let isOver = false;
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of packed.chunks) {
      sizeBytes += chunk.length;
      yield chunk;
    }
    isOver = true;
  }
  return {
    chunks: chunks(),
    digests() {
      if (!isOver) throw new Error('a layer has no digests before its last chunk is taken');
      return { digest: packed.digest(), diffId: raw.digest(), sizeBytes };
    },
  };
}

/** Reads a whole layer for its digests alone. */
export async function measureLayer(layer: FileLayer): Promise<LayerDigests> {
  const stream = openLayer(layer, { buffers: 'lent' });
  for await (const chunk of stream.chunks) void chunk;
  return stream.digests();
}

type Chunks = AsyncIterable<Buffer> | Iterable<Buffer>;

function hashed(source: AsyncIterable<Buffer>): { chunks: AsyncIterable<Buffer>; digest(): string } {
  const hash = createHash('sha256');
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return { chunks: chunks(), digest: () => `sha256:${hash.copy().digest('hex')}` };
}

function zstd(source: Chunks): AsyncIterable<Buffer> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  // The callback is needed, not its news: an error of the source arrives at whoever reads `compress`.
  pipeline(Readable.from(source), compress, () => undefined);
  return compress;
}
