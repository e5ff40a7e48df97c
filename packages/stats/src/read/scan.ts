import { columnOf } from '../table.ts';
import type { Table } from '../table.ts';
import { readCapture } from './capture.ts';
import { readCsv } from './csv.ts';
import type { CsvOptions } from './csv.ts';
import { openSource } from './format.ts';
import type { Format } from './format.ts';
import { joinTables } from './join.ts';
import { readJsonLines } from './json-lines.ts';
import { readParquet } from './parquet.ts';
import { nameOf } from './source.ts';
import type { Source } from './source.ts';

export type ReadOptions = CsvOptions & {
  /** Found out from the file's name and first bytes when absent. */
  format?: Format | undefined;
  /** The features' names in order, for captured requests that carry none (CSV, lists of numbers); none where the list is empty. */
  captureNames?: readonly string[] | undefined;
  /** Only these columns. */
  columns?: readonly string[] | undefined;
};

/**
 * The source's rows as tables, one after another, in bounded memory. Gzip is undone on the way.
 * @throws UserError with file, row and column
 */
export async function* scan(source: Source, options: ReadOptions = {}): AsyncGenerator<Table> {
  for await (const table of scanAll(source, options)) {
    if (!options.columns) yield table;
    else yield { rows: table.rows, columns: options.columns.map((name) => columnOf(table, name)) };
  }
}

async function* scanAll(source: Source, options: ReadOptions): AsyncGenerator<Table> {
  const opened = await openSource(source, options.format);
  const file = nameOf(source);
  if (opened.format === 'parquet') yield* readParquet(source, options);
  else if (opened.format === 'csv') yield* readCsv(opened.chunks, { ...options, file });
  else if (opened.format === 'jsonl') yield* readJsonLines(opened.chunks, { file, lent: options.lent });
  else {
    const { captureNames = [], lent } = options;
    const names = captureNames.length > 0 ? captureNames : undefined;
    yield* readCapture(opened.chunks, { file, names, lent });
  }
}

/** The whole source as one table in memory. @throws UserError with file, row and column */
export async function readTable(source: Source, options: ReadOptions = {}): Promise<Table> {
  const parts: Table[] = [];
  for await (const part of scan(source, options)) parts.push(part);
  return joinTables(parts);
}
