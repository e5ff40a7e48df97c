import { filling } from './batch.ts';
import type { Batch, Filling } from './batch.ts';
import { findSides, input, output } from './capture-layout.ts';
import type { Plain } from './capture-layout.ts';
import { PREDICTION } from './capture-payload.ts';
import { putObject, putParsed, putScalar } from './json-object.ts';
import { isText, skipSpace, skipString } from './json-scan.ts';
import { MISSING, TEXT, scanNumber } from './parse-number.ts';
import { codeOf } from './text-index.ts';

/**
 * Reads the usual forms of a capture line as bytes: CSV, or `{"instances":[{…}]}` answered by `{"predictions":[…]}`, as texts. The rows
 * are the same as `inputRows` and `predictionRows` give.
 * @returns false when it is in another form, or wrong: nothing is left in the batch then
 */
export function putCaptureLine(
  batch: Batch,
  bytes: Uint8Array,
  from: number,
  to: number,
  names: readonly string[] | undefined,
): boolean {
  if (!findSides(bytes, from, to)) return false;
  const first = batch.rows;
  const rows = input.isThere ? putInput(batch, names) : -1;
  const answers = output.isThere && rows !== -2 ? putOutput(batch, first) : -1;
  const isWhole = rows >= 0 ? answers === rows || !output.isThere : rows === -1 && answers >= 0;
  if (!isWhole) {
    forget(batch, first);
    return false;
  }
  batch.rows = first + Math.max(rows, answers);
  return true;
}

function forget(batch: Batch, first: number): void {
  batch.rows = first;
  for (const { kinds } of batch.columns) kinds.fill(MISSING, first);
}

/** The number of rows put, −2 when the form is another. */
function putInput(batch: Batch, names: readonly string[] | undefined): number {
  if (input.isCsv) return putCsv(batch, input.plain, batch.rows, names ?? SPARK_NAMES, names?.length);
  if (!input.isJson) return -2;
  const first = batch.rows;
  const end = eachInList(input.plain, 'instances', (payload, at) => {
    if (batch.rows >= batch.capacity) return -1;
    const after = putObject(batch, payload, at);
    batch.rows++;
    return after;
  });
  const rows = batch.rows - first;
  batch.rows = first;
  return end ? rows : -2;
}

function putOutput(batch: Batch, first: number): number {
  if (output.isCsv) return putCsv(batch, output.plain, first, PREDICTION_NAMES);
  if (!output.isJson) return -2;
  const column = filling(batch, PREDICTION);
  let row = first;
  const end = eachInList(output.plain, 'predictions', (payload, at) =>
    row < batch.capacity ? putScalar(column, row++, payload, at) : -1,
  );
  return end ? row - first : -2;
}

/** Calls `take` for each element of `{"name":[…]}`, the only member; false when it is something else. */
function eachInList(
  { bytes, from, to }: Plain,
  name: string,
  take: (payload: Uint8Array, at: number) => number,
): boolean {
  let at = skipSpace(bytes, from);
  if (bytes[at] !== 123) return false;
  at = skipSpace(bytes, at + 1);
  const keyEnd = skipString(bytes, at);
  if (keyEnd < 0 || !isText(bytes, at + 1, keyEnd - 1, name)) return false;
  at = skipSpace(bytes, keyEnd);
  if (bytes[at] !== 58) return false;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] !== 91) return false;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] !== 93) {
    for (;;) {
      at = take(bytes, at);
      if (at < 0) return false;
      at = skipSpace(bytes, at);
      if (bytes[at] === 93) break;
      if (bytes[at] !== 44) return false;
      at = skipSpace(bytes, at + 1);
    }
  }
  at = skipSpace(bytes, at + 1);
  return bytes[at] === 125 && skipWhite(bytes, at + 1, to) === to;
}

function skipWhite(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 10 || skipSpace(bytes, at) > at)) at++;
  return at;
}

/** Names of columns that have none; beyond these a line is left to the slow way. */
const SPARK_NAMES = Array.from({ length: 1000 }, (_, i) => `_c${i}`);
const PREDICTION_NAMES = Array.from({ length: 1000 }, (_, i) =>
  i === 0 ? PREDICTION : `${PREDICTION}.${i}`,
);

/** Lines of CSV from row `first`; the number of rows, −2 for quotes, spaces or words that may be numbers. */
function putCsv(
  batch: Batch,
  { bytes, from, to }: Plain,
  first: number,
  names: readonly string[],
  width?: number,
): number {
  let row = first;
  for (let at = from; at < to; row++) {
    if (row >= batch.capacity || bytes[at] === 10) return -2;
    let position = 0;
    for (; ; at++, position++) {
      const name = names[position];
      if (name === undefined) return -2;
      at = putField(columnNamed(batch, position, name), row, bytes, at, to);
      if (at < 0) return -2;
      if (bytes[at] !== 44) break;
    }
    if (width !== undefined && width !== position + 1) return -2;
    at++;
  }
  return row - first;
}

/** Lines come with their fields in one order, so the column is looked for there first. */
function columnNamed(batch: Batch, position: number, name: string): Filling {
  const usual = batch.columns[position];
  return usual?.name === name ? usual : filling(batch, name);
}

/** Where the field's comma or newline is; −1 for what is neither a number nor a plain word. */
function putField(column: Filling, row: number, bytes: Uint8Array, from: number, to: number): number {
  const { isText } = column;
  const end = isText ? -1 : scanNumber(bytes, from);
  if (end >= 0) {
    if (bytes[end] !== 44 && bytes[end] !== 10 && end !== to) return -1;
    putParsed(column, row);
    return end;
  }
  let at = from;
  for (let byte = bytes[at]!; byte !== 44 && byte !== 10 && at !== to; byte = bytes[++at]!) {
    const isPlain = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (at > from && byte === 95);
    if (!isPlain && !(isText && byte >= 48 && byte <= 57)) return -1;
  }
  if (at === from) {
    column.kinds[row] = MISSING;
    return at;
  }
  // NaN and Infinity begin with n and i.
  const initial = bytes[from]! | 32;
  if (initial === 110 || initial === 105) return -1;
  column.codes[row] = codeOf(column.index, bytes, from, at);
  column.kinds[row] = TEXT;
  return at;
}
