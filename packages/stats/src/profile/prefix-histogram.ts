import { hashWords } from './hash.ts';
import { addHashed, newRegisters } from './hyper-log-log.ts';

/**
 * A histogram of doubles whose buckets are the leading bits of their IEEE 754 form.
 *
 * It holds every distinct value exactly until there are more than `BUCKET_LIMIT` of them; then it drops as many low bits
 * as are needed for the buckets to fit again. How many that is depends on the values alone, so the result is the same in
 * any order and however the data are split and merged. Buckets share a power of two and their first bits: a bucket is
 * never wider than 2^(shift − 52) of its values' magnitude, and data that lie far from zero (years, timestamps) keep the
 * bits in which they differ. (The idea of DDSketch, Masson et al. 2019, with the collapse of UDDSketch, Epicoco et al.
 * 2020, on bits in place of logarithms.)
 *
 * −0 is 0; NaN and infinite values must not be added.
 */
export type PrefixHistogram = {
  /** How many low bits of the 64 are dropped: 0 while exact, at most 52. */
  shift: number;
  size: number;
  /** An open-addressing table: a slot is empty where its count is 0. */
  high: Uint32Array;
  low: Uint32Array;
  counts: Float64Array;
  /** Whether distinct values are to be counted beyond the exact ones. */
  distinct: boolean;
  /** HyperLogLog registers, from the moment on when values are no longer held exactly. */
  registers?: Uint8Array;
};

export const BUCKET_LIMIT = 8192;
export const MAX_SHIFT = 52;
const NEGATIVE_ZERO = 0x80000000;

/** @param shift how coarse to begin: 0 unless nothing finer will be asked for */
export function newHistogram(distinct: boolean, shift = 0): PrefixHistogram {
  const histogram: PrefixHistogram = { shift, size: 0, ...table(64), distinct };
  if (distinct && shift > 0) histogram.registers = newRegisters();
  return histogram;
}

function table(slots: number): Pick<PrefixHistogram, 'high' | 'low' | 'counts'> {
  return { high: new Uint32Array(slots), low: new Uint32Array(slots), counts: new Float64Array(slots) };
}

/** Adds `count` of the double with these two words to its bucket. */
export function addWords(histogram: PrefixHistogram, highWord: number, lowWord: number, count: number): void {
  let high = highWord;
  let low = lowWord;
  const { shift } = histogram;
  if (high === NEGATIVE_ZERO && low === 0) high = 0;
  if (shift >= 32) {
    low = 0;
    high = ((high >>> (shift - 32)) << (shift - 32)) >>> 0;
  } else {
    low = ((low >>> shift) << shift) >>> 0;
  }
  addBucket(histogram, high, low, count);
}

/** Adds to the bucket of these leading bits, the dropped ones 0. */
function addBucket(histogram: PrefixHistogram, high: number, low: number, count: number): void {
  const { counts } = histogram;
  const mask = counts.length - 1;
  let slot = slotOf(high, low) & mask;
  for (;;) {
    const found = counts[slot]!;
    if (found === 0) break;
    if (histogram.high[slot] === high && histogram.low[slot] === low) {
      counts[slot] = found + count;
      return;
    }
    slot = (slot + 1) & mask;
  }
  histogram.high[slot] = high;
  histogram.low[slot] = low;
  counts[slot] = count;
  histogram.size++;
  if (histogram.size > BUCKET_LIMIT) coarsen(histogram, neededShift(histogram));
  else if (histogram.size * 2 > counts.length) rebuild(histogram, histogram.shift, counts.length * 2);
}

function slotOf(high: number, low: number): number {
  const mixed = Math.imul(high ^ (low >>> 15), 0x9e3779b1) ^ Math.imul(low, 0x85ebca77);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

const SCRATCH = new Float64Array(1);
const SCRATCH_WORDS = new Uint32Array(SCRATCH.buffer);

export function addValue(histogram: PrefixHistogram, value: number, count: number): void {
  SCRATCH[0] = value;
  addWords(histogram, SCRATCH_WORDS[1]!, SCRATCH_WORDS[0]!, count);
  if (!histogram.registers) return;
  hashWords(SCRATCH_WORDS[1]!, SCRATCH_WORDS[0]!);
  addHashed(histogram.registers);
}

/** Drops low bits until `shift` are gone. */
export function coarsen(histogram: PrefixHistogram, shift: number): void {
  if (shift <= histogram.shift) return;
  if (histogram.shift === 0 && histogram.distinct) histogram.registers = exactRegisters(histogram);
  rebuild(histogram, shift, histogram.counts.length);
}

/** The registers as they would be had every value been hashed. */
export function exactRegisters({ high, low, counts }: PrefixHistogram): Uint8Array {
  const registers = newRegisters();
  for (let slot = 0; slot < counts.length; slot++) {
    if (counts[slot] === 0) continue;
    hashWords(high[slot]!, low[slot]!);
    addHashed(registers);
  }
  return registers;
}

function rebuild(histogram: PrefixHistogram, shift: number, slots: number): void {
  const before = { ...histogram };
  Object.assign(histogram, table(slots));
  histogram.size = 0;
  histogram.shift = shift;
  addBuckets(histogram, before);
}

/** Adds the other's counts to the buckets in which its own lie; `into` must be as coarse. */
export function addBuckets(into: PrefixHistogram, more: PrefixHistogram): void {
  const { shift, high, low, counts } = more;
  for (let slot = 0; slot < counts.length; slot++) {
    if (counts[slot] === 0) continue;
    // The bucket next below zero is named like −0, but −0 itself has been counted as 0.
    const isBelowZero = shift > 0 && high[slot] === NEGATIVE_ZERO && low[slot] === 0;
    addWords(into, high[slot]!, isBelowZero ? 1 : low[slot]!, counts[slot]!);
  }
}

/** The least shift at which no more than BUCKET_LIMIT prefixes remain: they only grow fewer, so halving finds it. */
function neededShift(histogram: PrefixHistogram): number {
  let tooFine = histogram.shift;
  let enough = MAX_SHIFT;
  // Most often one bit is enough.
  for (let tried = tooFine + 1; enough - tooFine > 1; tried = (tooFine + enough) >> 1) {
    if (prefixesAt(histogram, tried) <= BUCKET_LIMIT) enough = tried;
    else tooFine = tried;
  }
  return enough;
}

const seen = {
  high: new Uint32Array(4 * BUCKET_LIMIT),
  low: new Uint32Array(4 * BUCKET_LIMIT),
  used: new Uint8Array(4 * BUCKET_LIMIT),
};

function prefixesAt({ high, low, counts }: PrefixHistogram, shift: number): number {
  const mask = seen.used.length - 1;
  const highMask = shift > 32 ? (0xffffffff << (shift - 32)) >>> 0 : 0xffffffff;
  const lowMask = shift >= 32 ? 0 : (0xffffffff << shift) >>> 0;
  seen.used.fill(0);
  let many = 0;
  for (let from = 0; from < counts.length; from++) {
    if (counts[from] === 0) continue;
    const top = (high[from]! & highMask) >>> 0;
    const bottom = (low[from]! & lowMask) >>> 0;
    let slot = slotOf(top, bottom) & mask;
    while (seen.used[slot] === 1 && (seen.high[slot] !== top || seen.low[slot] !== bottom))
      slot = (slot + 1) & mask;
    if (seen.used[slot] === 1) continue;
    seen.used[slot] = 1;
    seen.high[slot] = top;
    seen.low[slot] = bottom;
    many++;
  }
  return many;
}

export function copyHistogram(histogram: PrefixHistogram): PrefixHistogram {
  const copy: PrefixHistogram = {
    ...histogram,
    high: histogram.high.slice(),
    low: histogram.low.slice(),
    counts: histogram.counts.slice(),
  };
  if (histogram.registers) copy.registers = histogram.registers.slice();
  return copy;
}
