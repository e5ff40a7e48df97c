import { BATCH_ROWS, filling } from './batch.ts';
import type { Batch, Filling } from './batch.ts';
import { PREDICTION } from './capture-payload.ts';
import { putObject, putParsed, putScalar } from './json-object.ts';
import { isText, skipSpace, skipString, skipValue } from './json-scan.ts';
import { MISSING, TEXT, scanNumber } from './parse-number.ts';
import { codeOf } from './text-index.ts';

/** Where a side's data lie, still escaped; −1 for a side that is not there. */
type Side = { from: number; to: number; isJson: boolean; isCsv: boolean };

const input: Side = { from: -1, to: -1, isJson: false, isCsv: false };
const output: Side = { from: -1, to: -1, isJson: false, isCsv: false };

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
  input.from = -1;
  output.from = -1;
  const end = eachMember(bytes, from, takeTop);
  if (end < 0 || skipSpace(bytes, end) < to) return false;
  const first = batch.rows;
  const rows = input.from < 0 ? -1 : putInput(batch, bytes, names);
  const answers = output.from < 0 || rows === -2 ? -1 : putOutput(batch, bytes, first);
  const isWhole = rows >= 0 ? answers === rows || output.from < 0 : rows === -1 && answers >= 0;
  if (!isWhole) {
    forget(batch, first);
    return false;
  }
  batch.rows = first + Math.max(rows, answers);
  return batch.rows < BATCH_ROWS || (forget(batch, first), false);
}

function forget(batch: Batch, first: number): void {
  batch.rows = first;
  for (const { kinds } of batch.columns) kinds.fill(MISSING, first);
}

type TakeMember = (bytes: Uint8Array, keyFrom: number, keyTo: number, value: number) => number;

/** Calls `take` for each member of the object at `from`, which returns where the value ends. */
function eachMember(bytes: Uint8Array, from: number, take: TakeMember): number {
  if (bytes[from] !== 123) return -1;
  let at = skipSpace(bytes, from + 1);
  for (;;) {
    const keyEnd = skipString(bytes, at);
    if (keyEnd < 0) return -1;
    const colon = skipSpace(bytes, keyEnd);
    if (bytes[colon] !== 58) return -1;
    const end = take(bytes, at + 1, keyEnd - 1, skipSpace(bytes, colon + 1));
    if (end < 0) return -1;
    at = skipSpace(bytes, end);
    if (bytes[at] === 125) return at + 1;
    if (bytes[at] !== 44) return -1;
    at = skipSpace(bytes, at + 1);
  }
}

const takeTop: TakeMember = (bytes, keyFrom, keyTo, value) =>
  isText(bytes, keyFrom, keyTo, 'captureData') ? eachMember(bytes, value, takeSide) : skipValue(bytes, value);

let side = input;

const takeSide: TakeMember = (bytes, keyFrom, keyTo, value) => {
  if (isText(bytes, keyFrom, keyTo, 'endpointInput')) side = input;
  else if (isText(bytes, keyFrom, keyTo, 'endpointOutput')) side = output;
  else return skipValue(bytes, value);
  side.isCsv = false;
  side.isJson = false;
  const end = eachMember(bytes, value, takeData);
  return side.from < 0 ? -1 : end;
};

const takeData: TakeMember = (bytes, keyFrom, keyTo, value) => {
  if (isText(bytes, keyFrom, keyTo, 'data')) {
    const end = skipString(bytes, value);
    side.from = value + 1;
    side.to = end - 1;
    return end;
  }
  if (isText(bytes, keyFrom, keyTo, 'encoding')) {
    const end = skipString(bytes, value);
    side.isCsv = end > 0 && isText(bytes, value + 1, end - 1, 'CSV');
    side.isJson = end > 0 && isText(bytes, value + 1, end - 1, 'JSON');
    return end;
  }
  return skipValue(bytes, value);
};

/** The data unescaped, with a newline after them; they hold good until the next call. */
const plain = { bytes: new Uint8Array(4096), length: 0 };

function unescape(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from + 1 > plain.bytes.length) plain.bytes = new Uint8Array(2 * (to - from + 1));
  const { bytes: into } = plain;
  let length = 0;
  for (let at = from; at < to; at++) {
    let byte = bytes[at]!;
    if (byte === 92) {
      byte = bytes[++at]!;
      if (byte === 110) byte = 10;
      else if (byte === 114) byte = 13;
      else if (byte === 116) byte = 9;
      else if (byte !== 34 && byte !== 92 && byte !== 47) return false;
    }
    into[length++] = byte;
  }
  into[length] = 10;
  plain.length = length;
  return true;
}

/** The number of rows put, −2 when the form is another. */
function putInput(batch: Batch, bytes: Uint8Array, names: readonly string[] | undefined): number {
  if (!unescape(bytes, input.from, input.to)) return -2;
  if (input.isCsv) return putCsv(batch, batch.rows, names, '_c');
  if (!input.isJson) return -2;
  const first = batch.rows;
  const end = eachInList('instances', (payload, at) => {
    if (batch.rows >= BATCH_ROWS) return -1;
    const after = putObject(batch, payload, at);
    batch.rows++;
    return after;
  });
  const rows = batch.rows - first;
  batch.rows = first;
  return end ? rows : -2;
}

function putOutput(batch: Batch, bytes: Uint8Array, first: number): number {
  if (!unescape(bytes, output.from, output.to)) return -2;
  if (output.isCsv) return putCsv(batch, first, undefined, PREDICTION);
  if (!output.isJson) return -2;
  const column = filling(batch, PREDICTION);
  let row = first;
  const end = eachInList('predictions', (payload, at) =>
    row < BATCH_ROWS ? putScalar(column, row++, payload, at) : -1,
  );
  return end ? row - first : -2;
}

/** Calls `take` for each element of `{"name":[…]}`, the only member; false when it is something else. */
function eachInList(name: string, take: (payload: Uint8Array, at: number) => number): boolean {
  const { bytes, length } = plain;
  let at = skipSpace(bytes, 0);
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
  return bytes[at] === 125 && skipSpace(bytes, at + 1) >= length;
}

/** Lines of CSV from row `first`; the number of rows, −2 for quotes, spaces or words that may be numbers. */
function putCsv(batch: Batch, first: number, names: readonly string[] | undefined, prefix: string): number {
  const { bytes, length } = plain;
  let row = first;
  for (let at = 0; at < length; row++) {
    if (row >= BATCH_ROWS || bytes[at] === 10) return -2;
    let position = 0;
    for (; ; at++, position++) {
      const name = names ? names[position] : nameAt(prefix, position);
      if (name === undefined) return -2;
      at = putField(filling(batch, name), row, bytes, at);
      if (at < 0) return -2;
      if (bytes[at] !== 44) break;
    }
    if (names && names.length !== position + 1) return -2;
    at++;
  }
  return row - first;
}

const spelled = new Map<string, string[]>();

function nameAt(prefix: string, position: number): string {
  let known = spelled.get(prefix);
  if (!known) spelled.set(prefix, (known = []));
  known[position] ??=
    prefix === PREDICTION
      ? position === 0
        ? PREDICTION
        : `${PREDICTION}.${position}`
      : `${prefix}${position}`;
  return known[position];
}

/** Where the field's comma or newline is; −1 for what is neither a number nor a plain word. */
function putField(column: Filling, row: number, bytes: Uint8Array, from: number): number {
  const end = scanNumber(bytes, from);
  if (end >= 0) {
    if (bytes[end] !== 44 && bytes[end] !== 10) return -1;
    putParsed(column, row);
    return end;
  }
  let at = from;
  for (let byte = bytes[at]!; byte !== 44 && byte !== 10; byte = bytes[++at]!) {
    const isPlain = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (at > from && byte === 95);
    if (!isPlain) return -1;
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
