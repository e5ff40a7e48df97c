// A table of counts: of the leading bits of doubles (the buckets of src/profile/prefix-histogram.ts), of integers, of dictionary indices.

import { COUNTS, COUNT_ENTRIES } from './places';

const OTHER_COUNTS: u32 = COUNTS + (COUNT_ENTRIES << 2);

/** Counts each double at its leading bits less `lowest`, which must be below COUNT_ENTRIES. */
export function countPrefixes(values: u32, many: u32, shift: u32, lowest: u64): void {
  const end = values + (many << 3);
  const pairsEnd = values + ((many >> 1) << 4);
  let at = values;
  for (; at < pairsEnd; at += 16) {
    addOne(COUNTS, <u32>((load<u64>(at) >> shift) - lowest));
    addOne(OTHER_COUNTS, <u32>((load<u64>(at, 8) >> shift) - lowest));
  }
  if (at < end) addOne(COUNTS, <u32>((load<u64>(at) >> shift) - lowest));
}

function addOne(table: u32, index: u32): void {
  const place = table + ((index & (COUNT_ENTRIES - 1)) << 2);
  store<u32>(place, load<u32>(place) + 1);
}

/**
 * Takes the counts of [from, to) out of the tables, which are zero there afterwards; writes each that is not zero as index and count.
 * @returns how many there are
 */
export function takeCounts(from: u32, to: u32, into: u32): u32 {
  let out = into;
  for (let index = from; index < to; index++) {
    while (index + 8 <= to && isZero(COUNTS + (index << 2)) && isZero(OTHER_COUNTS + (index << 2)))
      index += 8;
    if (index >= to) break;
    const place = COUNTS + (index << 2);
    const other = OTHER_COUNTS + (index << 2);
    const count = load<u32>(place) + load<u32>(other);
    if (count == 0) continue;
    store<u32>(place, 0);
    store<u32>(other, 0);
    store<u32>(out, index);
    store<u32>(out, count, 4);
    out += 8;
  }
  return (out - into) >> 3;
}

/** Whether eight counts are. */
function isZero(place: u32): bool {
  return !v128.any_true(v128.or(v128.load(place), v128.load(place, 16)));
}

/** How many of the doubles are −0. */
export function negativeZeros(values: u32, many: u32): u32 {
  const end = values + (many << 3);
  let zeros: u32 = 0;
  for (let at = values; at < end; at += 8) zeros += <u32>(load<u64>(at) == 0x8000000000000000);
  return zeros;
}

/** Signed integers of 64 bits to doubles, in place. */
export function longsToDoubles(values: u32, many: u32): void {
  const end = values + (many << 3);
  for (let at = values; at < end; at += 8) store<f64>(at, <f64>load<i64>(at));
}

/**
 * Counts doubles that are integers of [−COUNT_ENTRIES / 2, COUNT_ENTRIES / 2), each at its value + COUNT_ENTRIES / 2.
 * @returns how many were counted: it stops before one that is something else, −0 too
 */
export function countIntegers(values: u32, many: u32): u32 {
  const half: i32 = COUNT_ENTRIES >> 1;
  for (let i: u32 = 0; i < many; i++) {
    const value = load<f64>(values + (i << 3));
    // What is out of range becomes the nearest that is not, and then differs.
    const whole = <i32>value;
    const index = <u32>(whole + half);
    if (reinterpret<u64>(<f64>whole) != reinterpret<u64>(value) || index >= COUNT_ENTRIES) return i;
    addOne(i & 1 ? OTHER_COUNTS : COUNTS, index);
  }
  return many;
}

/** Counts integers of 32 bits, each of which must be below COUNT_ENTRIES. */
export function countIndices(indices: u32, many: u32): void {
  const end = indices + (many << 2);
  const pairsEnd = indices + ((many >> 1) << 3);
  let at = indices;
  for (; at < pairsEnd; at += 8) {
    addOne(COUNTS, load<u32>(at));
    addOne(OTHER_COUNTS, load<u32>(at, 4));
  }
  if (at < end) addOne(COUNTS, load<u32>(at));
}
