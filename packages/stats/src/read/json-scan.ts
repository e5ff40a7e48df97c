import { parsed, scanNumber } from './parse-number.ts';

// JSON (RFC 8259) over bytes, without making strings or objects. Each function takes where a token begins and returns where the
// next thing begins, or −1 for what is not JSON or not worth a fast path: the caller then asks JSON.parse, which says what is wrong.
// The bytes must end with a newline.

const QUOTE = 34;
const BACKSLASH = 92;

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]!; byte === 32 || byte === 9 || byte === 13;) byte = bytes[++at]!;
  return at;
}

/** A string's quote after next: of `"abc"` at 0 it is 5. */
export function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return -1;
  let at = from + 1;
  for (;;) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte < 32) return -1;
    if (byte === BACKSLASH) {
      at = skipEscape(bytes, at + 1);
      if (at < 0) return -1;
    } else {
      at++;
    }
  }
}

/** `"\\/bfnrt`, or u and four hexadecimal digits. */
function skipEscape(bytes: Uint8Array, from: number): number {
  const byte = bytes[from]!;
  if (byte === QUOTE || byte === BACKSLASH || byte === 110) return from + 1;
  if (byte === 47 || byte === 98 || byte === 102 || byte === 114 || byte === 116) return from + 1;
  if (byte !== 117) return -1;
  for (let i = 1; i <= 4; i++) {
    const digit = bytes[from + i]! | 32;
    const isHex = (digit >= 48 && digit <= 57) || (digit >= 97 && digit <= 102);
    // Setting a bit makes digits of some control characters too.
    if (!isHex || bytes[from + i]! < 48) return -1;
  }
  return from + 5;
}

/** Whether bytes [from, to) hold a backslash. */
export function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** JSON's numbers are narrower than `scanNumber`'s: no plus, no leading zero, digits around the point. */
export function scanJsonNumber(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === 45 ? from + 1 : from;
  const byte = bytes[first]!;
  if (!isDigit(byte)) return -1;
  if (byte === 48 && isDigit(bytes[first + 1]!)) return -1;
  let point = first + 1;
  while (isDigit(bytes[point]!)) point++;
  // 5. ends with a point, 5.e1 has one before its exponent.
  if (bytes[point] === 46 && !isDigit(bytes[point + 1]!)) return -1;
  return scanNumber(bytes, from);
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Any value. */
export function skipValue(bytes: Uint8Array, from: number, depth = 0): number {
  const byte = bytes[from]!;
  if (byte === QUOTE) return skipString(bytes, from);
  if (byte === 123 || byte === 91) return skipNested(bytes, from, depth);
  return skipWord(bytes, from);
}

const DEEPEST = 64;

function skipNested(bytes: Uint8Array, from: number, depth: number): number {
  const isObject = bytes[from] === 123;
  const close = isObject ? 125 : 93;
  if (depth > DEEPEST) return -1;
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (isObject) {
      at = afterKey(bytes, at);
      if (at < 0) return -1;
    }
    at = skipValue(bytes, at, depth + 1);
    if (at < 0) return -1;
    at = skipSpace(bytes, at);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== 44) return -1;
    at = skipSpace(bytes, at + 1);
  }
}

/** From a key to its value. */
function afterKey(bytes: Uint8Array, from: number): number {
  const end = skipString(bytes, from);
  if (end < 0) return -1;
  const colon = skipSpace(bytes, end);
  return bytes[colon] === 58 ? skipSpace(bytes, colon + 1) : -1;
}

/** true, false, null or a number. */
function skipWord(bytes: Uint8Array, from: number): number {
  const word = wordAt(bytes, from);
  if (word !== undefined) return from + word.length;
  const kept = parsed[0]!;
  const end = scanJsonNumber(bytes, from);
  parsed[0] = kept;
  return end;
}

export function wordAt(bytes: Uint8Array, from: number): 'true' | 'false' | 'null' | undefined {
  const byte = bytes[from];
  if (byte === 116) return isWord(bytes, from, 'true') ? 'true' : undefined;
  if (byte === 102) return isWord(bytes, from, 'false') ? 'false' : undefined;
  if (byte === 110) return isWord(bytes, from, 'null') ? 'null' : undefined;
  return undefined;
}

function isWord(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false;
  return true;
}

/** Whether bytes [from, to) are just this ASCII text. */
export function isText(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}
