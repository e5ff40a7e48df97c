import { viewOf } from './view.ts';

/** How a value is written, or that it is not there: one byte a value. */
export const MISSING = 0;
export const INTEGRAL = 1;
export const FRACTIONAL = 2;
export const TEXT = 3;
export const BOOLEAN = 4;
/** An integer beyond ±2^53, kept as the nearest double. */
export const ROUNDED = 5;

/** The number last read by `scanNumber`, and how it was written. */
export const parsed = new Float64Array(1);
export const parsedKind = new Uint8Array(1);

/** 10^0 … 10^22 are exact doubles, so one multiplication or division of an exact mantissa rounds once (Clinger 1990). */
const TENS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Fifteen digits always fit a double's 53 bits. */
const EXACT_DIGITS = 15;

/**
 * Reads the decimal number that begins at `from` (a sign, digits, a fraction, an exponent) into `parsed`, rounded to the
 * nearest double, and its way of writing into `parsedKind`: INTEGRAL, FRACTIONAL or ROUNDED. There must be a byte after it.
 * @returns where the number ends, or −1 when there is none
 */
export function scanNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  let byte = bytes[at]!;
  const negative = byte === 45;
  if (negative || byte === 43) byte = bytes[++at]!;
  const first = at;
  // The first fifteen digits, and those after them: both exact.
  let high = 0;
  while (byte >= 48 && byte <= 57) {
    high = high * 10 + (byte - 48);
    byte = bytes[++at]!;
  }
  let digits = at - first;
  if (digits > EXACT_DIGITS) return scanByRuntime(bytes, from);
  if (byte !== 46) {
    if (digits === 0) return -1;
    if (byte === 101 || byte === 69) return scanByRuntime(bytes, from);
    parsed[0] = negative ? -high : high;
    parsedKind[0] = INTEGRAL;
    return at;
  }
  let low = 0;
  let lowDigits = 0;
  const point = ++at;
  const view = viewOf(bytes);
  // Four digits at a time, as one number of 32 bits.
  for (let last = bytes.length - 4; at <= last; at += 4) {
    const four = (view.getInt32(at, true) - 0x30303030) | 0;
    if (((four | (four + 0x76767676)) & 0x80808080) !== 0) break;
    const pairs = (four & 0x00ff00ff) * 10 + ((four >>> 8) & 0x00ff00ff);
    const value = (pairs & 0xffff) * 100 + (pairs >>> 16);
    if (digits <= EXACT_DIGITS - 4) {
      high = high * 10_000 + value;
      digits += 4;
    } else {
      low = low * 10_000 + value;
      lowDigits += 4;
    }
  }
  byte = bytes[at]!;
  while (byte >= 48 && byte <= 57) {
    if (digits < EXACT_DIGITS && lowDigits === 0) {
      high = high * 10 + (byte - 48);
      digits++;
    } else {
      low = low * 10 + (byte - 48);
      lowDigits++;
    }
    byte = bytes[++at]!;
  }
  const scale = at - point;
  if (digits === 0) return -1;
  if (byte === 101 || byte === 69) return scanExponent(bytes, from, at, high, low, lowDigits, scale);
  if (lowDigits > 0) return putLong(bytes, from, at, high, low, lowDigits, scale);
  const value = high / TENS[scale]!;
  parsed[0] = negative ? -value : value;
  parsedKind[0] = FRACTIONAL;
  return at;
}

/** The number's exponent is at `from`. */
function scanExponent(
  bytes: Uint8Array,
  start: number,
  from: number,
  high: number,
  low: number,
  lowDigits: number,
  scale: number,
): number {
  const end = exponentEnd(bytes, from);
  if (end < 0) return -1;
  const left = scale - exponent[0]!;
  if (lowDigits > 0) return putLong(bytes, start, end, high, low, lowDigits, left);
  if (left < -22 || left > 22) return putByRuntime(bytes, start, end, FRACTIONAL);
  const value = left >= 0 ? high / TENS[left]! : high * TENS[-left]!;
  parsed[0] = bytes[start] === 45 ? -value : value;
  parsedKind[0] = FRACTIONAL;
  return end;
}

/** For long integers and integers with an exponent, which are rare. */
function scanByRuntime(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 45 || bytes[from] === 43 ? from + 1 : from;
  let kind = INTEGRAL;
  while (bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  if (bytes[at] === 46) {
    kind = FRACTIONAL;
    at++;
    while (bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  }
  if (bytes[at] === 101 || bytes[at] === 69) {
    kind = FRACTIONAL;
    at = exponentEnd(bytes, at);
    if (at < 0) return -1;
  }
  return putByRuntime(bytes, from, at, kind);
}

const exponent = new Float64Array(1);

/** Reads `e±digits` at `from` into `exponent`; −1 when there are no digits. */
function exponentEnd(bytes: Uint8Array, from: number): number {
  let i = from + 1;
  const negative = bytes[i] === 45;
  if (negative || bytes[i] === 43) i++;
  const first = i;
  let value = 0;
  for (; bytes[i]! >= 48 && bytes[i]! <= 57; i++) value = Math.min(99_999, value * 10 + (bytes[i]! - 48));
  exponent[0] = negative ? -value : value;
  return i === first ? -1 : i;
}

/**
 * More digits than a double holds, in two exact parts: they are scaled in double-double arithmetic (Dekker 1971) and rounded once; where
 * the 104 bits leave open which way to round, the runtime's own parser decides.
 */
function putLong(
  bytes: Uint8Array,
  from: number,
  to: number,
  high: number,
  low: number,
  lowDigits: number,
  scale: number,
): number {
  if (scale < 0 || scale > 22 || lowDigits > EXACT_DIGITS) return putByRuntime(bytes, from, to, FRACTIONAL);
  const shift = TENS[lowDigits]!;
  const product = high * shift;
  const whole = product + low;
  const rest = productError(high, shift, product) + sumError(product, low, whole);
  const divisor = TENS[scale]!;
  const quotient = whole / divisor;
  const back = quotient * divisor;
  const correction = (whole - back - productError(quotient, divisor, back) + rest) / divisor;
  const value = quotient + correction;
  const doubt = Math.abs(correction) * 2 ** -40 + Math.abs(quotient) * 2 ** -100;
  if (quotient + (correction - doubt) !== value || quotient + (correction + doubt) !== value) {
    return putByRuntime(bytes, from, to, FRACTIONAL);
  }
  parsed[0] = bytes[from] === 45 ? -value : value;
  parsedKind[0] = FRACTIONAL;
  return to;
}

/** a·b − product, exactly: Dekker's product with Veltkamp's splitting. */
function productError(a: number, b: number, product: number): number {
  const splitA = 134_217_729 * a;
  const highA = splitA - (splitA - a);
  const lowA = a - highA;
  const splitB = 134_217_729 * b;
  const highB = splitB - (splitB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}

/** a + b − sum, exactly (Knuth). */
function sumError(a: number, b: number, sum: number): number {
  const other = sum - a;
  return a - (sum - other) + (b - other);
}

function putByRuntime(bytes: Uint8Array, from: number, to: number, kind: number): number {
  const value = Number(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'));
  parsed[0] = value;
  parsedKind[0] = kind === INTEGRAL && !Number.isSafeInteger(value) ? ROUNDED : kind;
  return to;
}
