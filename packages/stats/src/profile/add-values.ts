import { hashWords } from './hash.ts';
import { addHashed } from './hyper-log-log.ts';
import { addValue, addWords } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

// Counting in a table of small integers takes a tenth of the time of hashing. The tables are shared by all
// columns and all zero between calls; `touched` says which entries are not.
const DENSE = 1 << 22;
const dense = new Uint32Array(DENSE);
const MOST_AT_ONCE = 1 << 20;
const touched = new Uint32Array(MOST_AT_ONCE);
/** So many are hashed before the table is tried again: the histogram may have become coarse enough. */
const HASHED_AT_ONCE = 4096;

/** Prefixes of more bits than a double's mantissa could not be told apart. */
const LEAST_SHIFT = 11;

/** Adds each of values[from..to), all of them finite and between `min` and `max`. */
export function addValues(
  histogram: PrefixHistogram,
  values: Float64Array,
  from: number,
  to: number,
  min: number,
  max: number,
): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let next = from;
  if (to - from > MOST_AT_ONCE) {
    addValues(histogram, values, from, from + MOST_AT_ONCE, min, max);
    return addValues(histogram, values, from + MOST_AT_ONCE, to, min, max);
  }
  if (histogram.shift === 0 && min >= -DENSE / 2 && max < DENSE / 2) {
    next = addIntegers(histogram, values, from, to);
  }
  while (next < to) {
    if (histogram.shift >= LEAST_SHIFT && addByTable(histogram, words, next, to, min, max)) break;
    const until = Math.min(to, next + HASHED_AT_ONCE);
    for (; next < until; next++) addWords(histogram, words[2 * next + 1]!, words[2 * next]!, 1);
  }
  if (histogram.registers) addDistinct(histogram.registers, words, from, to);
}

/** Counts small integers until there comes something else; returns where it stopped. */
function addIntegers(histogram: PrefixHistogram, values: Float64Array, from: number, to: number): number {
  let many = 0;
  let i = from;
  for (; i < to; i++) {
    const value = values[i]!;
    const whole = value | 0;
    if (whole !== value) break;
    const index = whole + DENSE / 2;
    if (dense[index]!++ === 0) touched[many++] = index;
  }
  for (let t = 0; t < many; t++) {
    const index = touched[t]!;
    addValue(histogram, index - DENSE / 2, dense[index]!);
    dense[index] = 0;
  }
  return i;
}

/** Counts prefixes in the table when those between `min` and `max` fit it; else does nothing and says so. */
function addByTable(
  histogram: PrefixHistogram,
  words: Uint32Array,
  from: number,
  to: number,
  min: number,
  max: number,
): boolean {
  const { shift } = histogram;
  const zeroPrefix = 2 ** (63 - shift);
  const mayHoldZero = min <= 0 && max >= 0;
  const lowest = mayHoldZero ? 0 : prefixOf(min < 0 ? max : min, shift);
  const highest = prefixOf(min < 0 ? min : max + 0, shift);
  const last = mayHoldZero ? Math.max(highest, zeroPrefix) : highest;
  if (last - lowest >= DENSE) return false;
  const many =
    shift >= 32 ? countHigh(words, from, to, shift - 32, lowest) : countBoth(words, from, to, shift, lowest);
  // The bucket next below zero will have taken in −0, which is 0.
  const belowZero = zeroPrefix - lowest;
  const zeros = mayHoldZero && dense[belowZero] !== 0 ? negativeZeros(words, from, to) : 0;
  for (let t = 0; t < many; t++) {
    const index = touched[t]!;
    const count = dense[index]! - (index === belowZero ? zeros : 0);
    dense[index] = 0;
    if (count > 0) addPrefix(histogram, lowest + index, shift, count);
  }
  if (zeros > 0) addWords(histogram, 0, 0, zeros);
  return true;
}

function countHigh(words: Uint32Array, from: number, to: number, drop: number, lowest: number): number {
  let many = 0;
  for (let i = 2 * from + 1; i < 2 * to; i += 2) {
    const index = (words[i]! >>> drop) - lowest;
    if (dense[index]!++ === 0) touched[many++] = index;
  }
  return many;
}

/** Prefixes of more than 32 bits: their distances from the lowest still fit in 32. */
function countBoth(words: Uint32Array, from: number, to: number, shift: number, lowest: number): number {
  const kept = 32 - shift;
  const lowestHigh = Math.floor(lowest / 2 ** kept);
  const lowestLow = lowest % 2 ** kept;
  let many = 0;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const index = ((words[i + 1]! - lowestHigh) << kept) + (words[i]! >>> shift) - lowestLow;
    if (dense[index]!++ === 0) touched[many++] = index;
  }
  return many;
}

/** Adds to the bucket of a prefix that was taken at `shift`; the histogram may have become coarser since. */
function addPrefix(histogram: PrefixHistogram, prefix: number, shift: number, count: number): void {
  // The dropped bits do not matter, but with one of them set the prefix of −0 is not taken for −0 itself.
  if (shift >= 32) {
    addWords(histogram, (prefix << (shift - 32)) >>> 0, 1, count);
  } else {
    const kept = 2 ** (32 - shift);
    addWords(histogram, Math.floor(prefix / kept), (((prefix % kept) << shift) | 1) >>> 0, count);
  }
}

const one = new Float64Array(1);
const oneWords = new Uint32Array(one.buffer);

/** The leading bits as an integer. As integers, negative doubles lie above all others and grow with their magnitude. */
function prefixOf(value: number, shift: number): number {
  one[0] = value;
  if (shift >= 32) return oneWords[1]! >>> (shift - 32);
  return oneWords[1]! * 2 ** (32 - shift) + (oneWords[0]! >>> shift);
}

function negativeZeros(words: Uint32Array, from: number, to: number): number {
  let zeros = 0;
  for (let i = from; i < to; i++) if (words[2 * i + 1] === 0x80000000 && words[2 * i] === 0) zeros++;
  return zeros;
}

function addDistinct(registers: Uint8Array, words: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    hashWords(words[2 * i + 1]!, words[2 * i]!);
    addHashed(registers);
  }
}
