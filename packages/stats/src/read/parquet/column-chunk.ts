import { DamagedParquet } from './damaged.ts';
import { readDelta } from './delta.ts';
import { readHybrid } from './levels.ts';
import { joinStreams, plainNumbers, scaled } from './numbers.ts';
import { DICTIONARY_PAGE, pagesOf } from './pages.ts';
import type { Page, RandomAccess } from './pages.ts';
import type { Shape } from './shape.ts';
import { deltaLengthTexts, deltaTexts, plainTexts } from './texts.ts';
import type { TextBytes } from './texts.ts';

/** What a chunk's dictionary holds. It is kept as long as the chunk is read. */
export type Dictionary = { numbers: Float64Array } | { texts: TextBytes };

/** The values of a page that are there, in order; `present` says which rows have one (1), absent when all do. */
export type PageValues = { rows: number; many: number; present?: Uint8Array } & (
  | { numbers: Float64Array }
  | { texts: TextBytes }
  | { codes: Int32Array; dictionary: Dictionary }
  | { booleans: Uint8Array }
);

export type Chunk = { offset: number; length: number; codec: string; many: number };

/**
 * The values of a column chunk, page by page. A page's values are valid until the next is asked for.
 * @throws DamagedParquet
 */
export async function* valuesOf(
  access: RandomAccess,
  chunk: Chunk,
  shape: Shape,
): AsyncGenerator<PageValues> {
  let dictionary: Dictionary | undefined;
  for await (const page of pagesOf(access, chunk)) {
    if (page.type === DICTIONARY_PAGE) dictionary = readDictionary(page, shape);
    else yield readPage(page, shape, dictionary);
  }
}

function readDictionary(page: Page, shape: Shape): Dictionary {
  if (page.encoding !== PLAIN && page.encoding !== PLAIN_DICTIONARY) {
    throw new DamagedParquet(`a dictionary is written with the encoding ${page.encoding}`);
  }
  // The page's bytes go when the next page comes, the dictionary stays.
  const bytes = page.bytes.slice();
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
  const { bytes, encoding } = page;
  if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) {
    if (!dictionary) throw new DamagedParquet('a page refers to a dictionary that is not there');
    return { ...rows, codes: readCodes(bytes, from, many, dictionary), dictionary };
  }
  if (shape.kind === 'boolean') return { ...rows, booleans: readBooleans(bytes, from, many, encoding) };
  if (shape.kind === 'text') {
    if (encoding === PLAIN) return { ...rows, texts: plainTexts(bytes, from, many) };
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
  const { bytes, levelBytes, many } = page;
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
  const present = new Uint8Array(many);
  readHybrid(bytes, from, end, 1, many, present);
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

/** Where a page's codes are unpacked; the next page's take their place. */
let codesRoom = new Int32Array(0);

function readCodes(bytes: Uint8Array, from: number, many: number, dictionary: Dictionary): Int32Array {
  if (codesRoom.length < many) codesRoom = new Int32Array(many);
  const codes = codesRoom.subarray(0, many);
  if (many === 0) return codes;
  if (from >= bytes.length) throw new DamagedParquet('dictionary indices are cut off');
  readHybrid(bytes, from + 1, bytes.length, bytes[from]!, many, codes);
  const size = 'numbers' in dictionary ? dictionary.numbers.length : dictionary.texts.starts.length;
  let highest = 0;
  for (let i = 0; i < many; i++) highest = Math.max(highest, codes[i]! >>> 0);
  if (highest >= size)
    throw new DamagedParquet(`a page refers to entry ${highest} of a dictionary of ${size}`);
  return codes;
}

function readBooleans(bytes: Uint8Array, from: number, many: number, encoding: number): Uint8Array {
  const booleans = new Uint8Array(many);
  if (encoding === RLE) {
    if (many > 0) readHybrid(bytes, from + 4, bytes.length, 1, many, booleans);
    return booleans;
  }
  if (encoding !== PLAIN) throw new DamagedParquet(`the encoding ${encoding} of booleans is not built`);
  if (from + Math.ceil(many / 8) > bytes.length) throw new DamagedParquet('booleans are cut off');
  for (let i = 0; i < many; i++) booleans[i] = (bytes[from + (i >> 3)]! >> (i & 7)) & 1;
  return booleans;
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
