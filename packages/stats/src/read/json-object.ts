import { filling } from './batch.ts';
import type { Batch, Filling } from './batch.ts';
import { hasEscape, scanJsonNumber, skipSpace, skipString, wordAt } from './json-scan.ts';
import { BOOLEAN, FRACTIONAL, INTEGRAL, MISSING, ROUNDED, TEXT, parsed } from './parse-number.ts';
import { codeOf, decode } from './text-index.ts';

/**
 * Reads the flat object at `from` into the batch's next row, as JSON.parse and putValue would.
 * @returns where it ends; −1 when it is nested, escaped or no JSON: columns may then be half filled, and have to be `cleared`
 */
export function putObject(batch: Batch, bytes: Uint8Array, from: number): number {
  if (bytes[from] !== 123) return -1;
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === 125) return at + 1;
  for (let position = 0; ; position++) {
    // Objects come with their members in one order, so the column is looked for there first.
    const usual = batch.columns[position];
    let column = usual && isNamed(usual, bytes, at) ? usual : undefined;
    const keyEnd = column ? at + column.nameBytes.length + 2 : skipString(bytes, at);
    if (keyEnd < 0) return -1;
    column ??= columnNamed(batch, bytes, at + 1, keyEnd - 1);
    const colon = skipSpace(bytes, keyEnd);
    if (!column || bytes[colon] !== 58) return -1;
    at = putScalar(column, batch.rows, bytes, skipSpace(bytes, colon + 1));
    if (at < 0) return -1;
    at = skipSpace(bytes, at);
    if (bytes[at] === 125) return at + 1;
    if (bytes[at] !== 44) return -1;
    at = skipSpace(bytes, at + 1);
  }
}

/** Whether the column's name, which must need no escape, stands in quotes at `from`. */
function isNamed({ nameBytes, isPlainName }: Filling, bytes: Uint8Array, from: number): boolean {
  const { length } = nameBytes;
  if (!isPlainName || bytes[from] !== 34 || bytes[from + length + 1] !== 34) return false;
  for (let i = 0; i < length; i++) if (bytes[from + 1 + i] !== nameBytes[i]) return false;
  return true;
}

function columnNamed(batch: Batch, bytes: Uint8Array, from: number, to: number): Filling | undefined {
  return hasEscape(bytes, from, to) ? undefined : filling(batch, decode(bytes, from, to));
}

/** Puts a number, text, boolean or null; returns where it ends, −1 for anything else. */
export function putScalar(column: Filling, row: number, bytes: Uint8Array, from: number): number {
  const byte = bytes[from]!;
  if (byte === 34) {
    const end = skipString(bytes, from);
    if (end < 0 || hasEscape(bytes, from + 1, end - 1)) return -1;
    column.codes[row] = codeOf(column.index, bytes, from + 1, end - 1);
    column.kinds[row] = TEXT;
    return end;
  }
  const end = scanJsonNumber(bytes, from);
  if (end >= 0) {
    putParsed(column, row);
    return end;
  }
  const word = wordAt(bytes, from);
  if (word === undefined) return -1;
  if (word === 'null') {
    column.kinds[row] = MISSING;
  } else {
    column.codes[row] = codeOf(column.index, bytes, from, from + word.length);
    column.kinds[row] = BOOLEAN;
  }
  return from + word.length;
}

/** The number last scanned, counted by its value: JSON does not tell 1 from 1.0. */
export function putParsed(column: Filling, row: number): void {
  const value = parsed[0]!;
  column.numbers[row] = value;
  if (value % 1 !== 0) column.kinds[row] = FRACTIONAL;
  else column.kinds[row] = Math.abs(value) <= Number.MAX_SAFE_INTEGER ? INTEGRAL : ROUNDED;
}

/** Forgets what a failed attempt has put into the next row. */
export function clearRow(batch: Batch): void {
  for (const column of batch.columns) column.kinds[batch.rows] = MISSING;
}
