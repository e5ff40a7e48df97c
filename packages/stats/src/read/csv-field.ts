import { UserError } from '../user-error.ts';
import type { Filling } from './batch.ts';
import { BOOLEAN, FRACTIONAL, MISSING, TEXT, parsed, parsedKind, scanNumber } from './parse-number.ts';
import { codeOf, decode } from './text-index.ts';

export const NEWLINE = 10;
export const RETURN = 13;
export const QUOTE = 34;

/** What a field ends with and what means "no value". */
export type CsvDialect = { delimiter: number; missing: ReadonlySet<string>; longestWord: number };

/**
 * Reads the field at `from` into the column's row. The bytes must end with a newline.
 * @returns where its delimiter or newline is; −1 when a quote is not closed
 * @throws UserError for characters after a closing quote and for bytes that are not UTF-8
 */
export function readField(
  dialect: CsvDialect,
  bytes: Uint8Array,
  from: number,
  column: Filling,
  row: number,
): number {
  const end = scanNumber(bytes, from);
  if (end >= 0) {
    const byte = bytes[end]!;
    if (byte === dialect.delimiter || byte === NEWLINE) {
      column.numbers[row] = parsed[0]!;
      column.kinds[row] = parsedKind[0]!;
      return end;
    }
    if (byte === RETURN && bytes[end + 1] === NEWLINE) {
      column.numbers[row] = parsed[0]!;
      column.kinds[row] = parsedKind[0]!;
      return end + 1;
    }
  }
  return readText(dialect, bytes, from, column, row);
}

/** The same for a field that is no number, or is not to be read as one. */
export function readText(
  dialect: CsvDialect,
  bytes: Uint8Array,
  from: number,
  column: Filling,
  row: number,
): number {
  if (bytes[from] === QUOTE) return readQuoted(dialect, bytes, from, column, row);
  const stop = fieldEnd(dialect, bytes, from);
  const hasReturn = bytes[stop] === NEWLINE && stop > from && bytes[stop - 1] === RETURN;
  putWord(dialect, bytes, from, hasReturn ? stop - 1 : stop, column, row);
  return stop;
}

function fieldEnd(dialect: CsvDialect, bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]!; byte !== dialect.delimiter && byte !== NEWLINE;) byte = bytes[++at]!;
  return at;
}

function readQuoted(
  dialect: CsvDialect,
  bytes: Uint8Array,
  from: number,
  column: Filling,
  row: number,
): number {
  const close = closingQuote(bytes, from + 1);
  if (close < 0) return -1;
  const end = afterQuote(dialect, bytes, close + 1);
  const field = unquoted(bytes, from + 1, close);
  if (field === undefined) {
    if (!column.isText && scanNumber(bytes, from + 1) === close) putNumber(column, row);
    else putWord(dialect, bytes, from + 1, close, column, row);
  } else {
    putWord(dialect, field, 0, field.length, column, row);
  }
  return end;
}

function putNumber(column: Filling, row: number): void {
  column.numbers[row] = parsed[0]!;
  column.kinds[row] = parsedKind[0]!;
}

/** Where the delimiter or newline after a closing quote is. */
function afterQuote(dialect: CsvDialect, bytes: Uint8Array, from: number): number {
  const at = bytes[from] === RETURN && bytes[from + 1] === NEWLINE ? from + 1 : from;
  if (bytes[at] !== dialect.delimiter && bytes[at] !== NEWLINE) {
    throw new UserError('has characters after a closing quote');
  }
  return at;
}

/** The quote that ends the field; doubled quotes do not. −1 when there is none. */
function closingQuote(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at >= 0; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at;
  }
  return -1;
}

/** A copy with doubled quotes made single; undefined when there are none. */
function unquoted(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  const inner = bytes.subarray(from, to);
  if (!inner.includes(QUOTE)) return undefined;
  // Every quote within is one of a pair, so the one after an odd run of them is the second.
  let run = 0;
  return inner.filter((byte) => {
    run = byte === QUOTE ? run + 1 : 0;
    return run % 2 === 0 || byte !== QUOTE;
  });
}

/** A field that is no number: missing, infinite, a boolean or a text. */
function putWord(
  dialect: CsvDialect,
  bytes: Uint8Array,
  from: number,
  to: number,
  column: Filling,
  row: number,
): void {
  if (from === to) {
    column.kinds[row] = MISSING;
    return;
  }
  if (to - from <= dialect.longestWord) {
    const word = decode(bytes, from, to);
    if (dialect.missing.has(word)) {
      column.kinds[row] = MISSING;
      return;
    }
    if (column.isText) return putText(bytes, from, to, column, row);
    const infinity = /^([+-]?)inf(?:inity)?$/i.exec(word);
    if (infinity) {
      column.numbers[row] = infinity[1] === '-' ? -Infinity : Infinity;
      column.kinds[row] = FRACTIONAL;
      return;
    }
    if (/^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/.test(word)) {
      const lower = Buffer.from(word.toLowerCase());
      column.codes[row] = codeOf(column.index, lower, 0, lower.length);
      column.kinds[row] = BOOLEAN;
      return;
    }
  }
  putText(bytes, from, to, column, row);
}

function putText(bytes: Uint8Array, from: number, to: number, column: Filling, row: number): void {
  column.codes[row] = codeOf(column.index, bytes, from, to);
  column.kinds[row] = TEXT;
}

/** The texts of the record at `from`, and where the next begins; undefined when a quote is not closed. */
export function readHeader(
  dialect: CsvDialect,
  bytes: Uint8Array,
  from: number,
): { fields: string[]; next: number } | undefined {
  const fields: string[] = [];
  for (let at = from; ; at++) {
    if (bytes[at] === QUOTE) {
      const close = closingQuote(bytes, at + 1);
      if (close < 0) return undefined;
      const field = unquoted(bytes, at + 1, close) ?? bytes.subarray(at + 1, close);
      fields.push(decode(field, 0, field.length));
      at = afterQuote(dialect, bytes, close + 1);
    } else {
      const stop = fieldEnd(dialect, bytes, at);
      fields.push(decode(bytes, at, bytes[stop - 1] === RETURN && stop > at ? stop - 1 : stop));
      at = stop;
    }
    if (bytes[at] === NEWLINE) return { fields, next: at + 1 };
  }
}
