// Lines that are alike but for some values: what lies between them is compared, the values are read into columns.

import { SPAN } from './csv';
import { FRACTIONAL, INTEGRAL, number, ROUNDED, value } from './number';

const MISSING: u8 = 0;

/** What a line is made of. An instruction takes 16 bytes: what it is, and two operands. */
const LITERAL: u32 = 0;
/** A number as JSON writes it, true, false or null. */
const SCALAR: u32 = 1;
/** A text in quotes, its content without escapes. */
const TEXT: u32 = 2;
/** A field of CSV: a number, a plain word or nothing. */
const FIELD: u32 = 3;
/** The content of a string that nobody wants, without escapes. */
const IGNORED: u32 = 4;
/** A field of CSV that is a text: a plain word, of digits too, or nothing. */
const WORD: u32 = 5;

/** How many lines the last call read. */
export let linesRead: u32 = 0;

/**
 * Reads lines of [from, to), each ended by a newline, until there is no more room or a line is different; slots and kinds as in readRecords.
 * Literals must have 16 bytes behind them.
 * @returns where it stopped
 */
export function readLines(
  from: u32,
  to: u32,
  program: u32,
  length: u32,
  room: u32,
  slots: u32,
  kinds: u32,
): u32 {
  const programEnd = program + (length << 4);
  let line = from;
  let row: u32 = 0;
  while (row < room && line < to) {
    let at = line;
    for (let step = program; step < programEnd; step += 16) {
      const operation = load<u32>(step);
      const operand = load<u32>(step, 4);
      if (operation == LITERAL) {
        const bytes = load<u32>(step, 8);
        if (!isSame(at, operand, bytes)) {
          linesRead = row;
          return line;
        }
        at += bytes;
        continue;
      }
      if (operation == IGNORED) {
        at = contentEnd(at);
      } else {
        const slot = slots + ((operand * room + row) << 3);
        const place = kinds + operand * room + row;
        if (operation == SCALAR) at = readScalar(at, from, slot, place);
        else if (operation == FIELD) at = readField(at, from, slot, place);
        else if (operation == WORD) at = readWord(at, from, slot, place, true);
        else at = readText(at, from, slot, place);
      }
      if (at == 0) {
        linesRead = row;
        return line;
      }
    }
    if (at >= to || load<u8>(at) != 10) break;
    line = at + 1;
    row++;
  }
  linesRead = row;
  return line;
}

function isSame(at: u32, literal: u32, length: u32): bool {
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) {
    if (v128.any_true(v128.xor(v128.load(at + i), v128.load(literal + i)))) return false;
  }
  const left = length - i;
  if (left > 8) {
    if (load<u64>(at + i) != load<u64>(literal + i)) return false;
    i += 8;
  }
  const rest = length - i;
  return rest == 0 || (load<u64>(at + i) ^ load<u64>(literal + i)) << (64 - 8 * rest) == 0;
}

/** Where a string's content ends: at a quote, a backslash or a control character. */
function plainEnd(from: u32): u32 {
  const quotes = i8x16.splat(34);
  const slashes = i8x16.splat(92);
  const spaces = i8x16.splat(32);
  let at = from;
  let found: i32 = 0;
  do {
    const bytes = v128.load(at);
    const quoting = v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, slashes));
    found = i8x16.bitmask(v128.or(quoting, i8x16.lt_u(bytes, spaces)));
    at += 16;
  } while (found == 0);
  return at - 16 + ctz<i32>(found);
}

function contentEnd(from: u32): u32 {
  const end = plainEnd(from);
  return load<u8>(end) == 34 ? end : 0;
}

function readText(from: u32, base: u32, slot: u32, place: u32): u32 {
  const end = plainEnd(from);
  if (load<u8>(end) < 32) return 0;
  putSpan(from, end, base, slot, place);
  return end;
}

function putSpan(from: u32, end: u32, base: u32, slot: u32, place: u32): void {
  store<u32>(slot, from - base);
  store<u32>(slot, end - base, 4);
  store<u8>(place, SPAN);
}

function readScalar(from: u32, base: u32, slot: u32, place: u32): u32 {
  const end = number(from);
  if (end != 0) {
    if (!isJsonNumber(from, end)) return 0;
    putNumber(slot, place);
    return end;
  }
  const word = load<u32>(from);
  if (word == 0x6c6c756e) {
    store<u8>(place, MISSING);
    return from + 4;
  }
  const length: u32 = word == 0x65757274 ? 4 : word == 0x736c6166 && load<u8>(from, 4) == 101 ? 5 : 0;
  if (length == 0) return 0;
  putSpan(from, from + length, base, slot, place);
  return from + length;
}

/** Whether a word is NaN or Infinity, however it is written, or at least as long and with the same initial. */
function mayBeNumber(from: u32, length: u32): bool {
  const initial = (<u32>load<u8>(from)) | 32;
  if (initial == 105) return length == 8;
  return length == 3 && initial == 110 && (load<u16>(from, 1) | 0x2020) == 0x6e61;
}

/** Counted by its value: JSON does not tell 1 from 1.0. */
function putNumber(slot: u32, place: u32): void {
  store<f64>(slot, value);
  const kind = floor(value) != value ? FRACTIONAL : abs(value) <= 9007199254740991 ? INTEGRAL : ROUNDED;
  store<u8>(place, kind);
}

/** No plus, no zero before other digits, digits on both sides of a point. */
function isJsonNumber(from: u32, end: u32): bool {
  const first = load<u8>(from) == 45 ? from + 1 : from;
  const byte = <u32>load<u8>(first);
  if (byte - 48 > 9) return false;
  if (byte == 48 && <u32>load<u8>(first, 1) - 48 <= 9) return false;
  for (let at = first + 1; at < end; at++) {
    if (load<u8>(at) == 46) return <u32>load<u8>(at, 1) - 48 <= 9;
  }
  return true;
}

function readField(from: u32, base: u32, slot: u32, place: u32): u32 {
  const end = number(from);
  if (end != 0) {
    putNumber(slot, place);
    return end;
  }
  return readWord(from, base, slot, place, false);
}

function readWord(from: u32, base: u32, slot: u32, place: u32, hasDigits: bool): u32 {
  let at = from;
  for (let byte = <u32>load<u8>(at); ; byte = <u32>load<u8>(++at)) {
    const isPlain = (byte | 32) - 97 < 26 || (byte == 95 && at > from);
    if (!isPlain && !(hasDigits && byte - 48 < 10)) break;
  }
  if (at == from) {
    store<u8>(place, MISSING);
    return at;
  }
  if (mayBeNumber(from, at - from)) return 0;
  putSpan(from, at, base, slot, place);
  return at;
}
