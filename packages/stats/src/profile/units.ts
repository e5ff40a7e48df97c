import { stat } from 'node:fs/promises';
import { openParquet } from '../read/parquet/file.ts';
import type { ParquetFile } from '../read/parquet/file.ts';
import { openSource } from '../read/format.ts';
import { countRows } from '../read/progress.ts';
import type { Progress } from '../read/progress.ts';
import { columnNames, scan } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { chunksOf } from '../read/source.ts';
import { addGroup } from './profile-parquet.ts';
import { addTable, newColumnProfile, newProfile } from './profile.ts';
import type { Profile, ProfileOptions } from './profile.ts';

/** A piece of work that one thread does alone: some row groups of Parquet columns, or some lines of a text file. */
export type Unit =
  | {
      kind: 'parquet';
      file: string;
      columns: readonly string[];
      groups: [from: number, to: number];
      /** How many columns of the file are read, by all units together. */
      ofColumns: number;
    }
  | { kind: 'text'; file: string; from: number; to: number; options: ReadOptions };

export type UnitOptions = ProfileOptions & { progress?: Progress | undefined };

/** The profile of a unit's rows; of Parquet it has just the unit's columns. */
export async function profileUnit(unit: Unit, options: UnitOptions): Promise<Profile> {
  const { progress } = options;
  if (unit.kind === 'parquet') {
    await using file = await openParquet({ file: unit.file }, { columns: unit.columns, progress });
    return await profileGroups(file, unit, options);
  }
  const source = { file: unit.file, from: unit.from, to: unit.to };
  const made = newProfile();
  for await (const table of scan(source, { ...unit.options, progress, lent: true })) {
    addTable(made, table, options);
    countRows(progress, table.rows);
  }
  return made;
}

/** The profile of a Parquet file's row groups [from, to). */
export async function profileGroups(
  file: ParquetFile,
  { groups: [from, to], ofColumns }: { groups: readonly [from: number, to: number]; ofColumns: number },
  options: UnitOptions,
): Promise<Profile> {
  const columns = file.shapes.map(({ name }) => newColumnProfile(name, options));
  for (const [i, column] of columns.entries()) {
    for (let group = from; group < to; group++) {
      await addGroup(column, file, group, i);
      countRows(options.progress, file.groups[group]!.rows / ofColumns);
    }
  }
  const rows = file.groups.slice(from, to).reduce((sum, group) => sum + group.rows, 0);
  return { rows, columns };
}

/** How a file is divided. Parquet's units are of some columns each: rows and the columns' order are known beforehand. */
export type Division = { units: Unit[]; rows?: number; columns?: string[] };

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
  if (!('chunks' in opened)) return undefined;
  await opened.close();
  if (opened.format === 'profile' || opened.format === 'statistics') return undefined;
  const { size } = await stat(file);
  const whole: Division = {
    units: [{ kind: 'text', file, from: 0, to: size, options: readOptions(options, opened.format) }],
  };
  const many = Math.min(pieces, Math.floor(size / LEAST_BYTES));
  if (many < 2 || !opened.isPlain) return whole;
  return divideLines(file, size, many, readOptions(options, opened.format));
}

function readOptions(options: ReadOptions, format: ReadOptions['format']): ReadOptions {
  const { delimiter, names, header, missing, captureNames, schema } = options;
  return { delimiter, names, header, missing, captureNames, schema, format };
}

/** A thread gets about so many pieces of a file, so that none waits long for the others. */
const PIECES_A_THREAD = 3;

/** By columns, small ones together, and those that take more than their share by row groups; the largest first. */
async function divideParquet(
  file: string,
  pieces: number,
  { columns, schema }: ReadOptions,
): Promise<Division> {
  await using opened = await openParquet({ file }, { columns, schema });
  const { groups, shapes } = opened;
  const bytesOf = (column: number, from = 0, to = groups.length): number =>
    groups.slice(from, to).reduce((sum, { chunks }) => sum + chunks[column]!.length, 0);
  const share = shapes.reduce((sum, _, i) => sum + bytesOf(i), 0) / (pieces * PIECES_A_THREAD);
  const sized: { columns: string[]; groups: [from: number, to: number]; bytes: number }[] = [];
  for (const [i, { name }] of shapes.entries()) {
    const bytes = bytesOf(i);
    const last = sized.at(-1);
    const splits = Math.max(1, Math.min(groups.length, Math.round(bytes / share) || 1));
    if (
      splits === 1 &&
      last?.groups[0] === 0 &&
      last.groups[1] === groups.length &&
      last.bytes + bytes <= share
    ) {
      last.columns.push(name);
      last.bytes += bytes;
      continue;
    }
    for (let split = 0; split < splits; split++) {
      const from = Math.round((split * groups.length) / splits);
      const to = Math.round(((split + 1) * groups.length) / splits);
      sized.push({ columns: [name], groups: [from, to], bytes: bytesOf(i, from, to) });
    }
  }
  return {
    units: sized
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ columns: own, groups: some }): Unit => {
        return { kind: 'parquet', file, columns: own, groups: some, ofColumns: shapes.length };
      }),
    columns: shapes.map(({ name }) => name),
    rows: groups.reduce((sum, group) => sum + group.rows, 0),
  };
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
      const rest = i === 0 || options.format !== 'csv' ? options : { ...options, names, header: false };
      // A field in quotes may hold newlines, and then a line's beginning cannot be found from the middle.
      const own = { ...rest, isPiece: true };
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
