import { crc32 } from 'node:zlib';
import type { RangeSource } from '../source.ts';
import { CODECS } from './codecs.ts';
import { DamagedParquet } from './damaged.ts';
import { readStruct } from './thrift.ts';
import type { Struct } from './thrift.ts';

/** Bytes that can be read anywhere: of a file, of memory, or ranges of an object in S3. */
export type RandomAccess = RangeSource;

const DATA_PAGE = 0;
export const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

/** A page, unpacked. Its bytes are valid until the next page is asked for. */
export type Page = {
  type: number;
  /** Values, missing ones included. */
  many: number;
  encoding: number;
  bytes: Uint8Array;
  /** Version 2 only: so many bytes of levels come first, without the length before them. */
  levelBytes?: number;
};

/** Reading more at once would not be faster; a page is seldom larger. */
const WINDOW = 4 << 20;
/** A header's statistics may hold long texts. */
const LONGEST_HEADER = 16 << 20;
const LARGEST_PAGE = 256 << 20;

/**
 * The pages of a column chunk, in bounded memory.
 * @throws DamagedParquet for headers that cannot be, and for pages that do not unpack to what they promise
 */
export async function* pagesOf(
  access: RandomAccess,
  chunk: { offset: number; length: number; codec: string; many: number },
): AsyncGenerator<Page> {
  if (chunk.many === 0) return;
  const window: { bytes: Uint8Array; from: number } = { bytes: new Uint8Array(0), from: chunk.offset };
  const end = chunk.offset + chunk.length;
  if (!(chunk.offset >= 0 && chunk.length >= 0 && end <= access.size)) {
    throw new DamagedParquet('the footer names bytes beyond the end of the file');
  }
  /** At least `length` bytes at `at`, or all up to the chunk's end. */
  const bytesAt = async (at: number, length: number): Promise<Uint8Array> => {
    const needed = Math.min(length, end - at);
    if (at < window.from || at + needed > window.from + window.bytes.length) {
      window.bytes = await access.read(at, Math.min(end - at, Math.max(needed, WINDOW)));
      window.from = at;
    }
    return window.bytes.subarray(at - window.from);
  };
  const room: Room = { buffer: new ArrayBuffer(0), lead: 0 };
  let seen = 0;
  for (let at = chunk.offset; at < end && seen < chunk.many;) {
    const { header, length } = await headerAt(bytesAt, at, end);
    const packedSize = sizeIn(header, 3, chunk.length);
    at += length;
    const packed = (await bytesAt(at, packedSize)).subarray(0, packedSize);
    if (packed.length < packedSize) throw new DamagedParquet('a page is cut off');
    at += packedSize;
    const page = pageFrom(header, packed, chunk.codec, room);
    if (!page) continue;
    if (page.type !== DICTIONARY_PAGE) seen += page.many;
    if (seen > chunk.many)
      throw new DamagedParquet(`pages hold more than the ${chunk.many} values of the footer`);
    learnLead(room, page);
    yield page;
  }
  if (seen < chunk.many)
    throw new DamagedParquet(`pages hold ${seen} values where the footer says ${chunk.many}`);
}

async function headerAt(
  bytesAt: (at: number, length: number) => Promise<Uint8Array>,
  at: number,
  end: number,
): Promise<{ header: Struct; length: number }> {
  for (let guess = 4096; ; guess *= 8) {
    const found = readStruct(await bytesAt(at, guess), 0);
    if (found) return { header: found.struct, length: found.end };
    if (guess >= end - at || guess > LONGEST_HEADER) throw new DamagedParquet('a page header is cut off');
  }
}

function pageFrom(header: Struct, packed: Uint8Array, codec: string, room: Room): Page | undefined {
  const type = numberIn(header, 1);
  const details = header.get({ [DATA_PAGE]: 5, [DICTIONARY_PAGE]: 7, [DATA_PAGE_V2]: 8 }[type] ?? -1);
  if (type === 1) return undefined;
  if (!(details instanceof Map)) throw new DamagedParquet(`a page of type ${type} has no header of its own`);
  const checksum = header.get(4);
  if (typeof checksum === 'number' && crc32(packed) !== checksum >>> 0) {
    throw new DamagedParquet("a page's checksum does not match");
  }
  const many = sizeIn(details, 1, 2 ** 31);
  const size = sizeIn(header, 2, LARGEST_PAGE);
  if (type !== DATA_PAGE_V2) {
    const encoding = numberIn(details, 2);
    return { type, many, encoding, bytes: unpack(packed, size, codec, room, 0) };
  }
  if (numberIn(details, 6, 0) !== 0) throw new DamagedParquet('a flat column has repetition levels');
  const levelBytes = sizeIn(details, 5, Math.min(size, packed.length));
  const isPacked = numberIn(details, 7, 1) === 1;
  const bytes = unpack(packed, size, isPacked ? codec : 'UNCOMPRESSED', room, levelBytes);
  return { type, many, encoding: numberIn(details, 4), bytes, levelBytes };
}

/** Where pages are unpacked, one after another, `lead` bytes after the beginning. */
type Room = { buffer: ArrayBuffer; lead: number };

/** `plain` bytes at the beginning are never packed. */
function unpack(packed: Uint8Array, size: number, codec: string, room: Room, plain: number): Uint8Array {
  if (codec === 'UNCOMPRESSED') {
    if (packed.length !== size) throw new DamagedParquet(`a page has ${packed.length} bytes, not ${size}`);
    return packed;
  }
  const undo = CODECS[codec];
  if (!undo) {
    throw new DamagedParquet(`the compression ${codec} is not built; ${Object.keys(CODECS).join(', ')} are`);
  }
  if (room.buffer.byteLength < size + 8) room.buffer = new ArrayBuffer(size + 8);
  const output = new Uint8Array(room.buffer, room.lead, size);
  const unpacked = undo(packed.subarray(plain), output.subarray(plain));
  if (plain === 0) return unpacked;
  output.set(packed.subarray(0, plain));
  output.set(unpacked, plain);
  return output;
}

/**
 * Numbers can be used where they lie if that is at a multiple of eight, and they lie after the levels: the next page, whose levels will
 * take as many bytes as this one's, is unpacked so that it fits.
 */
function learnLead(room: Room, page: Page): void {
  if (page.type !== DATA_PAGE || page.bytes.length < 4) return;
  const { buffer, byteOffset } = page.bytes;
  const levelBytes = new DataView(buffer, byteOffset, 4).getUint32(0, true);
  room.lead = (8 - ((4 + levelBytes) % 8)) % 8;
}

function numberIn(struct: Struct, field: number, otherwise?: number): number {
  const value = struct.get(field) ?? otherwise;
  if (typeof value !== 'number') throw new DamagedParquet(`a page header has no field ${field}`);
  return value;
}

function sizeIn(struct: Struct, field: number, most: number): number {
  const value = numberIn(struct, field);
  if (value >= 0 && value <= most) return value;
  throw new DamagedParquet(`a page header says ${value} where at most ${most} can be`);
}
