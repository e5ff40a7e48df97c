import { beginCounting, currentCounting, extendCounting, settleCounts } from '../kernels/count-table.ts';
import type { Counting } from '../kernels/count-table.ts';
import {
  COUNT_ENTRIES,
  doublesAt,
  kernels,
  letGo,
  memoryBytes,
  scratch,
  scratchTop,
  wordsAt,
} from '../kernels/kernels.ts';
import { BUCKET_LIMIT, addValue, addWords, coarsen } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

/** So many are sorted before the table is tried again: the histogram may have become coarse enough. */
const SORTED_AT_ONCE = 1 << 16;
/** Fewer are not worth sorting. */
const WORTH_SORTING = 64;
/** Prefixes of more bits than a double's mantissa could not be told apart. */
const LEAST_SHIFT = 11;
const HALF = COUNT_ENTRIES / 2;

/**
 * Adds doubles that lie in the kernels' memory, all of them finite and between `min` and `max`. Counting in the kernels' table takes a
 * tenth of the time of sorting or hashing; `settleCounts` brings its counts into the histogram, and has to be called before that is read.
 */
export function addValues(
  histogram: PrefixHistogram,
  place: number,
  many: number,
  min: number,
  max: number,
): void {
  let done = 0;
  if (histogram.shift === 0 && min >= -HALF && max < HALF) {
    const counting = countingOf(histogram, 0) ?? beginCounting(countingIntegers(histogram));
    done = kernels().countIntegers(place, many);
    extendCounting(counting, Math.floor(min) + HALF, Math.ceil(max) + HALF);
  }
  while (done < many) {
    const from = place + 8 * done;
    if (histogram.shift >= LEAST_SHIFT && countPrefixes(histogram, from, many - done, min, max)) break;
    settleCounts();
    const some = Math.min(SORTED_AT_ONCE, many - done);
    if (some >= WORTH_SORTING) addSorted(histogram, from, some);
    else addSingly(histogram, from, some);
    done += some;
  }
  if (histogram.registers) addDistinct(histogram.registers, place, many);
}

function addSingly(histogram: PrefixHistogram, place: number, many: number): void {
  const words = wordsAt(place, 2 * many);
  for (let i = 0; i < words.length; i += 2) addWords(histogram, words[i + 1]!, words[i]!, 1);
}

/** In the order of their bits it is seen at once how coarse a histogram of just these would be; it is made so, as all of it needs no less. */
function addSorted(histogram: PrefixHistogram, place: number, many: number): void {
  const since = scratchTop();
  const work = scratch(16 * many + 8192);
  const runs = scratch(16 * Math.min(many, BUCKET_LIMIT));
  const { sortedRuns, droppedBits } = kernels();
  const found = sortedRuns(place, many, histogram.shift, BUCKET_LIMIT, work, runs);
  coarsen(histogram, droppedBits.value);
  const words = wordsAt(runs, 4 * found);
  for (let i = 0; i < words.length; i += 4) addWords(histogram, words[i + 1]!, words[i]!, words[i + 2]!);
  letGo(since);
}

/** What the table counts of a histogram: prefixes taken at `shift`, less `lowest`; at a shift of 0 integers, plus half the table. */
type HistogramCounting = Counting & { shift: number; lowest: number; negativeZeros: number };

/** Undefined where the table counts something else. */
function countingOf(histogram: PrefixHistogram, shift: number): HistogramCounting | undefined {
  const current = currentCounting();
  return current?.of === histogram && (current as HistogramCounting).shift === shift
    ? (current as HistogramCounting)
    : undefined;
}

function countingIntegers(histogram: PrefixHistogram): HistogramCounting {
  const take = (entries: Uint32Array): void => {
    for (let i = 0; i < entries.length; i += 2) addValue(histogram, entries[i]! - HALF, entries[i + 1]!);
  };
  return { of: histogram, shift: 0, lowest: -HALF, negativeZeros: 0, from: COUNT_ENTRIES, to: 0, take };
}

function countingPrefixes(histogram: PrefixHistogram, lowest: number): HistogramCounting {
  const { shift } = histogram;
  // The bucket next below zero takes in −0, which is 0.
  const belowZero = prefixOf(-0, shift) - lowest;
  const counting: HistogramCounting = {
    of: histogram,
    shift,
    lowest,
    negativeZeros: 0,
    from: COUNT_ENTRIES,
    to: 0,
    take(entries) {
      for (let i = 0; i < entries.length; i += 2) {
        if (entries[i] === belowZero) entries[i + 1]! -= counting.negativeZeros;
      }
      addPrefixes(histogram, { entries, lowest, shift });
    },
    taken() {
      if (counting.negativeZeros > 0) addWords(histogram, 0, 0, counting.negativeZeros);
    },
  };
  return counting;
}

/** Counts prefixes in the table when those between `min` and `max` fit it; else does nothing and says so. */
function countPrefixes(
  histogram: PrefixHistogram,
  place: number,
  many: number,
  min: number,
  max: number,
): boolean {
  const { shift } = histogram;
  const mayHoldZero = min <= 0 && max >= 0;
  const first = mayHoldZero ? 0 : prefixOf(min < 0 ? max : min, shift);
  const last = Math.max(prefixOf(min < 0 ? min : max + 0, shift), mayHoldZero ? prefixOf(-0, shift) : 0);
  if (last - first >= COUNT_ENTRIES) return false;
  let counting = countingOf(histogram, shift);
  if (!counting || first < counting.lowest || last >= counting.lowest + COUNT_ENTRIES)
    counting = beginCounting(countingPrefixes(histogram, lowestAround(first, last, shift)));
  kernels().countPrefixes(place, many, shift, BigInt(counting.lowest));
  if (mayHoldZero) counting.negativeZeros += kernels().negativeZeros(place, many);
  extendCounting(counting, first - counting.lowest, last - counting.lowest);
  return true;
}

/** Where a table begins that has all prefixes, or room on both sides of these. */
function lowestAround(first: number, last: number, shift: number): number {
  if (2 ** (64 - shift) <= COUNT_ENTRIES) return 0;
  return Math.max(0, first - Math.floor((COUNT_ENTRIES - (last - first + 1)) / 2));
}

/**
 * Adds entries' counts to the buckets of their prefixes. What they alone need in coarseness all of it needs: it is found by where neighbours
 * differ, and dropped first.
 */
function addPrefixes(
  histogram: PrefixHistogram,
  { entries, lowest, shift }: { entries: Uint32Array; lowest: number; shift: number },
): void {
  const base = lowest % 2 ** 32;
  const differing = new Uint32Array(33);
  let distinct = 0;
  for (let i = 0, before = 0; i < entries.length; i += 2) {
    if (entries[i + 1] === 0) continue;
    const prefix = (base + entries[i]!) >>> 0;
    if (distinct++ > 0) differing[32 - Math.clz32(prefix ^ before)]!++;
    before = prefix;
  }
  let dropped = 0;
  while (distinct > BUCKET_LIMIT) distinct -= differing[++dropped]!;
  coarsen(histogram, shift + dropped);
  const together = 2 ** Math.min(32, histogram.shift - shift);
  for (let i = 0; i < entries.length;) {
    const prefix = lowest + entries[i]!;
    const next = prefix - (prefix % together) + together - lowest;
    let count = 0;
    for (; i < entries.length && entries[i]! < next; i += 2) count += entries[i + 1]!;
    if (count > 0) addPrefix(histogram, prefix, shift, count);
  }
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

function addDistinct(registers: Uint8Array, place: number, many: number): void {
  const since = scratchTop();
  const copy = scratch(registers.length);
  memoryBytes().set(registers, copy);
  kernels().addDistinct(place, many, copy);
  registers.set(memoryBytes().subarray(copy, copy + registers.length));
  letGo(since);
}

/** Where doubles lie in the kernels' memory: a copy in scratch, unless they lie there already. */
export function placeOf(values: Float64Array): number {
  if (values.buffer === memoryBytes().buffer) return values.byteOffset;
  const place = scratch(8 * values.length);
  doublesAt(place, values.length).set(values);
  return place;
}
