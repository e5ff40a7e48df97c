import { crc32 } from 'node:zlib';
import { memoryBytes, scratch } from '../../kernels/kernels.ts';
import type { RangeSource } from '../source.ts';
import { viewOf } from '../view.ts';
import { CODECS } from './codecs.ts';
import { DamagedParquet } from './damaged.ts';
import { readStruct } from './thrift.ts';
import type { Struct } from './thrift.ts';

/** Bytes that can be read anywhere: of a file, of memory, or ranges of an object in S3. */
export type RandomAccess = RangeSource;

const DATA_PAGE = 0;
export const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

type PageHeader = {
  type: number;
  /** Values, missing ones included. */
  many: number;
  encoding: number;
  /** Version 2 only: so many bytes of levels come first, without the length before them. */
  levelBytes?: number;
};

/** A page as it lies in the file, until the next is asked for. */
type PackedPage = PageHeader & {
  packed: Uint8Array;
  codec: string;
  /** Bytes unpacked. */
  size: number;
};

/** A page, unpacked in scratch: it lies in the kernels' memory from `place` on. */
export type Page = PageHeader & { place: number; length: number };

export function bytesIn({ place, length }: Page): Uint8Array {
  return memoryBytes().subarray(place, place + length);
}

/** Reading more at once would not be faster; a page is seldom larger. */
const WINDOW = 4 << 20;
/** A header's statistics may hold long texts. */
const LONGEST_HEADER = 16 << 20;
const LARGEST_PAGE = 256 << 20;
const MOST_IN_A_PAGE = 1 << 27;

/**
 * The pages of a column chunk, in bounded memory.
 * @throws DamagedParquet for headers that cannot be
 */
export async function* pagesOf(
  access: RandomAccess,
  chunk: { offset: number; length: number; codec: string; many: number },
): AsyncGenerator<PackedPage> {
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
  let seen = 0;
  for (let at = chunk.offset; at < end && seen < chunk.many;) {
    const { header, length } = await headerAt(bytesAt, at, end);
    const packedSize = sizeIn(header, 3, chunk.length);
    at += length;
    const packed = (await bytesAt(at, packedSize)).subarray(0, packedSize);
    if (packed.length < packedSize) throw new DamagedParquet('a page is cut off');
    at += packedSize;
    const page = pageFrom(header, packed, chunk.codec);
    if (!page) continue;
    if (page.type !== DICTIONARY_PAGE) seen += page.many;
    if (seen > chunk.many)
      throw new DamagedParquet(`pages hold more than the ${chunk.many} values of the footer`);
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

function pageFrom(header: Struct, packed: Uint8Array, codec: string): PackedPage | undefined {
  const type = numberIn(header, 1);
  const details = header.get({ [DATA_PAGE]: 5, [DICTIONARY_PAGE]: 7, [DATA_PAGE_V2]: 8 }[type] ?? -1);
  if (type === 1) return undefined;
  if (!(details instanceof Map)) throw new DamagedParquet(`a page of type ${type} has no header of its own`);
  const checksum = header.get(4);
  if (typeof checksum === 'number' && crc32(packed) !== checksum >>> 0) {
    throw new DamagedParquet("a page's checksum does not match");
  }
  const many = sizeIn(details, 1, MOST_IN_A_PAGE);
  const size = sizeIn(header, 2, LARGEST_PAGE);
  if (type !== DATA_PAGE_V2) return { type, many, encoding: numberIn(details, 2), packed, codec, size };
  if (numberIn(details, 6, 0) !== 0) throw new DamagedParquet('a flat column has repetition levels');
  const levelBytes = sizeIn(details, 5, Math.min(size, packed.length));
  const isPacked = numberIn(details, 7, 1) === 1;
  const encoding = numberIn(details, 4);
  return { type, many, encoding, packed, codec: isPacked ? codec : 'UNCOMPRESSED', size, levelBytes };
}

/**
 * Unpacks a page into scratch, `lead` bytes after a multiple of eight.
 * @throws DamagedParquet for a page that does not unpack to what it promises
 */
export function unpackPage({ packed, codec, size, ...header }: PackedPage, lead: number): Page {
  const undo = CODECS[codec];
  if (!undo) {
    throw new DamagedParquet(`the compression ${codec} is not built; ${Object.keys(CODECS).join(', ')} are`);
  }
  const place = scratch(size + lead) + lead;
  const plain = header.levelBytes ?? 0;
  memoryBytes().set(packed.subarray(0, plain), place);
  undo(packed.subarray(plain), place + plain, size - plain);
  return { ...header, place, length: size };
}

/**
 * Numbers can be used where they lie if that is at a multiple of eight, and they lie after the levels: by how much the next page, whose
 * levels will take as many bytes as this one's, has to be moved so that they do.
 */
export function leadAfter(page: Page): number {
  if (page.type !== DATA_PAGE || page.length < 4) return 0;
  const levelBytes = viewOf(bytesIn(page)).getUint32(0, true);
  return (8 - ((4 + levelBytes) % 8)) % 8;
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
