import { letGo, scratch, scratchTop } from '../../kernels/kernels.ts';
import { DamagedParquet } from './damaged.ts';
import { readDelta } from './delta.ts';
import { unpackFlags, unpackHybrid } from './levels.ts';
import { joinStreams, plainNumbers, scaled } from './numbers.ts';
import { DICTIONARY_PAGE, bytesIn, leadAfter, pagesOf, unpackPage } from './pages.ts';
import type { Page, RandomAccess } from './pages.ts';
import type { Shape } from './shape.ts';
import { deltaLengthTexts, deltaTexts, plainTexts } from './texts.ts';
import type { TextBytes } from './texts.ts';

/** What a chunk's dictionary holds. It is kept as long as the chunk is read. */
export type Dictionary = { numbers: Float64Array } | { texts: TextBytes };

/** Texts of Parquet's PLAIN encoding, in the kernels' memory. */
export type PlainTexts = { from: number; to: number };

/** The values of a page that are there, in order; `present` says which rows have one (1), absent when all do. */
export type PageValues = { rows: number; many: number; present?: Uint8Array } & (
  | { numbers: Float64Array }
  | { plain: PlainTexts }
  | { texts: TextBytes }
  /** Integers of 32 bits in the kernels' memory, each an entry of the dictionary. */
  | { codesAt: number; dictionary: Dictionary }
  | { booleans: Uint8Array }
);

export type Chunk = { offset: number; length: number; codec: string; many: number };

/**
 * Calls `take` with the values of a column chunk, page by page. They lie in scratch: what is not copied is gone when it returns.
 * @throws DamagedParquet
 */
export async function eachPageOf(
  access: RandomAccess,
  chunk: Chunk,
  shape: Shape,
  take: (values: PageValues) => void,
): Promise<void> {
  let dictionary: Dictionary | undefined;
  let lead = 0;
  for await (const packed of pagesOf(access, chunk)) {
    const since = scratchTop();
    try {
      const page = unpackPage(packed, lead);
      lead = leadAfter(page);
      if (page.type === DICTIONARY_PAGE) dictionary = readDictionary(page, shape);
      else take(readPage(page, shape, dictionary));
    } finally {
      letGo(since);
    }
  }
}

function readDictionary(page: Page, shape: Shape): Dictionary {
  if (page.encoding !== PLAIN && page.encoding !== PLAIN_DICTIONARY) {
    throw new DamagedParquet(`a dictionary is written with the encoding ${page.encoding}`);
  }
  // The page's bytes go when the next page comes, the dictionary stays.
  const bytes = bytesIn(page).slice();
  if (shape.kind === 'number') return { numbers: plainNumbers(bytes, 0, page.many, shape) };
  if (shape.kind === 'text') return { texts: plainTexts(bytes, 0, page.many) };
  throw new DamagedParquet('booleans have a dictionary');
}

const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

function readPage(page: Page, shape: Shape, dictionary: Dictionary | undefined): PageValues {
  const levels = readLevels(page, shape);
  const { from, many } = levels;
  const rows = { rows: page.many, many, ...(levels.present ? { present: levels.present } : {}) };
  const { encoding } = page;
  if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) {
    if (!dictionary) throw new DamagedParquet('a page refers to a dictionary that is not there');
    return { ...rows, codesAt: readCodes(page, from, many, dictionary), dictionary };
  }
  const bytes = bytesIn(page);
  if (shape.kind === 'boolean') return { ...rows, booleans: readBooleans(page, from, many) };
  if (shape.kind === 'text') {
    if (encoding === PLAIN)
      return { ...rows, plain: { from: page.place + from, to: page.place + page.length } };
    if (encoding === DELTA_LENGTH_BYTE_ARRAY) return { ...rows, texts: deltaLengthTexts(bytes, from, many) };
    if (encoding === DELTA_BYTE_ARRAY) return { ...rows, texts: deltaTexts(bytes, from, many) };
  } else {
    if (encoding === PLAIN) return { ...rows, numbers: plainNumbers(bytes, from, many, shape) };
    if (encoding === BYTE_STREAM_SPLIT) {
      return { ...rows, numbers: plainNumbers(joinStreams(bytes, from, many, shape), 0, many, shape) };
    }
    if (encoding === DELTA_BINARY_PACKED) return { ...rows, numbers: readDeltas(bytes, from, many, shape) };
  }
  throw new DamagedParquet(`the encoding ${encoding} of ${shape.physical} is not built`);
}

function readLevels(page: Page, shape: Shape): { from: number; many: number; present?: Uint8Array } {
  const { levelBytes, many } = page;
  const bytes = bytesIn(page);
  if (!shape.optional) return { from: levelBytes ?? 0, many };
  let from = 0;
  let end = levelBytes ?? 0;
  if (levelBytes === undefined) {
    if (bytes.length < 4) throw new DamagedParquet('a page is cut off');
    const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    from = 4;
    end = 4 + length;
    if (end > bytes.length) throw new DamagedParquet('levels are cut off');
  }
  if (isOneRun(bytes, from, end, many)) return { from: end, many };
  const present = unpackFlags(page.place + from, page.place + end, many);
  let there = 0;
  for (let i = 0; i < many; i++) there += present[i]!;
  return there === many ? { from: end, many } : { from: end, many: there, present };
}

/** Whether the levels are a single run of 1: every value is there. */
function isOneRun(bytes: Uint8Array, from: number, end: number, many: number): boolean {
  let header = 0;
  let at = from;
  for (let scale = 1; at < end && scale < 2 ** 35; scale *= 128) {
    const byte = bytes[at++]!;
    header += (byte & 127) * scale;
    if (byte < 128) return header % 2 === 0 && header / 2 >= many && bytes[at] === 1;
  }
  return false;
}

function readCodes(page: Page, from: number, many: number, dictionary: Dictionary): number {
  const place = scratch(4 * many);
  if (many === 0) return place;
  if (from >= page.length) throw new DamagedParquet('dictionary indices are cut off');
  const width = bytesIn(page)[from]!;
  const largest = unpackHybrid(page.place + from + 1, page.place + page.length, width, many, place);
  const size = 'numbers' in dictionary ? dictionary.numbers.length : dictionary.texts.starts.length;
  if (largest >= size)
    throw new DamagedParquet(`a page refers to entry ${largest} of a dictionary of ${size}`);
  return place;
}

function readBooleans(page: Page, from: number, many: number): Uint8Array {
  const { encoding } = page;
  if (encoding === RLE) {
    const place = page.place + from + 4;
    return many > 0 ? unpackFlags(place, page.place + page.length, many) : new Uint8Array(0);
  }
  if (encoding !== PLAIN) throw new DamagedParquet(`the encoding ${encoding} of booleans is not built`);
  if (from + Math.ceil(many / 8) > page.length) throw new DamagedParquet('booleans are cut off');
  const bytes = bytesIn(page);
  return Uint8Array.from({ length: many }, (_, i) => (bytes[from + (i >> 3)]! >> (i & 7)) & 1);
}

function readDeltas(bytes: Uint8Array, from: number, many: number, shape: Shape): Float64Array {
  const { values } = readDelta(bytes, from, many, shape.physical === 'INT32' ? 32 : 64);
  if (values.length !== many)
    throw new DamagedParquet(`${values.length} integers where ${many} are expected`);
  const bits = shape.physical === 'INT32' ? 32 : 64;
  const numbers = Float64Array.from(values, (value) =>
    Number(shape.unsigned ? BigInt.asUintN(bits, value) : value),
  );
  return scaled(numbers, shape.divisor);
}
