/**
 * A histogram of doubles whose buckets are the leading bits of their IEEE 754 form.
 *
 * It holds every distinct value exactly until there are more than `BUCKET_LIMIT` of them; then it drops as many low bits
 * as are needed for the buckets to fit again. How many that is depends on the values alone, so the result is the same in
 * any order and however the data are split and merged. Buckets share a power of two and their first bits: a bucket is never
 * wider than 2^(shift − 52) of its values' magnitude, and data that lie far from zero (years, timestamps) keep the bits
 * in which they differ. (The idea of DDSketch, Masson et al. 2019, with the collapse of UDDSketch, Epicoco et al. 2020, on bits in
 * place of logarithms.)
 */
export type PrefixHistogram = {
  /** How many low bits of the 64 are dropped: 0 while exact, at most 52. */
  shift: number;
  size: number;
  /** An open-addressing table: a slot is empty where its count is 0. */
  high: Uint32Array;
  low: Uint32Array;
  counts: Float64Array;
};

export const BUCKET_LIMIT = 8192;
const MAX_SHIFT = 52;

export function newHistogram(): PrefixHistogram {
  return withSlots(0, 64);
}

function withSlots(shift: number, slots: number): PrefixHistogram {
  return {
    shift,
    size: 0,
    high: new Uint32Array(slots),
    low: new Uint32Array(slots),
    counts: new Float64Array(slots),
  };
}

/** Adds `count` of the double with these two words. It must not be NaN or infinite. */
export function addWords(histogram: PrefixHistogram, highWord: number, lowWord: number, count: number): void {
  let high = highWord;
  let low = lowWord;
  const { shift } = histogram;
  if (shift >= 32) {
    low = 0;
    high = ((high >>> (shift - 32)) << (shift - 32)) >>> 0;
  } else {
    low = ((low >>> shift) << shift) >>> 0;
  }
  const mask = histogram.counts.length - 1;
  let slot = slotOf(high, low) & mask;
  for (;;) {
    const found = histogram.counts[slot]!;
    if (found === 0) break;
    if (histogram.high[slot] === high && histogram.low[slot] === low) {
      histogram.counts[slot] = found + count;
      return;
    }
    slot = (slot + 1) & mask;
  }
  histogram.high[slot] = high;
  histogram.low[slot] = low;
  histogram.counts[slot] = count;
  histogram.size++;
  if (histogram.size > BUCKET_LIMIT) coarsen(histogram, neededShift(histogram));
  else if (histogram.size * 2 > histogram.counts.length) rebuild(histogram, histogram.shift, mask * 2 + 2);
}

function slotOf(high: number, low: number): number {
  const mixed = Math.imul(high ^ (low >>> 15), 0x9e3779b1) ^ Math.imul(low, 0x85ebca77);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Adds each finite value of values[from..to) once. */
export function addValues(histogram: PrefixHistogram, values: Float64Array, from: number, to: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = from; i < to; i++) addWords(histogram, words[2 * i + 1]!, words[2 * i]!, 1);
}

const SCRATCH = new Float64Array(1);
const SCRATCH_WORDS = new Uint32Array(SCRATCH.buffer);

export function addValue(histogram: PrefixHistogram, value: number, count: number): void {
  SCRATCH[0] = value;
  addWords(histogram, SCRATCH_WORDS[1]!, SCRATCH_WORDS[0]!, count);
}

/** Drops low bits until `shift` are gone. */
export function coarsen(histogram: PrefixHistogram, shift: number): void {
  if (shift > histogram.shift) rebuild(histogram, shift, histogram.counts.length);
}

function rebuild(histogram: PrefixHistogram, shift: number, slots: number): void {
  const { high, low, counts } = histogram;
  Object.assign(histogram, withSlots(shift, slots));
  for (let slot = 0; slot < counts.length; slot++) {
    if (counts[slot] !== 0) addWords(histogram, high[slot]!, low[slot]!, counts[slot]!);
  }
}

/** The least shift at which no more than BUCKET_LIMIT prefixes remain. */
function neededShift(histogram: PrefixHistogram): number {
  const keys: bigint[] = [];
  for (let slot = 0; slot < histogram.counts.length; slot++) {
    if (histogram.counts[slot] !== 0)
      keys.push((BigInt(histogram.high[slot]!) << 32n) | BigInt(histogram.low[slot]!));
  }
  const sorted = new BigUint64Array(keys).sort();
  // Two neighbours fall together once the bits in which they differ are gone.
  const joinsAt = new Uint32Array(65);
  for (let i = 1; i < sorted.length; i++) {
    const differing = sorted[i]! ^ sorted[i - 1]!;
    const high = Number(differing >> 32n);
    const bits = high === 0 ? 32 - Math.clz32(Number(differing & 0xffffffffn)) : 64 - Math.clz32(high);
    joinsAt[bits]!++;
  }
  let remaining = sorted.length;
  for (let shift = 1; shift < MAX_SHIFT; shift++) {
    remaining -= joinsAt[shift]!;
    if (remaining <= BUCKET_LIMIT) return shift;
  }
  return MAX_SHIFT;
}

export function copyHistogram(histogram: PrefixHistogram): PrefixHistogram {
  return {
    ...histogram,
    high: histogram.high.slice(),
    low: histogram.low.slice(),
    counts: histogram.counts.slice(),
  };
}

export function mergeHistogram(into: PrefixHistogram, more: PrefixHistogram): void {
  coarsen(into, more.shift);
  for (let slot = 0; slot < more.counts.length; slot++) {
    if (more.counts[slot] !== 0) addWords(into, more.high[slot]!, more.low[slot]!, more.counts[slot]!);
  }
}
