import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { DamagedParquet } from './damaged.ts';
import { unlz4, unlz4Hadoop } from './lz4.ts';
import { unsnappy } from './snappy.ts';

/** Undoes a page's compression into `output`, which has just the length that the page's header promises. */
type Codec = (input: Uint8Array, output: Uint8Array) => void;

/** What hyparquet's metadata name, by how it is undone. */
export const CODECS: Readonly<Record<string, Codec>> = {
  SNAPPY: unsnappy,
  GZIP: byNode((input, limit) => gunzipSync(input, { maxOutputLength: limit })),
  ZSTD: byNode((input, limit) => zstdDecompressSync(input, { maxOutputLength: limit })),
  BROTLI: byNode((input, limit) => brotliDecompressSync(input, { maxOutputLength: limit })),
  LZ4_RAW: (input, output) => checkLength(unlz4(input, output), output),
  LZ4: (input, output) => checkLength(unlz4Hadoop(input, output), output),
};

function byNode(decompress: (input: Uint8Array, limit: number) => Buffer): Codec {
  return (input, output) => {
    let made: Buffer;
    try {
      made = decompress(input, Math.max(1, output.length));
    } catch (cause) {
      throw new DamagedParquet(`a page's compression is damaged (${(cause as Error).message})`, { cause });
    }
    checkLength(made.length, output);
    output.set(made);
  };
}

function checkLength(made: number, output: Uint8Array): void {
  if (made === output.length) return;
  throw new DamagedParquet(`a page unpacks to ${made} bytes where its header says ${output.length}`);
}
