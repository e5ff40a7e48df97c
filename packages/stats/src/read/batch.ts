import { doublesAt, kernels, letGo, memoryBytes, scratch, scratchTop, wordsAt } from '../kernels/kernels.ts';
import { noCounts } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { BOOLEAN, FRACTIONAL, INTEGRAL, MISSING, ROUNDED, TEXT } from './parse-number.ts';
import { typeIn } from './schema.ts';
import type { Schema } from './schema.ts';
import { codeOf, newTextIndex } from './text-index.ts';
import type { TextIndex } from './text-index.ts';

/** Values a reader gathers before it hands them on: as many rows as there is room for with so many columns. */
const BATCH_VALUES = 1 << 20;
const MOST_ROWS = 1 << 17;
const LEAST_ROWS = 256;

/** No reader holds more than this of one record in memory. */
export const RECORD_BYTES_LIMIT = 64 << 20;

/** A column being filled. What a row holds is decided by its kind alone, so a half-read record can be read again. */
export type Filling = {
  name: string;
  nameBytes: Uint8Array;
  /** Its name is written in JSON as it is. */
  isPlainName: boolean;
  kinds: Uint8Array;
  numbers: Float64Array;
  codes: Int32Array;
  index: TextIndex;
  /** Given as texts: what is written as a number is one too, with its leading zeros. */
  isText: boolean;
};

/** A batch being filled: columns may appear at any row and are missing before it. */
export type Batch = {
  rows: number;
  capacity: number;
  columns: Filling[];
  byName: Map<string, Filling>;
  schema: Schema | undefined;
};

export function newBatch(schema?: Schema, names: readonly string[] = [], capacity = 1024): Batch {
  const batch: Batch = { rows: 0, capacity, columns: [], byName: new Map(), schema };
  for (const name of names) filling(batch, name);
  return batch;
}

/**
 * An empty batch to go on with: the same columns, and as much room; the very same one, where the table that was made of it may be
 * written over.
 */
export function nextBatch(batch: Batch, isLent: boolean): Batch {
  if (!isLent) {
    return newBatch(
      batch.schema,
      batch.columns.map(({ name }) => name),
      batch.capacity,
    );
  }
  for (const column of batch.columns) {
    column.kinds.fill(MISSING, 0, batch.rows);
    if (column.index.texts.length > 0) column.index = newTextIndex();
  }
  batch.rows = 0;
  return batch;
}

export function isFull(batch: Batch): boolean {
  return roomLeft(batch) <= 0;
}

/** How many rows may still come until the batch is full. */
export function roomLeft({ rows, columns }: Batch): number {
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(BATCH_VALUES / columns.length))) - rows;
}

/** So many rows may be put before `makeRoom` is called again. */
export const ROOM = 64;

/** Sees to it that there is room for so many more rows. */
export function makeRoom(batch: Batch, many = ROOM): void {
  if (batch.capacity - batch.rows >= many) return;
  while (batch.capacity - batch.rows < many) batch.capacity *= 4;
  for (const column of batch.columns) {
    column.kinds = grown(column.kinds, new Uint8Array(batch.capacity));
    column.numbers = grown(column.numbers, new Float64Array(batch.capacity));
    column.codes = grown(column.codes, new Int32Array(batch.capacity));
  }
}

/** What a kernel has read of a column: where its slots and kinds lie. */
export type Read = { slots: number; kinds: number; many: number };

/** The kernels' kind of what they leave to somebody else: the slot says where it begins and ends. */
const SPAN = 6;

/** Takes over what a kernel has read, from the batch's next row on; `take` puts what it left. */
export function takeRead(
  { rows }: Batch,
  column: Filling,
  { slots, kinds, many }: Read,
  take: (start: number, row: number, end: number) => void,
): void {
  column.numbers.set(doublesAt(slots, many), rows);
  const read = memoryBytes().subarray(kinds, kinds + many);
  column.kinds.set(read, rows);
  const words = wordsAt(slots, 2 * many);
  const first = read.indexOf(SPAN);
  if (first < 0) return;
  // Where there is one there are many.
  for (let i = first; i < many; i++) if (read[i] === SPAN) take(words[2 * i]!, rows + i, words[2 * i + 1]!);
}

function grown<A extends Uint8Array | Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

const encoder = new TextEncoder();

/** The column of that name, made when it is not there yet. */
export function filling(batch: Batch, name: string): Filling {
  const found = batch.byName.get(name);
  if (found) return found;
  const made: Filling = {
    name,
    nameBytes: encoder.encode(name),
    isPlainName: JSON.stringify(name) === `"${name}"`,
    kinds: new Uint8Array(batch.capacity),
    numbers: new Float64Array(batch.capacity),
    codes: new Int32Array(batch.capacity),
    index: newTextIndex(),
    isText: typeIn(batch.schema, name) === 'text',
  };
  batch.columns.push(made);
  batch.byName.set(name, made);
  return made;
}

export function putNumber(column: Filling, row: number, value: number): void {
  column.numbers[row] = value;
  if (Number.isNaN(value)) column.kinds[row] = MISSING;
  else if (!Number.isInteger(value)) column.kinds[row] = FRACTIONAL;
  else column.kinds[row] = Number.isSafeInteger(value) ? INTEGRAL : ROUNDED;
}

function putText(column: Filling, row: number, text: string): void {
  const bytes = encoder.encode(text);
  column.codes[row] = codeOf(column.index, bytes, 0, bytes.length);
  column.kinds[row] = TEXT;
}

/** A value as JSON.parse gives it. @throws UserError for an object or a list */
export function putValue(column: Filling, row: number, value: unknown): void {
  if (value === null || value === undefined) column.kinds[row] = MISSING;
  else if (typeof value === 'number') putNumber(column, row, value);
  else if (typeof value === 'string') putText(column, row, value);
  else if (typeof value === 'boolean') {
    putText(column, row, String(value));
    column.kinds[row] = BOOLEAN;
  } else {
    const kind = Array.isArray(value) ? 'a list' : 'an object';
    throw new UserError(`holds ${kind}; only numbers, texts, booleans and null can be profiled`);
  }
}

/** The batch's rows as a table; the batch must not be filled further. */
export function finished(batch: Batch): Table {
  return { rows: batch.rows, columns: batch.columns.map((column) => finishedColumn(column, batch.rows)) };
}

/** How many there are of each kind. */
function tallyOf(kinds: Uint8Array): Uint32Array {
  const since = scratchTop();
  const place = scratch(kinds.length);
  const into = scratch(32);
  memoryBytes().set(kinds, place);
  kernels().countKinds(place, kinds.length, into);
  const tally = wordsAt(into, 8).slice();
  letGo(since);
  return tally;
}

function finishedColumn({ name, kinds, numbers, codes, index }: Filling, rows: number): Column {
  const tally = tallyOf(kinds.subarray(0, rows));
  const counts = noCounts();
  counts.integral = tally[INTEGRAL]! + tally[ROUNDED]!;
  counts.fractional = tally[FRACTIONAL]!;
  counts.text = tally[TEXT]!;
  counts.boolean = tally[BOOLEAN]!;
  counts.rounded = tally[ROUNDED]!;
  const inNumbers = counts.integral + counts.fractional;
  const inTexts = counts.text + counts.boolean;
  const column: Column = { name, rows, counts };
  if (inNumbers > 0) {
    column.numbers = numbers.subarray(0, rows);
    if (inNumbers < rows) {
      for (let row = 0; row < rows; row++) {
        const kind = kinds[row]!;
        if (kind === MISSING || kind === TEXT || kind === BOOLEAN) numbers[row] = Number.NaN;
      }
    }
  }
  if (inTexts > 0) {
    column.codes = codes.subarray(0, rows);
    column.texts = index.texts;
    if (inTexts < rows) {
      for (let row = 0; row < rows; row++) {
        const kind = kinds[row]!;
        if (kind !== TEXT && kind !== BOOLEAN) codes[row] = -1;
      }
    }
  }
  return column;
}
