// Decimal numbers to the nearest double.

import { FIRST_POWER, LAST_POWER, POWERS, TENS, WHOLE_TENS } from './places';

export const INTEGRAL: u8 = 1;
export const FRACTIONAL: u8 = 2;
/** An integer beyond ±2^53, kept as the nearest double. */
export const ROUNDED: u8 = 5;

/** The number last read, and how it was written. */
export let value: f64 = 0;
export let kind: u8 = 0;

/** The nearest double of every integer up to here is that integer. */
const EXACT: u64 = 9007199254740992;
/** More digits do not fit 64 bits. */
const MOST_DIGITS: u32 = 19;

/**
 * Reads a sign, digits, a fraction and an exponent at `from`.
 * @returns where they end; 0 where there is no number, or one so long that somebody else has to read it
 */
export function number(from: u32): u32 {
  let at = from;
  let byte = <u32>load<u8>(at);
  const negative = byte == 45;
  if (negative || byte == 43) byte = <u32>load<u8>(++at);
  const first = at;
  let mantissa: u64 = 0;
  let digit = byte - 48;
  while (digit <= 9) {
    mantissa = mantissa * 10 + digit;
    digit = <u32>load<u8>(++at) - 48;
  }
  let digits = at - first;
  let power: i32 = 0;
  kind = INTEGRAL;
  if (digit == 46 - 48) {
    kind = FRACTIONAL;
    const point = ++at;
    let bytes = load<u64>(at);
    let others = otherThanDigits(bytes);
    while (others == 0) {
      mantissa = mantissa * 100000000 + eightDigits(bytes);
      at += 8;
      bytes = load<u64>(at);
      others = otherThanDigits(bytes);
    }
    const bits = ctz(others) & 56;
    if (bits > 0) {
      // The digits that there are, and zeros before them.
      const eight = (bytes << (64 - bits)) | (0x3030303030303030 >> bits);
      mantissa = mantissa * load<u32>(WHOLE_TENS + <u32>(bits >> 1)) + eightDigits(eight);
      at += <u32>(bits >> 3);
    }
    digit = <u32>load<u8>(at) - 48;
    digits += at - point;
    power = -(<i32>(at - point));
  }
  if (digits == 0) return 0;
  if (digits > MOST_DIGITS && digits - leadingZeros(first) > MOST_DIGITS) return 0;
  if (((digit + 48) | 32) == 101) {
    at = exponent(at + 1);
    if (at == 0) return 0;
    kind = FRACTIONAL;
    power += exponentRead;
  }
  if (mantissa == 0) value = 0;
  else if (!scale(mantissa, power)) return 0;
  if (kind == INTEGRAL && value >= <f64>EXACT) kind = ROUNDED;
  if (negative) value = -value;
  return at;
}

let exponentRead: i32 = 0;

/** Reads `±digits`; returns where they end, 0 where there are none. */
function exponent(from: u32): u32 {
  let at = from;
  const byte = <u32>load<u8>(at);
  const negative = byte == 45;
  if (negative || byte == 43) at++;
  const first = at;
  let read: i32 = 0;
  for (let digit = <u32>load<u8>(at) - 48; digit <= 9; digit = <u32>load<u8>(++at) - 48) {
    if (read < 100000) read = read * 10 + <i32>digit;
  }
  exponentRead = negative ? -read : read;
  return at == first ? 0 : at;
}

function leadingZeros(from: u32): u32 {
  let zeros: u32 = 0;
  for (let at = from; load<u8>(at) == 48 || load<u8>(at) == 46; at++) zeros += <u32>(load<u8>(at) == 48);
  return zeros;
}

/** The upper bit of each byte that is no digit; above the lowest of them they mean nothing. */
function otherThanDigits(bytes: u64): u64 {
  const values = bytes ^ 0x3030303030303030;
  return ((values + 0x7676767676767676) | values) & 0x8080808080808080;
}

/** Eight digits as a number, by pairs, then fours, then all of them. */
function eightDigits(bytes: u64): u64 {
  const digits = bytes - 0x3030303030303030;
  const pairs = digits * 10 + (digits >> 8);
  const evens = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const odds = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (evens + odds) >> 32;
}

/**
 * mantissa · 10^power, rounded once: where both are exact doubles by one operation (Clinger 1990), else by the leading 128 bits of
 * mantissa · 5^power (Lemire 2021, "Number parsing at a gigabyte per second").
 * @returns false beyond the table, and for what is not a normal double
 */
function scale(mantissa: u64, power: i32): bool {
  if (mantissa <= EXACT && power >= -22 && power <= 22) {
    const exact = <f64>mantissa;
    if (power < 0) value = exact / load<f64>(TENS + ((<u32>-power) << 3));
    else value = exact * load<f64>(TENS + ((<u32>power) << 3));
    return true;
  }
  if (power < FIRST_POWER || power > LAST_POWER) return false;
  const zeros = clz<u64>(mantissa);
  const whole = mantissa << zeros;
  const entry = POWERS + ((<u32>(power - FIRST_POWER)) << 4);
  const leading = load<u64>(entry);
  let low = whole * leading;
  let high = highHalf(whole, leading);
  if ((high & 0x1ff) == 0x1ff) {
    const carried = highHalf(whole, load<u64>(entry + 8));
    low += carried;
    if (carried > low) high++;
  }
  // All ones: what was left out may carry.
  if (low == 0xffffffffffffffff && (power < -27 || power > 55)) return false;
  const upper = <u32>(high >> 63);
  let bits = high >> (upper + 9);
  let binary = ((217706 * power) >> 16) + 63 + <i32>upper - <i32>zeros + 1023;
  if (binary <= 0 || binary >= 2046) return false;
  // Exactly between two doubles: to the even one.
  if (low <= 1 && power >= -4 && power <= 23 && (bits & 3) == 1 && bits << (upper + 9) == high) bits &= ~1;
  bits += bits & 1;
  bits >>= 1;
  if (bits >= (<u64>2) << 52) {
    bits = (<u64>1) << 52;
    binary++;
  }
  value = reinterpret<f64>((bits & ~((<u64>1) << 52)) | ((<u64>binary) << 52));
  return true;
}

/** The upper 64 of the 128 bits of a product. */
function highHalf(a: u64, b: u64): u64 {
  const lowA = a & 0xffffffff;
  const highA = a >> 32;
  const lowB = b & 0xffffffff;
  const highB = b >> 32;
  const mixed = lowA * highB;
  const other = highA * lowB;
  const carried = ((lowA * lowB) >> 32) + (mixed & 0xffffffff) + (other & 0xffffffff);
  return highA * highB + (mixed >> 32) + (other >> 32) + (carried >> 32);
}
