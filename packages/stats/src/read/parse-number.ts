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
 * Reads the decimal number that begins at `from` (a sign, digits, a fraction, an exponent) into `parsed`, rounded to the nearest double, and
 * its way of writing into `parsedKind`: INTEGRAL, FRACTIONAL or ROUNDED. There must be a byte after it.
 * @returns where the number ends, or −1 when there is none
 */
export function scanNumber(bytes: Uint8Array, from: number): number {
  let i = from;
  let byte = bytes[i]!;
  const negative = byte === 45;
  if (negative || byte === 43) byte = bytes[++i]!;
  const first = i;
  let mantissa = 0;
  while (byte >= 48 && byte <= 57) {
    mantissa = mantissa * 10 + (byte - 48);
    byte = bytes[++i]!;
  }
  let digits = i - first;
  let scale = 0;
  let kind = INTEGRAL;
  if (byte === 46) {
    const point = i;
    byte = bytes[++i]!;
    while (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      byte = bytes[++i]!;
    }
    scale = i - point - 1;
    digits += scale;
    kind = FRACTIONAL;
  }
  if (digits === 0) return -1;
  if (byte === 101 || byte === 69) {
    const end = scanExponent(bytes, i);
    if (end < 0) return -1;
    if (digits > EXACT_DIGITS) return parseLong(bytes, from, end, FRACTIONAL, scale - exponent[0]!);
    return parseShort(bytes, from, end, negative ? -mantissa : mantissa, scale - exponent[0]!);
  }
  if (digits > EXACT_DIGITS) return parseLong(bytes, from, i, kind, scale);
  const value = scale === 0 ? mantissa : mantissa / TENS[scale]!;
  parsed[0] = negative ? -value : value;
  parsedKind[0] = kind;
  return i;
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

function parseShort(bytes: Uint8Array, from: number, to: number, mantissa: number, scale: number): number {
  if (scale < -22 || scale > 22) return parseByRuntime(bytes, from, to, FRACTIONAL);
  parsed[0] = scale >= 0 ? mantissa / TENS[scale]! : mantissa * TENS[-scale]!;
  parsedKind[0] = FRACTIONAL;
  return to;
}

/**
 * More digits than a double holds. They are taken as two exact parts, scaled in double-double arithmetic (Dekker 1971) and rounded once;
 * where the 104 bits leave open which way to round, the runtime's own parser decides.
 */
function parseLong(bytes: Uint8Array, from: number, to: number, kind: number, scale: number): number {
  if (scale < 0 || scale > 22) return parseByRuntime(bytes, from, to, kind);
  let high = 0;
  let low = 0;
  let digits = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 48;
    if (digit === 53 || digit === 21) break;
    if (digit < 0 || digit > 9) continue;
    if (digits < EXACT_DIGITS) high = high * 10 + digit;
    else low = low * 10 + digit;
    if (digits > 0 || digit > 0) digits++;
  }
  if (digits > 2 * EXACT_DIGITS) return parseByRuntime(bytes, from, to, kind);
  const shift = TENS[Math.max(0, digits - EXACT_DIGITS)]!;
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
