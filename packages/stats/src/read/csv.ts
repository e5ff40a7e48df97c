import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import type { Place } from '../user-error.ts';
import { RECORD_BYTES_LIMIT, finished, isFull, makeRoom, newBatch, nextBatch } from './batch.ts';
import type { Batch } from './batch.ts';
import { NEWLINE, RETURN, readField, readHeader, readText } from './csv-field.ts';
import type { CsvDialect } from './csv-field.ts';
import { fitTypes } from './fit-types.ts';
import { joinTables } from './join.ts';
import type { Schema } from './schema.ts';

export type CsvOptions = {
  /** One character; a comma when absent. */
  delimiter?: string | undefined;
  /** Names for files without a header line. */
  names?: readonly string[] | undefined;
  /** False when the first line is data; columns are then `names`, or _c0, _c1, … as Spark names them. */
  header?: boolean | undefined;
  /** What means "no value" besides an empty field; pandas's list when absent. */
  missing?: readonly string[] | undefined;
  /** The types that columns are given. */
  schema?: Schema | undefined;
};

const PANDAS_MISSING =
  '#N/A #NA -NaN -nan <NA> N/A NA NULL NaN None n/a nan null 1.#IND 1.#QNAN -1.#IND -1.#QNAN';
/** Infinity and booleans are looked for among words up to this long. */
const LONGEST_KEYWORD = '-infinity'.length;

type Scanner = {
  options: CsvOptions & { file?: string | undefined };
  dialect: CsvDialect;
  names?: readonly string[];
  batch: Batch;
  rowsBefore: number;
};

/**
 * Comma-separated values (RFC 4180: quotes, doubled quotes, newlines in quotes, CRLF; a BOM and blank lines are skipped) as
 * tables of some ten thousand rows. Memory is bounded by a batch and one record. Types are decided value by value.
 * @throws UserError with file, row and column for a ragged row, an open quote, bytes that are not UTF-8 or no header
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions & { file?: string | undefined } = {},
): AsyncGenerator<Table> {
  const scanner = newScanner(options);
  let rest: Uint8Array[] = [];
  let restLength = 0;
  for await (const chunk of chunks) {
    rest.push(chunk);
    restLength += chunk.length;
    if (!chunk.includes(NEWLINE)) {
      checkLength(scanner, restLength);
      continue;
    }
    const bytes = rest.length === 1 ? chunk : Buffer.concat(rest);
    // A quote at the very end of what is there may be the first of two: only whole lines are looked at.
    const lines = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
    const from = yield* scanRecords(scanner, lines, false);
    rest = [bytes.subarray(from)];
    restLength = bytes.length - from;
    checkLength(scanner, restLength);
  }
  // The last record is ended here, so that every field has a byte behind it.
  const last = Buffer.concat([...rest, Buffer.from([NEWLINE])]);
  yield* scanRecords(scanner, last, true);
  if (!scanner.names) {
    throw new UserError('is empty: not even a header line was found', { file: options.file });
  }
  yield takeBatch(scanner);
}

/**
 * A CSV file in memory as one table: a program that reads nothing else need not carry the other readers.
 * @throws UserError as readCsv
 */
export async function readCsvTable(
  bytes: Uint8Array,
  options: CsvOptions & { file?: string | undefined } = {},
): Promise<Table> {
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  const parts: Table[] = [];
  for await (const part of readCsv(whole(), options)) parts.push(fitTypes(part, options.schema));
  return joinTables(parts);
}

function newScanner(options: CsvOptions & { file?: string | undefined }): Scanner {
  const delimiter = options.delimiter ?? ',';
  if (delimiter.length !== 1 || delimiter.charCodeAt(0) > 127 || '"\n\r'.includes(delimiter)) {
    throw new UserError(
      `the delimiter is ${JSON.stringify(delimiter)}; one ASCII character is needed, no quote or newline`,
    );
  }
  const missing = new Set(options.missing ?? PANDAS_MISSING.split(' '));
  const longestWord = Math.max(LONGEST_KEYWORD, ...[...missing].map((word) => Buffer.byteLength(word)));
  const dialect = { delimiter: delimiter.charCodeAt(0), missing, longestWord };
  return { options, dialect, batch: newBatch(options.schema), rowsBefore: 0 };
}

function takeBatch(scanner: Scanner): Table {
  const table = finished(scanner.batch);
  scanner.rowsBefore += scanner.batch.rows;
  scanner.batch = nextBatch(scanner.batch);
  return table;
}

function placeOf(scanner: Scanner): Place {
  return { file: scanner.options.file, row: scanner.rowsBefore + scanner.batch.rows + 1 };
}

function checkLength(scanner: Scanner, length: number): void {
  if (length <= RECORD_BYTES_LIMIT) return;
  const limit = `${RECORD_BYTES_LIMIT >> 20} MiB`;
  throw new UserError(`is longer than ${limit}; is a quote left open?`, placeOf(scanner));
}

/** Reads the records of whole lines; returns where the first begins that goes on after them. */
function* scanRecords(scanner: Scanner, bytes: Uint8Array, last: boolean): Generator<Table, number> {
  const end = bytes.length;
  let at = 0;
  if (!scanner.names) {
    at = skipBlank(bytes, afterMark(bytes), end);
    if (at >= end) return last ? end : 0;
    const header = readHeader(scanner.dialect, bytes, at);
    if (!header) return cutOff(scanner, 0, last);
    nameColumns(scanner, header.fields);
    if (scanner.options.header !== false && !scanner.options.names) at = header.next;
  }
  for (;;) {
    at = skipBlank(bytes, at, end);
    if (at >= end) return end;
    makeRoom(scanner.batch);
    const next = readRecord(scanner, bytes, at);
    if (next < 0) return cutOff(scanner, at, last);
    at = next;
    scanner.batch.rows++;
    if (isFull(scanner.batch)) yield takeBatch(scanner);
  }
}

function cutOff(scanner: Scanner, from: number, last: boolean): number {
  if (last) throw new UserError('has a quote that is never closed', placeOf(scanner));
  return from;
}

/** Reads one record into the batch's next row; returns where the following one begins, −1 when this one is cut off. */
function readRecord(scanner: Scanner, bytes: Uint8Array, from: number): number {
  const { dialect, batch } = scanner;
  const { columns, rows } = batch;
  let at = from;
  let read = 0;
  try {
    for (; read < columns.length; read++) {
      const column = columns[read]!;
      at = column.isText
        ? readText(dialect, bytes, at, column, rows)
        : readField(dialect, bytes, at, column, rows);
      if (at < 0) return -1;
      if (bytes[at++] === NEWLINE) break;
    }
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(cause.message, { ...placeOf(scanner), column: columns[read]!.name }, { cause });
  }
  if (read === columns.length - 1) return at;
  const found = readHeader(dialect, bytes, from)?.fields.length;
  if (found === undefined) return -1;
  throw new UserError(`has ${found} fields where ${columns.length} are expected`, placeOf(scanner));
}

function nameColumns(scanner: Scanner, fields: readonly string[]): void {
  const { names, header, file } = scanner.options;
  scanner.names = names ?? (header === false ? fields.map((_, i) => `_c${i}`) : fields);
  const seen = new Set<string>();
  for (const name of scanner.names) {
    if (seen.has(name)) throw new UserError('is in the header twice', { file, column: name });
    seen.add(name);
  }
  scanner.batch = newBatch(scanner.options.schema, scanner.names);
}

function afterMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function skipBlank(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === NEWLINE || bytes[at] === RETURN)) at++;
  return at;
}
