import { stat } from 'node:fs/promises';
import { openParquet } from '../read/parquet/file.ts';
import type { ParquetFile } from '../read/parquet/file.ts';
import { openSource } from '../read/format.ts';
import { chunksOf } from '../read/source.ts';
import { countRows } from '../read/progress.ts';
import type { Progress } from '../read/progress.ts';
import { columnNames, scan } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { addGroup } from './profile-parquet.ts';
import { addTable, newColumnProfile, newProfile } from './profile.ts';
import type { Profile, ProfileOptions } from './profile.ts';

/** A piece of work that one thread does alone: some row groups of Parquet columns, or some lines of a text file. */
export type Unit =
  | { kind: 'parquet'; file: string; columns: readonly string[]; groups: [from: number, to: number] }
  | { kind: 'text'; file: string; from: number; to: number; options: ReadOptions };

/** The profile of a unit's rows; of Parquet it has just the unit's columns. */
export async function profileUnit(unit: Unit, options: ProfileOptions & UnitOptions): Promise<Profile> {
  const { progress } = options;
  if (unit.kind === 'parquet') {
    await using file = await openParquet({ file: unit.file }, { columns: unit.columns, progress });
    return await profileGroups(file, unit.groups, options);
  }
  const source = { file: unit.file, from: unit.from, to: unit.to };
  const made = newProfile();
  for await (const table of scan(source, { ...unit.options, progress })) {
    addTable(made, table, options);
    countRows(progress, table.rows);
  }
  return made;
}

type UnitOptions = { progress?: Progress | undefined };

/** The profile of a Parquet file's row groups [from, to). */
export async function profileGroups(
  file: ParquetFile,
  [from, to]: readonly [number, number],
  options: ProfileOptions & UnitOptions,
): Promise<Profile> {
  const columns = file.shapes.map(({ name }) => newColumnProfile(name, options));
  for (const [i, column] of columns.entries()) {
    for (let group = from; group < to; group++) await addGroup(column, file, group, i, options.progress);
  }
  const rows = file.groups.slice(from, to).reduce((sum, group) => sum + group.rows, 0);
  return { rows, columns };
}

/** How a file is divided. `rows` is known beforehand for Parquet, whose units do not add up to rows. */
export type Division = { units: Unit[]; rows?: number };

/** Smaller pieces than this are not worth a thread. */
const LEAST_BYTES = 4 << 20;

/** undefined for what holds no rows. */
export async function divide(
  file: string,
  pieces: number,
  options: ReadOptions & ProfileOptions,
): Promise<Division | undefined> {
  const opened = await openSource({ file }, options.format);
  if (opened.format === 'parquet') return divideParquet(file, pieces, options);
  await opened.chunks[Symbol.asyncIterator]().return?.(undefined);
  if (opened.format === 'profile' || opened.format === 'statistics') return undefined;
  const { size } = await stat(file);
  const whole: Division = {
    units: [{ kind: 'text', file, from: 0, to: size, options: readOptions(options, opened.format) }],
  };
  const many = Math.min(pieces, Math.floor(size / LEAST_BYTES));
  if (many < 2 || !opened.isPlain) return whole;
  // A quoted field may hold newlines, and then a line's beginning cannot be found from the middle.
  if (opened.format === 'csv' && (await holdsQuotes(file, size))) return whole;
  return divideLines(file, size, many, readOptions(options, opened.format));
}

function readOptions(options: ReadOptions, format: ReadOptions['format']): ReadOptions {
  const { delimiter, names, header, missing, captureNames, schema } = options;
  return { delimiter, names, header, missing, captureNames, schema, format };
}

/** More units keep threads busy to the end; but each reads the footer again, which of a wide file takes longer than its columns. */
const UNITS_A_THREAD = 16;
const WIDE = 1000;
const UNITS_OF_WIDE = 2;

async function divideParquet(
  file: string,
  pieces: number,
  { columns, schema }: ReadOptions,
): Promise<Division> {
  await using opened = await openParquet({ file }, { columns, schema });
  const groups = opened.groups.length;
  const names = opened.shapes.map(({ name }) => name);
  const together = Math.ceil(
    names.length / ((names.length > WIDE ? UNITS_OF_WIDE : UNITS_A_THREAD) * pieces),
  );
  const splits = Math.max(1, Math.min(groups, Math.ceil(pieces / Math.max(1, names.length))));
  const bound = (at: number): number => Math.round((at * groups) / splits);
  const units: Unit[] = [];
  for (let first = 0; first < names.length; first += together) {
    const own = names.slice(first, first + together);
    for (let i = 0; i < splits; i++) {
      units.push({ kind: 'parquet', file, columns: own, groups: [bound(i), bound(i + 1)] });
    }
  }
  return { units, rows: opened.groups.reduce((sum, group) => sum + group.rows, 0) };
}

async function divideLines(
  file: string,
  size: number,
  many: number,
  options: ReadOptions,
): Promise<Division> {
  const bounds = [0];
  for (let i = 1; i < many; i++) {
    const bound = await lineAfter(file, Math.floor((i * size) / many), size);
    if (bound > bounds.at(-1)! && bound < size) bounds.push(bound);
  }
  bounds.push(size);
  // Only the first piece has the header; the others are told its names.
  const names = options.format === 'csv' ? await columnNames({ file }, options) : undefined;
  return {
    units: bounds.slice(1).map((to, i): Unit => {
      const from = bounds[i]!;
      const own = i === 0 || options.format !== 'csv' ? options : { ...options, names, header: false };
      return { kind: 'text', file, from, to, options: own };
    }),
  };
}

async function lineAfter(file: string, from: number, size: number): Promise<number> {
  let at = from;
  for await (const chunk of chunksOf({ file, from })) {
    const newline = chunk.indexOf(10);
    if (newline >= 0) return at + newline + 1;
    at += chunk.length;
  }
  return size;
}

/** Whether there are quotes after the first line: names in quotes are common, and do no harm. */
async function holdsQuotes(file: string, size: number): Promise<boolean> {
  const from = await lineAfter(file, 0, size);
  for await (const chunk of chunksOf({ file, from })) if (chunk.includes(34)) return true;
  return false;
}
