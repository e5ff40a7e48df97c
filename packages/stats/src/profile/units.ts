import { stat } from 'node:fs/promises';
import { openParquet } from '../read/parquet/file.ts';
import { openSource } from '../read/format.ts';
import { chunksOf } from '../read/source.ts';
import { scan } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { addChunk } from './profile-parquet.ts';
import { addTable, newColumnProfile, newProfile } from './profile.ts';
import type { Profile, ProfileOptions } from './profile.ts';

/** A piece of work that one thread does alone: some row groups of a Parquet column, or some lines of a text file. */
export type Unit =
  | { kind: 'parquet'; file: string; column: string; groups: [from: number, to: number] }
  | { kind: 'text'; file: string; from: number; to: number; options: ReadOptions };

/** The profile of a unit's rows; of Parquet it has just the one column. */
export async function profileUnit(unit: Unit, options: ProfileOptions): Promise<Profile> {
  const made = newProfile();
  if (unit.kind === 'text') {
    const source = { file: unit.file, from: unit.from, to: unit.to };
    for await (const table of scan(source, { ...unit.options, lent: true })) addTable(made, table, options);
    return made;
  }
  await using file = await openParquet({ file: unit.file }, { columns: [unit.column] });
  const column = newColumnProfile(unit.column, options);
  for (let group = unit.groups[0]; group < unit.groups[1]; group++) await addChunk(column, file, group, 0);
  return { rows: column.rows, columns: [column] };
}

/** How a file is divided. Parquet's units are of a column each: rows and the columns' order are known beforehand. */
export type Division = { units: Unit[]; rows?: number; columns?: string[] };

/** Smaller pieces than this are not worth a thread. */
const LEAST_BYTES = 4 << 20;

export async function divide(
  file: string,
  pieces: number,
  options: ReadOptions & ProfileOptions,
): Promise<Division> {
  const opened = await openSource({ file }, options.format);
  if (opened.format === 'parquet') return divideParquet(file, pieces, options);
  await opened.close();
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
  const { delimiter, names, header, missing, captureNames, columns } = options;
  return { delimiter, names, header, missing, captureNames, columns, format };
}

/** A thread gets about so many pieces of a file, so that none waits long for the others. */
const PIECES_A_THREAD = 3;

/** By columns, and those that take more than their share by row groups; the largest first. */
async function divideParquet(
  file: string,
  pieces: number,
  { columns }: { columns?: readonly string[] | undefined },
): Promise<Division> {
  await using opened = await openParquet({ file }, { columns });
  const { groups, shapes } = opened;
  const bytesOf = (from: number, to: number, column: number): number =>
    groups.slice(from, to).reduce((sum, { chunks }) => sum + chunks[column]!.length, 0);
  const all = shapes.reduce((sum, _, column) => sum + bytesOf(0, groups.length, column), 0);
  const sized = shapes.flatMap(({ name: column }, i) => {
    const share = (bytesOf(0, groups.length, i) / all) * pieces * PIECES_A_THREAD;
    const splits = Math.max(1, Math.min(groups.length, Math.round(share) || 1));
    return Array.from({ length: splits }, (_, split) => {
      const from = Math.round((split * groups.length) / splits);
      const to = Math.round(((split + 1) * groups.length) / splits);
      const unit: Unit = { kind: 'parquet', file, column, groups: [from, to] };
      return { unit, bytes: bytesOf(from, to, i) };
    });
  });
  return {
    units: sized.sort((a, b) => b.bytes - a.bytes).map(({ unit }) => unit),
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
  const names = options.format === 'csv' ? await columnNames(file, options) : undefined;
  return {
    units: bounds.slice(1).map((to, i): Unit => {
      const from = bounds[i]!;
      const own = i === 0 || options.format !== 'csv' ? options : { ...options, names, header: false };
      return { kind: 'text', file, from, to, options: own };
    }),
  };
}

async function columnNames(file: string, options: ReadOptions): Promise<string[]> {
  for await (const table of scan({ file }, { ...options, columns: undefined })) {
    return table.columns.map(({ name }) => name);
  }
  return [];
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
