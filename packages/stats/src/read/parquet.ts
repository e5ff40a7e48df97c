import { doublesAt, memoryBytes, scratch, wordsAt } from '../kernels/kernels.ts';
import { noCounts } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { eachPageOf } from './parquet/column-chunk.ts';
import type { PageValues } from './parquet/column-chunk.ts';
import { DamagedParquet } from './parquet/damaged.ts';
import { openParquet } from './parquet/file.ts';
import type { ParquetFile, ParquetOptions } from './parquet/file.ts';
import type { Shape } from './parquet/shape.ts';
import { plainTexts } from './parquet/texts.ts';
import type { TextBytes } from './parquet/texts.ts';
import type { Source } from './source.ts';
import { codeOf, newTextIndex } from './text-index.ts';
import type { TextIndex } from './text-index.ts';

/**
 * Parquet, a table for each row group: numbers, texts and booleans; timestamps, times and dates as milliseconds, decimals as the
 * nearest double. NaN is missing.
 * @throws UserError naming file and column for nested columns and for what is damaged or no Parquet
 */
export async function* readParquet(source: Source, options: ParquetOptions = {}): AsyncGenerator<Table> {
  await using file = await openParquet(source, options);
  for (let group = 0; group < file.groups.length; group++) {
    const columns: Column[] = [];
    for (let i = 0; i < file.shapes.length; i++) columns.push(await readColumn(file, group, i));
    yield { rows: file.groups[group]!.rows, columns };
  }
  if (file.groups.length === 0) {
    yield { rows: 0, columns: file.shapes.map(({ name }) => ({ name, rows: 0, counts: noCounts() })) };
  }
}

/** Calls `take` with each page of a column chunk, as eachPageOf does. @throws UserError naming file, column and row group */
export async function eachPage(
  file: ParquetFile,
  group: number,
  column: number,
  take: (values: PageValues) => void,
): Promise<void> {
  await inChunk(file, group, column, async () => {
    const chunk = file.groups[group]!.chunks[column]!;
    await eachPageOf(file.access, chunk, file.shapes[column]!, take);
  });
}

/** Does what is to be done with a column chunk. @throws UserError naming file, column and row group */
export async function inChunk(
  file: ParquetFile,
  group: number,
  column: number,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const isPlaced = cause instanceof UserError && cause.place.column !== undefined;
    if (isPlaced || (!(cause instanceof DamagedParquet) && !(cause instanceof UserError))) throw cause;
    const place = { file: file.name, column: file.shapes[column]!.name };
    throw new UserError(`row group ${group} cannot be read: ${cause.message}`, place, { cause });
  }
}

/** @throws UserError as eachPage */
export async function readColumn(file: ParquetFile, group: number, i: number): Promise<Column> {
  const shape = file.shapes[i]!;
  const { rows } = file.groups[group]!;
  const building: Building = {
    shape,
    at: 0,
    column: { name: shape.name, rows, counts: noCounts() },
    index: newTextIndex(),
  };
  await eachPage(file, group, i, (values) => append(building, values));
  return building.column;
}

type Building = { shape: Shape; at: number; column: Column; index: TextIndex };

function append(building: Building, values: PageValues): void {
  const { column, shape, index } = building;
  const { present, rows } = values;
  if (shape.kind === 'number') {
    column.numbers ??= new Float64Array(column.rows).fill(Number.NaN);
    const numbers = numbersIn(values);
    countNumbers(column, shape, numbers);
    place(numbers, present, column.numbers, building.at);
  } else {
    column.codes ??= new Int32Array(column.rows).fill(-1);
    column.texts = index.texts;
    const codes = codesIn(values, index);
    column.counts[shape.kind === 'boolean' ? 'boolean' : 'text'] += codes.length;
    place(codes, present, column.codes, building.at);
  }
  building.at += rows;
}

/** The numbers of a page, looked up where it has a dictionary. */
export function numbersIn(values: PageValues): Float64Array {
  if ('numbers' in values) return values.numbers;
  if ('codesAt' in values && 'numbers' in values.dictionary) {
    const { codesAt, many, dictionary } = values;
    const place = scratch(8 * many);
    const codes = wordsAt(codesAt, many);
    const numbers = doublesAt(place, many);
    for (let i = 0; i < many; i++) numbers[i] = dictionary.numbers[codes[i]!]!;
    return numbers;
  }
  throw new DamagedParquet('a page of numbers holds something else');
}

function countNumbers(column: Column, shape: Shape, numbers: Float64Array): void {
  let there = 0;
  for (const value of numbers) if (!Number.isNaN(value)) there++;
  column.counts[shape.integral ? 'integral' : 'fractional'] += there;
  if (shape.integral) column.counts.rounded += roundedIn(numbers);
}

/** Integers that a double cannot tell from their neighbours. */
export function roundedIn(numbers: Float64Array): number {
  let rounded = 0;
  for (const value of numbers) if (value > 2 ** 53 || value < -(2 ** 53)) rounded++;
  return rounded;
}

function codesIn(values: PageValues, index: TextIndex): Int32Array {
  if ('plain' in values) {
    const { from, to } = values.plain;
    const texts = plainTexts(memoryBytes().subarray(from, to), 0, values.many);
    return Int32Array.from(texts.starts, (_, i) => codeAt(index, texts, i));
  }
  if ('texts' in values)
    return Int32Array.from(values.texts.starts, (_, i) => codeAt(index, values.texts, i));
  if ('booleans' in values) {
    const [no, yes] = ['false', 'true'].map((word) => codeOf(index, Buffer.from(word), 0, word.length));
    return Int32Array.from(values.booleans, (value) => (value === 1 ? yes! : no!));
  }
  if ('codesAt' in values && 'texts' in values.dictionary) {
    const { texts } = values.dictionary;
    const renamed = Int32Array.from(texts.starts, (_, i) => codeAt(index, texts, i));
    return Int32Array.from(wordsAt(values.codesAt, values.many), (code) => renamed[code]!);
  }
  throw new DamagedParquet('a page of texts holds something else');
}

function codeAt(index: TextIndex, { bytes, starts, ends }: TextBytes, i: number): number {
  return codeOf(index, bytes, starts[i]!, ends[i]!);
}

function place(
  values: Float64Array | Int32Array,
  present: Uint8Array | undefined,
  into: Float64Array | Int32Array,
  at: number,
): void {
  if (!present) {
    into.set(values, at);
    return;
  }
  let next = 0;
  present.forEach((there, row) => {
    if (there === 1) into[at + row] = values[next++]!;
  });
}
