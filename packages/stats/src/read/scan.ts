import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { columnOf, noCounts, addCounts } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { readCapture } from './capture.ts';
import { readCsv } from './csv.ts';
import type { CsvOptions } from './csv.ts';
import { readJsonLines } from './json-lines.ts';
import { readParquet } from './parquet.ts';
import { chunksOf, nameOf } from './source.ts';
import type { Source } from './source.ts';

export type Format = 'csv' | 'jsonl' | 'parquet' | 'capture';

export type ReadOptions = CsvOptions & {
  /** Found out from the file's name and first bytes when absent. */
  format?: Format | undefined;
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
  const file = nameOf(source);
  const chunks = chunksOf(source)[Symbol.asyncIterator]();
  const first = await chunks.next();
  const head = first.done ? new Uint8Array(0) : first.value;
  if (options.format === 'parquet' || (!options.format && startsWith(head, 'PAR1'))) {
    const isStream = !('file' in source) && !('bytes' in source);
    await chunks.return?.(undefined);
    if (isStream) throw new UserError('Parquet is read from its end: give a file or bytes, not a stream');
    yield* readParquet(source, options);
    return;
  }
  let bytes = joined(head, chunks);
  if (head[0] === 0x1f && head[1] === 0x8b) bytes = gunzipped(bytes, file);
  const plain = bytes[Symbol.asyncIterator]();
  const start = await plain.next();
  const text = start.done ? new Uint8Array(0) : start.value;
  const format = options.format ?? formatOf(file, text);
  const all = joined(text, plain);
  if (format === 'csv') yield* readCsv(all, { ...options, file });
  else if (format === 'jsonl') yield* readJsonLines(all, { file });
  else if (format === 'capture') yield* readCapture(all, { file, names: options.names });
  else throw new UserError(`is not Parquet: it does not begin with PAR1`, { file });
}

function formatOf(file: string | undefined, head: Uint8Array): Format {
  const name = file?.replace(/\.gz$/, '') ?? '';
  const text = Buffer.from(head.subarray(0, 4096))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv';
  if (text.startsWith('{') || /\.(jsonl|ndjson)$/.test(name))
    return text.includes('"captureData"') ? 'capture' : 'jsonl';
  return 'csv';
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.(undefined);
  }
}

async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* Readable.from(chunks).compose(createGunzip()) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!(cause as NodeJS.ErrnoException).code?.startsWith('Z_')) throw cause;
    throw new UserError(`is damaged gzip: ${(cause as Error).message}`, { file }, { cause });
  }
}

/** The whole source as one table in memory. @throws UserError with file, row and column */
export async function readTable(source: Source, options: ReadOptions = {}): Promise<Table> {
  const parts: Table[] = [];
  for await (const part of scan(source, options)) parts.push(part);
  return joinTables(parts);
}

/** The tables' rows one after another; a column that a table lacks is missing there. */
export function joinTables(tables: readonly Table[]): Table {
  if (tables.length === 1) return tables[0]!;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const names = new Set(tables.flatMap((table) => table.columns.map((column) => column.name)));
  return { rows, columns: [...names].map((name) => joinColumn(name, tables, rows)) };
}

function joinColumn(name: string, tables: readonly Table[], rows: number): Column {
  const parts = tables.map((table) => table.columns.find((column) => column.name === name));
  const joinedColumn: Column = { name, rows, counts: noCounts() };
  if (parts.some((part) => part?.numbers)) joinedColumn.numbers = new Float64Array(rows).fill(Number.NaN);
  if (parts.some((part) => part?.codes)) joinedColumn.codes = new Int32Array(rows).fill(-1);
  const codes = new Map<string, number>();
  let at = 0;
  tables.forEach((table, i) => {
    const part = parts[i];
    if (part) addCounts(joinedColumn.counts, part.counts);
    if (part?.numbers) joinedColumn.numbers!.set(part.numbers, at);
    if (part?.codes) {
      const renamed = part.texts!.map((text) => {
        if (!codes.has(text)) codes.set(text, codes.size);
        return codes.get(text)!;
      });
      part.codes.forEach((code, row) => {
        if (code >= 0) joinedColumn.codes![at + row] = renamed[code]!;
      });
    }
    at += table.rows;
  });
  if (joinedColumn.codes) joinedColumn.texts = [...codes.keys()];
  return joinedColumn;
}
