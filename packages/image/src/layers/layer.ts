import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import type { Compression } from '../media-types.ts';
import type { LayerEntry } from './file-tree.ts';
import { gzip } from './gzip.ts';
import { tarSize, tarStream } from './tar-stream.ts';

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

/** Packs a layer while it is read. Every call gives the same bytes for the same files. */
export function openLayer({ entries, compression }: FileLayer): LayerStream {
  const diff = createHash('sha256');
  const packed = createHash('sha256');
  let sizeBytes = 0;
  let digests: LayerDigests | undefined;
  async function* chunks(): AsyncGenerator<Buffer> {
    if (compression === 'none') {
      for await (const chunk of tarStream(entries)) {
        diff.update(chunk);
        sizeBytes += chunk.length;
        yield chunk;
      }
      const diffId = `sha256:${diff.digest('hex')}`;
      digests = { digest: diffId, diffId, sizeBytes };
      return;
    }
    const raw = hashed(tarStream(entries), diff);
    for await (const chunk of compression === 'gzip' ? gzip(raw) : zstd(raw)) {
      packed.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
    digests = { digest: `sha256:${packed.digest('hex')}`, diffId: `sha256:${diff.digest('hex')}`, sizeBytes };
  }
  return {
    chunks: chunks(),
    digests() {
      if (!digests) throw new Error('a layer has no digests before its last chunk is taken');
      return digests;
    },
  };
}

/** Reads a whole layer for its digests alone. */
export async function measureLayer(layer: FileLayer): Promise<LayerDigests> {
  const stream = openLayer(layer);
  for await (const chunk of stream.chunks) void chunk;
  return stream.digests();
}

async function* hashed(
  source: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function zstd(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  // The callback is needed, not its news: an error of the source arrives at whoever reads `compress`.
  pipeline(Readable.from(source), compress, () => undefined);
  return compress;
}
