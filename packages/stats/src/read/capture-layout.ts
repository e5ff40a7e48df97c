import { isText, skipSpace, skipString, skipValue } from './json-scan.ts';

/** A string of a capture line without its escapes and with a newline after it; good until the next line. */
export type Plain = { bytes: Uint8Array; length: number };

/** A side of a capture line. */
export type Side = { plain: Plain; isThere: boolean; isJson: boolean; isCsv: boolean };

export const input: Side = newSide();
export const output: Side = newSide();

function newSide(): Side {
  return { plain: { bytes: new Uint8Array(4096), length: 0 }, isThere: false, isJson: false, isCsv: false };
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
type Layout = { before: Uint8Array; between: Uint8Array; after: Uint8Array; rest: Uint8Array };

let learned: Layout | undefined;

function findAsLearned(bytes: Uint8Array, from: number, to: number, layout: Layout): boolean {
  const { before, between, after, rest } = layout;
  if (!matches(bytes, from, before)) return false;
  const inputEnd = unescape(bytes, from + before.length, input.plain);
  if (inputEnd < 0 || !matches(bytes, inputEnd, between)) return false;
  const outputEnd = unescape(bytes, inputEnd + between.length, output.plain);
  if (outputEnd < 0 || !matches(bytes, outputEnd, after)) return false;
  const metadataEnd = skipValue(bytes, outputEnd + after.length);
  return metadataEnd >= 0 && metadataEnd + rest.length === to && matches(bytes, metadataEnd, rest);
}

function matches(bytes: Uint8Array, from: number, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[from + i] !== part[i]) return false;
  return true;
}

/** Copies a string's content without its escapes; returns where its closing quote is, −1 for an escape that is seldom. */
function unescape(bytes: Uint8Array, from: number, plain: Plain): number {
  let into = plain.bytes;
  let length = 0;
  for (let at = from; ; at++) {
    let byte = bytes[at]!;
    if (byte === 34) {
      into[length] = 10;
      plain.length = length;
      return at;
    }
    if (byte < 32) return -1;
    if (byte === 92) {
      byte = bytes[++at]!;
      if (byte === 110) byte = 10;
      else if (byte === 114) byte = 13;
      else if (byte === 116) byte = 9;
      else if (byte !== 34 && byte !== 92 && byte !== 47) return -1;
    }
    into[length++] = byte;
    if (length === into.length) {
      plain.bytes = new Uint8Array(2 * length);
      plain.bytes.set(into);
      into = plain.bytes;
    }
  }
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
    before: bytes.slice(from, inputFrom),
    between: bytes.slice(inputTo, outputFrom),
    after: bytes.slice(outputTo, metadataFrom),
    rest: bytes.slice(metadataTo, to),
  };
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
    const close = unescape(bytes, value + 1, side.plain);
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
