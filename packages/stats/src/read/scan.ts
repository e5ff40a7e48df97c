import { columnOf, noCounts } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { readCapture } from './capture.ts';
import { readCsv } from './csv.ts';
import type { CsvOptions } from './csv.ts';
import { fitTypes } from './fit-types.ts';
import { openSource } from './format.ts';
import type { Format, Opened } from './format.ts';
import { joinTables } from './join.ts';
import { readJsonLines } from './json-lines.ts';
import { readParquet } from './parquet.ts';
import type { Progress } from './progress.ts';
import { chunksOf, nameOf } from './source.ts';
import type { Source } from './source.ts';
import { readTarMember } from './tar.ts';

export type ReadOptions = CsvOptions & {
  /** Found out from the file's name and first bytes when absent. */
  format?: Format | undefined;
  /** The features' names in order, for captured requests that carry none (CSV, lists of numbers); none where the list is empty. */
  captureNames?: readonly string[] | undefined;
  /** Only these columns. */
  columns?: readonly string[] | undefined;
  /** Counts what is read. */
  progress?: Progress | undefined;
};

/**
 * The source's rows as tables, one after another, in bounded memory. Gzip is undone on the way.
 * @throws UserError with file, row and column
 */
export async function* scan(source: Source, options: ReadOptions = {}): AsyncGenerator<Table> {
  yield* scanOpened(await openSource(source, options.format, options.progress), source, options);
}

export async function* scanOpened(
  opened: Opened,
  source: Source,
  options: ReadOptions,
): AsyncGenerator<Table> {
  const { columns, schema } = options;
  // Members of JSON may come at any row: a table without them is no table of data without them.
  const mayComeLater = opened.format === 'jsonl' || opened.format === 'capture';
  const awaited = new Set(columns);
  let last: Table | undefined;
  for await (const read of scanAll(opened, source, options)) {
    const table = fitTypes(read, schema);
    for (const { name } of table.columns) awaited.delete(name);
    last = table;
    if (!columns) yield table;
    else yield { rows: table.rows, columns: columns.map((name) => wanted(table, name, mayComeLater)) };
  }
  if (last) for (const name of awaited) columnOf(last, name);
}

function wanted(table: Table, name: string, mayComeLater: boolean): Column {
  const isThere = !mayComeLater || table.columns.some((column) => column.name === name);
  return isThere ? columnOf(table, name) : { name, rows: table.rows, counts: noCounts() };
}

async function* scanAll(opened: Opened, source: Source, options: ReadOptions): AsyncGenerator<Table> {
  const file = nameOf(source);
  const { captureNames = [], schema, lent } = options;
  const names = captureNames.length > 0 ? captureNames : undefined;
  if (opened.format === 'parquet') yield* readParquet(source, options);
  else if (opened.format === 'csv') yield* readCsv(opened.chunks, { ...options, file });
  else if (opened.format === 'jsonl') yield* readJsonLines(opened.chunks, { file, schema, lent });
  else if (opened.format === 'capture') yield* readCapture(opened.chunks, { file, names, schema, lent });
  else if (opened.format === 'archive')
    yield* readCsv(chunksOf(await archivedRows(source)), { ...options, file });
  else throw new UserError(`is a ${opened.format}: it holds no rows, only what is known of them`, { file });
}

/** What a training job left of its data, in its archive. @throws UserError */
export async function archivedRows(archive: Source): Promise<Source> {
  const bytes = await readTarMember(archive, 'baseline.csv');
  return { bytes, name: `${nameOf(archive) ?? 'the archive'}/baseline.csv` };
}

/** The whole source as one table in memory. @throws UserError with file, row and column */
export async function readTable(source: Source, options: ReadOptions = {}): Promise<Table> {
  const parts: Table[] = [];
  for await (const part of scan(source, options)) parts.push(part);
  return joinTables(parts);
}

/** The columns' names in order, of what is there before any row that lacks some. @throws UserError with file, row and column */
export async function columnNames(source: Source, options: ReadOptions = {}): Promise<string[]> {
  for await (const table of scan(source, options)) return table.columns.map(({ name }) => name);
  return [];
}
