import { viewOf } from './view.ts';
import { isText, skipSpace, skipString, skipValue } from './json-scan.ts';

/**
 * A string of a capture line without its escapes: bytes [from, to), with a quote after them. They lie in the line where it has no
 * escapes, and are good until the next line.
 */
export type Plain = { bytes: Uint8Array; from: number; to: number };

/** A side of a capture line. */
export type Side = { plain: Plain; isThere: boolean; isJson: boolean; isCsv: boolean };

export const input: Side = newSide();
export const output: Side = newSide();

function newSide(): Side {
  return { plain: { bytes: new Uint8Array(0), from: 0, to: 0 }, isThere: false, isJson: false, isCsv: false };
}

/**
 * Finds the data of both sides of the line in bytes [from, to) and unescapes them. An endpoint's lines are alike but for the data and the
 * metadata, so what lies around them is remembered and only compared; a line that differs is walked through member by member.
 * @returns false for what is no capture line, or holds escapes besides those of quotes, slashes and white space
 */
export function findSides(bytes: Uint8Array, from: number, to: number): boolean {
  if (learned && findAsLearned(bytes, from, to, learned)) return true;
  learned = undefined;
  return walk(bytes, from, to);
}

/** What lies before the request's data, between them and the answer's, from those to the metadata, and after the metadata. */
type Layout = { before: DataView; between: DataView; after: DataView; rest: DataView };

let learned: Layout | undefined;

function findAsLearned(bytes: Uint8Array, from: number, to: number, layout: Layout): boolean {
  const { before, between, after, rest } = layout;
  const view = viewOf(bytes);
  if (!matches(view, from, before)) return false;
  const inputEnd = unescape(bytes, from + before.byteLength, input.plain, inputCopy);
  if (inputEnd < 0 || !matches(view, inputEnd, between)) return false;
  const outputEnd = unescape(bytes, inputEnd + between.byteLength, output.plain, outputCopy);
  if (outputEnd < 0 || !matches(view, outputEnd, after)) return false;
  const metadataEnd = skipValue(bytes, outputEnd + after.byteLength);
  return metadataEnd >= 0 && metadataEnd + rest.byteLength === to && matches(view, metadataEnd, rest);
}

/** Compares four bytes at a time. */
function matches(view: DataView, from: number, part: DataView): boolean {
  const length = part.byteLength;
  if (from + length > view.byteLength) return false;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (view.getInt32(from + i, true) !== part.getInt32(i, true)) return false;
  }
  for (; i < length; i++) if (view.getUint8(from + i) !== part.getUint8(i)) return false;
  return true;
}

/** Where copies without escapes are made. */
type Copy = { bytes: Uint8Array };
const inputCopy: Copy = { bytes: new Uint8Array(4096) };
const outputCopy: Copy = { bytes: new Uint8Array(4096) };

/** 1 for what cannot be copied as it is: quotes, backslashes and control characters. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 32 || byte === 34 || byte === 92 ? 1 : 0,
);

/** Takes a string's content without its escapes; returns where its closing quote is, −1 for an escape that is seldom. */
function unescape(bytes: Uint8Array, from: number, plain: Plain, copy: Copy): number {
  let at = from;
  while (SPECIAL[bytes[at]!] === 0) at++;
  if (bytes[at] === 34) {
    plain.bytes = bytes;
    plain.from = from;
    plain.to = at;
    return at;
  }
  return copyWithoutEscapes(bytes, from, at, plain, copy);
}

function copyWithoutEscapes(
  bytes: Uint8Array,
  from: number,
  firstEscape: number,
  plain: Plain,
  copy: Copy,
): number {
  let at = firstEscape;
  let length = at - from;
  let into = roomFor(copy, length + 256);
  for (let i = 0; i < length; i++) into[i] = bytes[from + i]!;
  for (; ; at++) {
    let byte = bytes[at]!;
    if (SPECIAL[byte] === 1) {
      if (byte === 34) break;
      if (byte !== 92) return -1;
      byte = bytes[++at]!;
      if (byte === 110) byte = 10;
      else if (byte === 114) byte = 13;
      else if (byte === 116) byte = 9;
      else if (byte !== 34 && byte !== 92 && byte !== 47) return -1;
    }
    into[length++] = byte;
    if (length === into.length) into = roomFor(copy, 2 * length);
  }
  into[length] = 34;
  plain.bytes = into;
  plain.from = 0;
  plain.to = length;
  return at;
}

function roomFor(copy: Copy, length: number): Uint8Array {
  if (copy.bytes.length < length) {
    const larger = new Uint8Array(length);
    larger.set(copy.bytes);
    copy.bytes = larger;
  }
  return copy.bytes;
}

// Where things were in the line that is being walked through.
const found = { inputFrom: 0, inputTo: 0, outputFrom: 0, outputTo: 0, metadataFrom: 0, metadataTo: 0 };

function walk(bytes: Uint8Array, from: number, to: number): boolean {
  input.isThere = false;
  output.isThere = false;
  found.metadataFrom = -1;
  const end = eachMember(bytes, from, takeTop);
  if (end < 0 || skipSpace(bytes, end) < to) return false;
  if (!input.isThere && !output.isThere) return false;
  if (input.isThere && output.isThere) learn(bytes, from, to);
  return true;
}

function learn(bytes: Uint8Array, from: number, to: number): void {
  const { inputFrom, inputTo, outputFrom, outputTo, metadataFrom, metadataTo } = found;
  if (!(inputTo < outputFrom && outputTo < metadataFrom)) return;
  learned = {
    before: copyOf(bytes, from, inputFrom),
    between: copyOf(bytes, inputTo, outputFrom),
    after: copyOf(bytes, outputTo, metadataFrom),
    rest: copyOf(bytes, metadataTo, to),
  };
}

function copyOf(bytes: Uint8Array, from: number, to: number): DataView {
  return new DataView(new Uint8Array(bytes.subarray(from, to)).buffer);
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

const takeTop: TakeMember = (bytes, keyFrom, keyTo, value) => {
  if (isText(bytes, keyFrom, keyTo, 'captureData')) return eachMember(bytes, value, takeSide);
  const end = skipValue(bytes, value);
  if (isText(bytes, keyFrom, keyTo, 'eventMetadata')) {
    found.metadataFrom = value;
    found.metadataTo = end;
  }
  return end;
};

let side = input;

const takeSide: TakeMember = (bytes, keyFrom, keyTo, value) => {
  if (isText(bytes, keyFrom, keyTo, 'endpointInput')) side = input;
  else if (isText(bytes, keyFrom, keyTo, 'endpointOutput')) side = output;
  else return skipValue(bytes, value);
  side.isThere = false;
  side.isCsv = false;
  side.isJson = false;
  const end = eachMember(bytes, value, takeData);
  return side.isThere ? end : -1;
};

const takeData: TakeMember = (bytes, keyFrom, keyTo, value) => {
  if (isText(bytes, keyFrom, keyTo, 'data')) {
    if (bytes[value] !== 34) return -1;
    const close = unescape(bytes, value + 1, side.plain, side === input ? inputCopy : outputCopy);
    if (close < 0) return -1;
    side.isThere = true;
    if (side === input) {
      found.inputFrom = value + 1;
      found.inputTo = close;
    } else {
      found.outputFrom = value + 1;
      found.outputTo = close;
    }
    return close + 1;
  }
  const end = skipValue(bytes, value);
  if (isText(bytes, keyFrom, keyTo, 'encoding')) {
    side.isCsv = isText(bytes, value, end, '"CSV"');
    side.isJson = isText(bytes, value, end, '"JSON"');
  }
  return end;
};
