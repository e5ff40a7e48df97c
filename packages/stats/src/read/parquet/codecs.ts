import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { kernels, letGo, memoryBytes, scratch, scratchTop } from '../../kernels/kernels.ts';
import { DamagedParquet } from './damaged.ts';
import { unlz4Hadoop } from './lz4.ts';

/** Undoes a page's compression at `place` in the kernels' memory, where it must give just `size` bytes. @throws DamagedParquet */
type Codec = (input: Uint8Array, place: number, size: number) => void;

/** What hyparquet's metadata name, by how it is undone. */
export const CODECS: Readonly<Record<string, Codec>> = {
  UNCOMPRESSED: (input, place, size) => put(input, place, size),
  SNAPPY: byKernel((_, from, end, into, full) =>
    kernels().unsnappy(from, end, into, full) === 1 ? full - into : -1,
  ),
  GZIP: byNode(gunzipSync),
  ZSTD: byNode(zstdDecompressSync),
  BROTLI: byNode(brotliDecompressSync),
  LZ4_RAW: byKernel((_, from, end, into, full) => kernels().unlz4(from, end, into, full)),
  LZ4: byKernel((input, from, _, into, full) => unlz4Hadoop(input, from, into, full)),
};

/** Returns how many bytes it gave, −1 when the input, which lies at [from, end) too, is damaged. */
type Unpack = (input: Uint8Array, from: number, end: number, into: number, full: number) => number;

function byKernel(unpack: Unpack): Codec {
  return (input, place, size) => {
    const since = scratchTop();
    const from = scratch(input.length);
    memoryBytes().set(input, from);
    const made = unpack(input, from, from + input.length, place, place + size);
    letGo(since);
    if (made < 0)
      throw new DamagedParquet(`a page's compression is damaged, or gives more than ${size} bytes`);
    requireSize(made, size);
  };
}

type NodeOptions = { maxOutputLength: number; chunkSize: number };

function byNode(decompress: (input: Uint8Array, options: NodeOptions) => Buffer): Codec {
  return (input, place, size) => {
    let made: Buffer;
    try {
      // With room for all of it in one chunk, nothing is put together from pieces.
      made = decompress(input, { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) });
    } catch (cause) {
      throw new DamagedParquet(`a page's compression is damaged (${(cause as Error).message})`, { cause });
    }
    put(made, place, size);
  };
}

function put(bytes: Uint8Array, place: number, size: number): void {
  requireSize(bytes.length, size);
  memoryBytes().set(bytes, place);
}

function requireSize(made: number, size: number): void {
  if (made !== size)
    throw new DamagedParquet(`a page unpacks to ${made} bytes where its header says ${size}`);
}
