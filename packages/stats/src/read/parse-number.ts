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
  let i = from;
  let byte = bytes[i]!;
  const negative = byte === 45;
  if (negative || byte === 43) byte = bytes[++i]!;
  const first = i;
  // The first fifteen significant digits, and those after them: both exact.
  let high = 0;
  let low = 0;
  let significant = 0;
  let lowDigits = 0;
  while (byte >= 48 && byte <= 57) {
    if (significant < EXACT_DIGITS) {
      high = high * 10 + (byte - 48);
      if (high > 0) significant++;
    } else {
      low = low * 10 + (byte - 48);
      lowDigits++;
    }
    byte = bytes[++i]!;
  }
  let digits = i - first;
  let scale = 0;
  let kind = INTEGRAL;
  if (byte === 46) {
    kind = FRACTIONAL;
    const point = ++i;
    const view = viewOf(bytes);
    // Four digits at a time, as one number of 32 bits.
    for (const last = bytes.length - 4; i <= last; i += 4) {
      const four = (view.getInt32(i, true) - 0x30303030) | 0;
      if (((four | (four + 0x76767676)) & 0x80808080) !== 0) break;
      const pairs = (four & 0x00ff00ff) * 10 + ((four >>> 8) & 0x00ff00ff);
      const value = (pairs & 0xffff) * 100 + (pairs >>> 16);
      if (significant + 4 <= EXACT_DIGITS) {
        high = high * 10_000 + value;
        if (high > 0) significant += 4;
      } else {
        low = low * 10_000 + value;
        lowDigits += 4;
        significant = EXACT_DIGITS;
      }
    }
    byte = bytes[i]!;
    while (byte >= 48 && byte <= 57) {
      if (significant < EXACT_DIGITS) {
        high = high * 10 + (byte - 48);
        if (high > 0) significant++;
      } else {
        low = low * 10 + (byte - 48);
        lowDigits++;
      }
      byte = bytes[++i]!;
    }
    scale = i - point;
    digits += scale;
  }
  if (digits === 0) return -1;
  let end = i;
  if (byte === 101 || byte === 69) {
    end = scanExponent(bytes, i);
    if (end < 0) return -1;
    kind = FRACTIONAL;
    scale -= exponent[0]!;
  }
  if (scale < -22 || scale > 22 || lowDigits > EXACT_DIGITS) return parseByRuntime(bytes, from, end, kind);
  if (lowDigits > 0) return parseLong(bytes, from, end, kind, high, low, lowDigits, scale);
  const value = scale >= 0 ? high / TENS[scale]! : high * TENS[-scale]!;
  parsed[0] = negative ? -value : value;
  parsedKind[0] = kind;
  return end;
}

const exponent = new Float64Array(1);

/** Reads `e±digits` at `from` into `exponent`; −1 when there are no digits. */
function scanExponent(bytes: Uint8Array, from: number): number {
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
function parseLong(
  bytes: Uint8Array,
  from: number,
  to: number,
  kind: number,
  high: number,
  low: number,
  lowDigits: number,
  scale: number,
): number {
  if (scale < 0) return parseByRuntime(bytes, from, to, kind);
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
    return parseByRuntime(bytes, from, to, kind);
  }
  parsed[0] = bytes[from] === 45 ? -value : value;
  parsedKind[0] = kind === INTEGRAL && value > 2 ** 53 ? ROUNDED : kind;
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

function parseByRuntime(bytes: Uint8Array, from: number, to: number, kind: number): number {
  const value = Number(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'));
  parsed[0] = value;
  parsedKind[0] = kind === INTEGRAL && !Number.isSafeInteger(value) ? ROUNDED : kind;
  return to;
}
