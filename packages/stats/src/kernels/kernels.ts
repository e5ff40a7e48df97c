import { code } from './code.ts';

/*
 * The loops over bytes and doubles that take most of the time, as WebAssembly: kernels/ beside src/ has their sources. What they read
 * and write is scratch, good until whoever took it lets go of it: nobody holds it across an `await`.
 */

export type Kernels = {
  addMoments: (values: number, many: number) => number;
  keepFinite: (values: number, many: number, into: number) => number;
  countPrefixes: (values: number, many: number, shift: number, lowest: bigint) => void;
  countIntegers: (values: number, many: number) => number;
  countIndices: (indices: number, many: number) => void;
  takeCounts: (from: number, to: number, into: number) => number;
  negativeZeros: (values: number, many: number) => number;
  longsToDoubles: (values: number, many: number) => void;
  addDistinct: (values: number, many: number, registers: number) => void;
  countTexts: (
    from: number,
    to: number,
    many: number,
    buckets: number,
    registers: number,
    sieve: number,
    slots: number,
  ) => number;
  countHashes: (
    bytes: number,
    starts: number,
    ends: number,
    counts: number,
    many: number,
    buckets: number,
    registers: number,
  ) => void;
  frequentTexts: (
    from: number,
    many: number,
    slots: number,
    seldom: number,
    starts: number,
    ends: number,
  ) => number;
  findTexts: (from: number, to: number, many: number, starts: number, ends: number) => number;
  readHybrid: (from: number, to: number, width: number, many: number, into: number) => bigint;
  unsnappy: (from: number, end: number, into: number, full: number) => number;
  unlz4: (from: number, end: number, into: number, full: number) => number;
  readRecords: (
    from: number,
    to: number,
    columns: number,
    texts: number,
    room: number,
    slots: number,
    kinds: number,
    delimiter: number,
  ) => number;
  sortedRuns: (
    values: number,
    many: number,
    least: number,
    most: number,
    work: number,
    runs: number,
  ) => number;
  readonly droppedBits: { value: number };
  countKinds: (kinds: number, many: number, into: number) => void;
  readLines: (
    from: number,
    to: number,
    program: number,
    length: number,
    room: number,
    slots: number,
    kinds: number,
  ) => number;
  readonly negativeInfinities: { value: number };
  readonly positiveInfinities: { value: number };
  readonly recordsRead: { value: number };
  readonly isOdd: { value: number };
  readonly linesRead: { value: number };
  readonly textsEnd: { value: number };
};

// The same numbers as in kernels/places.ts.
const TAGS = 256;
const POWERS = 1024;
const [FIRST_POWER, LAST_POWER] = [-64, 64];
const TENS = 4096;
const WHOLE_TENS = 4352;
/** Eight doubles: count, sum, correction, squares, min, max, and the range since it was last set. */
export const MOMENTS = 8192;
const COUNTS = 65_536;
export const COUNT_ENTRIES = 1 << 20;
const SCRATCH = COUNTS + 2 * 4 * COUNT_ENTRIES;
/** The kernels read and write up to so many bytes behind what they are given. */
const SLACK = 64;

const PAGE = 65_536;
const FIRST_ROOM = 24 << 20;

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer; grow(pages: number): number };
};

type Loaded = {
  kernels: Kernels;
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  bytes: Uint8Array;
};

let loaded: Loaded | undefined;
let top = SCRATCH;

function load(): Loaded {
  const memory = new WebAssembly.Memory({ initial: (SCRATCH + FIRST_ROOM) / PAGE });
  const module = new WebAssembly.Module(Buffer.from(code, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  writeTables(new DataView(memory.buffer));
  return { kernels: exports as Kernels, memory, bytes: new Uint8Array(memory.buffer) };
}

/** The kernels, made when they are first asked for. */
export function kernels(): Kernels {
  return (loaded ??= load()).kernels;
}

/** The memory that the kernels work in; another array after `scratch` had to make it larger. */
export function memoryBytes(): Uint8Array<ArrayBuffer> {
  return (loaded ??= load()).bytes as Uint8Array<ArrayBuffer>;
}

/** Where scratch of so many bytes begins, a multiple of 16. Their content is anything. */
export function scratch(length: number): number {
  const from = top;
  top += (length + SLACK + 15) & ~15;
  const { memory, bytes } = (loaded ??= load());
  if (top > bytes.length) {
    memory.grow(Math.ceil((top - bytes.length) / PAGE));
    loaded.bytes = new Uint8Array(memory.buffer);
  }
  return from;
}

/** How much scratch is in use: to be handed back to `letGo`. */
export function scratchTop(): number {
  return top;
}

/** Gives back all scratch that was taken since. */
export function letGo(since: number): void {
  top = since;
}

export function doublesAt(place: number, many: number): Float64Array<ArrayBuffer> {
  return new Float64Array(memoryBytes().buffer, place, many);
}

export function wordsAt(place: number, many: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(memoryBytes().buffer, place, many);
}

function writeTables(view: DataView): void {
  for (let tag = 0; tag < 256; tag++) view.setUint16(TAGS + 2 * tag, repetition(tag), true);
  for (let power = FIRST_POWER; power <= LAST_POWER; power++) {
    const bits = leadingBits(power);
    const entry = POWERS + 16 * (power - FIRST_POWER);
    view.setBigUint64(entry, bits >> 64n, true);
    view.setBigUint64(entry + 8, BigInt.asUintN(64, bits), true);
  }
  for (let power = 0; power <= 7; power++) view.setUint32(WHOLE_TENS + 4 * power, 10 ** power, true);
  for (let power = 0; power <= 22; power++) view.setFloat64(TENS + 8 * power, Number(`1e${power}`), true);
}

/** What a tag of Snappy says of a repetition: its length, three upper bits of its offset, and how many bytes of offset follow. */
function repetition(tag: number): number {
  const kind = tag & 3;
  if (kind === 1) return (((tag >> 2) & 7) + 4) | ((tag >> 5) << 8) | (1 << 11);
  return ((tag >> 2) + 1) | ((kind === 2 ? 2 : 4) << 11);
}

/** The leading 128 bits of 5^power; of a fraction those of the next number above it (Lemire 2021). */
function leadingBits(power: number): bigint {
  const whole = 5n ** BigInt(Math.abs(power));
  const length = whole.toString(2).length;
  if (power < 0) return (1n << BigInt(length + 127)) / whole + 1n;
  return length > 128 ? whole >> BigInt(length - 128) : whole << BigInt(128 - length);
}
