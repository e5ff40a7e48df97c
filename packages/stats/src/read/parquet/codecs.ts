import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { DamagedParquet } from './damaged.ts';
import { unlz4, unlz4Hadoop } from './lz4.ts';
import { unsnappy } from './snappy.ts';

/** Undoes a page's compression, in `room`, which has just the length that the page's header promises, or in bytes of its own. */
type Codec = (input: Uint8Array, room: Uint8Array) => Uint8Array;

/** What hyparquet's metadata name, by how it is undone. */
export const CODECS: Readonly<Record<string, Codec>> = {
  SNAPPY(input, room) {
    unsnappy(input, room);
    return room;
  },
  GZIP: byNode(gunzipSync),
  ZSTD: byNode(zstdDecompressSync),
  BROTLI: byNode(brotliDecompressSync),
  LZ4_RAW: (input, room) => checked(room, unlz4(input, room), room),
  LZ4: (input, room) => checked(room, unlz4Hadoop(input, room), room),
};

type NodeOptions = { maxOutputLength: number; chunkSize: number };

function byNode(decompress: (input: Uint8Array, options: NodeOptions) => Buffer): Codec {
  return (input, room) => {
    let made: Buffer;
    try {
      // With room for all of it in one chunk, nothing is put together from pieces.
      made = decompress(input, {
        maxOutputLength: Math.max(1, room.length),
        chunkSize: Math.max(64, room.length + 1),
      });
    } catch (cause) {
      throw new DamagedParquet(`a page's compression is damaged (${(cause as Error).message})`, { cause });
    }
    return checked(made, made.length, room);
  };
}

function checked(bytes: Uint8Array, made: number, room: Uint8Array): Uint8Array {
  if (made === room.length) return bytes;
  throw new DamagedParquet(`a page unpacks to ${made} bytes where its header says ${room.length}`);
}
