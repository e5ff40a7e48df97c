import { kernels, letGo, memoryBytes, scratch, scratchTop } from '../kernels/kernels.ts';
import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import type { Place } from '../user-error.ts';
import {
  RECORD_BYTES_LIMIT,
  finished,
  isFull,
  makeRoom,
  newBatch,
  nextBatch,
  roomLeft,
  takeRead,
} from './batch.ts';
import type { Batch } from './batch.ts';
import { carried, forget, newCarry } from './carry.ts';
import { NEWLINE, QUOTE, RETURN, readField, readHeader, readText } from './csv-field.ts';
import type { CsvDialect } from './csv-field.ts';
import { fitTypes } from './fit-types.ts';
import { joinTables } from './join.ts';
import { MISSING } from './parse-number.ts';
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
  /** Refuses fields in quotes: what is a piece of a file may begin within one, and then all of it is something else. */
  isPiece?: boolean | undefined;
  /** Whether a table may be written over when the next is asked for. */
  lent?: boolean | undefined;
};

/** What pandas takes for "no value", besides an empty field. */
export const MISSING_WORDS: readonly string[] =
  '#N/A #NA -NaN -nan <NA> N/A NA NULL NaN None n/a nan null 1.#IND 1.#QNAN -1.#IND -1.#QNAN'.split(' ');
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
  const carry = newCarry();
  for await (const chunk of chunks) {
    const bytes = carried(carry, chunk);
    // A quote at the very end of what is there may be the first of two: only whole lines are looked at.
    const end = chunk.includes(NEWLINE) ? bytes.lastIndexOf(NEWLINE) + 1 : 0;
    if (end > 0) {
      let at = scanRecords(scanner, bytes.subarray(0, end), false);
      while (isFull(scanner.batch)) {
        yield takeBatch(scanner);
        at += scanRecords(scanner, bytes.subarray(at, end), false);
      }
      forget(carry, at);
    }
    checkLength(scanner, carry.length);
  }
  // The last record is ended here, so that every field has a byte behind it.
  const last = carried(carry, Buffer.from([NEWLINE]));
  for (let at = scanRecords(scanner, last, true); at < last.length;) {
    yield takeBatch(scanner);
    at += scanRecords(scanner, last.subarray(at), true);
  }
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
  const missing = new Set(options.missing ?? MISSING_WORDS);
  const longestWord = Math.max(LONGEST_KEYWORD, ...[...missing].map((word) => Buffer.byteLength(word)));
  const dialect = { delimiter: delimiter.charCodeAt(0), missing, longestWord };
  return { options, dialect, batch: newBatch(options.schema), rowsBefore: 0 };
}

function takeBatch(scanner: Scanner): Table {
  const table = finished(scanner.batch);
  scanner.rowsBefore += scanner.batch.rows;
  scanner.batch = nextBatch(scanner.batch, scanner.options.lent === true);
  return table;
}

/** The record that is so many after the last whole one. */
function placeOf(scanner: Scanner, after = 0): Place {
  return { file: scanner.options.file, row: scanner.rowsBefore + scanner.batch.rows + after + 1 };
}

function checkLength(scanner: Scanner, length: number): void {
  if (length <= RECORD_BYTES_LIMIT) return;
  const limit = `${RECORD_BYTES_LIMIT >> 20} MiB`;
  throw new UserError(`is longer than ${limit}; is a quote left open?`, placeOf(scanner));
}

/** Reads the records of whole lines, until the batch is full; returns where it stopped: at the latest where a record begins that goes on after them. */
function scanRecords(scanner: Scanner, bytes: Uint8Array, last: boolean): number {
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
  const since = scratchTop();
  try {
    const place = scratch(end);
    memoryBytes().set(bytes, place);
    while (!isFull(scanner.batch)) {
      at = skipBlank(bytes, at, end);
      if (at >= end) return end;
      at = readPlainRecords(scanner, bytes, at, place);
      if (kernels().isOdd.value === 0 || isFull(scanner.batch)) continue;
      if (scanner.options.isPiece && holdsQuotes(scanner, bytes, at))
        throw new UserError('has a field in quotes, in a piece of a file', placeOf(scanner));
      makeRoom(scanner.batch, 1);
      const next = readRecord(scanner, bytes, at);
      if (next < 0) return cutOff(scanner, at, last);
      at = next;
      scanner.batch.rows++;
    }
    return at;
  } finally {
    letGo(since);
  }
}

/** Values that a kernel reads before they are taken over. */
const READ_AT_ONCE = 1 << 17;
const MOST_READ_AT_ONCE = 4096;

/** Reads records without quotes from `from` on, until the batch is full or another one comes; returns where it stopped. */
function readPlainRecords(scanner: Scanner, bytes: Uint8Array, from: number, place: number): number {
  const { batch, dialect } = scanner;
  const { columns } = batch;
  const since = scratchTop();
  const most = Math.min(MOST_READ_AT_ONCE, Math.max(1, Math.floor(READ_AT_ONCE / columns.length)));
  const room = Math.min(most, roomLeft(batch));
  const slots = scratch(8 * columns.length * room);
  const kinds = scratch(columns.length * room);
  const texts = scratch(columns.length);
  memoryBytes().set(
    columns.map(({ isText }) => Number(isText)),
    texts,
  );
  const [begin, end] = [place + from, place + bytes.length];
  const { delimiter } = dialect;
  const stop = kernels().readRecords(begin, end, columns.length, texts, room, slots, kinds, delimiter);
  const many = kernels().recordsRead.value;
  makeRoom(batch, many);
  columns.forEach((column, c) => {
    const read = { slots: slots + 8 * c * room, kinds: kinds + c * room, many };
    takeRead(batch, column, read, (start, row, to) => {
      if (start === to) {
        column.kinds[row] = MISSING;
        return;
      }
      try {
        const read = column.isText ? readText : readField;
        read(dialect, bytes, from + start, column, row);
      } catch (cause) {
        if (!(cause instanceof UserError)) throw cause;
        const at = { ...placeOf(scanner, row - batch.rows), column: column.name };
        throw new UserError(cause.message, at, { cause });
      }
    });
  });
  batch.rows += many;
  letGo(since);
  return stop - place;
}

function holdsQuotes({ dialect }: Scanner, bytes: Uint8Array, from: number): boolean {
  for (let at = from; bytes[at] !== NEWLINE; at++) {
    if (bytes[at] === QUOTE && (at === from || bytes[at - 1] === dialect.delimiter)) return true;
  }
  return false;
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
