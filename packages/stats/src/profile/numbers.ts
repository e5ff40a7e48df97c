import { settleCounts } from '../kernels/count-table.ts';
import { MOMENTS, doublesAt, kernels, letGo, scratch, scratchTop } from '../kernels/kernels.ts';
import { addValues, placeOf } from './add-values.ts';
import { estimateDistinct } from './hyper-log-log.ts';
import { mergeHistogram } from './merge-histogram.ts';
import { bucketsOf } from './buckets.ts';
import { addRepeated, deviationOf, meanOf, mergeMoments, noMoments } from './moments.ts';
import type { Moments } from './moments.ts';
import { addValue, copyHistogram, newHistogram } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

/** What is remembered of a column's numbers. */
export type Numbers = {
  moments: Moments;
  histogram: PrefixHistogram;
  infinite: { negative: number; positive: number };
};

export function noNumbers(distinct: boolean, shift = 0): Numbers {
  return {
    moments: noMoments(),
    histogram: newHistogram(distinct, shift),
    infinite: { negative: 0, positive: 0 },
  };
}

/** So many doubles are copied to where the kernels work at a time. */
const COPIED_AT_ONCE = 1 << 16;

/** Takes in numbers; NaN is skipped, infinite ones are counted apart. Returns how many were no NaN. */
export function addNumbers(into: Numbers, values: Float64Array): number {
  let many = 0;
  for (let from = 0; from < values.length; from += COPIED_AT_ONCE) {
    many += addRun(into, values.subarray(from, from + COPIED_AT_ONCE));
  }
  settleCounts();
  return many;
}

/** The same, without making the histogram ready to be read: `settleCounts` does, after the last run. */
export function addRun(into: Numbers, values: Float64Array): number {
  const { addMoments, keepFinite, negativeInfinities, positiveInfinities } = kernels();
  const since = scratchTop();
  // Taken now: making room may leave `values` without the memory that it is of.
  const { length } = values;
  const place = placeOf(values);
  const kept = scratch(8 * BLOCK);
  takeMoments(into.moments);
  let present = 0;
  for (let done = 0; done < length;) {
    const from = place + 8 * done;
    const many = addMoments(from, length - done);
    countValues(into, from, many);
    done += many;
    present += many;
    if (done === length) break;
    // A block that holds, or adds up to, what is not finite.
    const block = Math.min(BLOCK, length - done);
    const finite = keepFinite(place + 8 * done, block, kept);
    into.infinite.negative += negativeInfinities.value;
    into.infinite.positive += positiveInfinities.value;
    present += finite + negativeInfinities.value + positiveInfinities.value;
    if (addMoments(kept, finite) < finite) addSingly(into.moments, kept, finite);
    countValues(into, kept, finite);
    done += block;
  }
  giveMoments(into.moments);
  letGo(since);
  return present;
}

/** As large as the kernels' own blocks. */
const BLOCK = 2048;

/** Moments where the kernels work on them, and no range yet. */
function takeMoments({ count, sum, correction, squares, min, max }: Moments): void {
  doublesAt(MOMENTS, 8).set([count, sum, correction, squares, min, max, Infinity, -Infinity]);
}

function giveMoments(into: Moments): void {
  const [count, sum, correction, squares, min, max] = doublesAt(MOMENTS, 6);
  Object.assign(into, { count, sum, correction, squares, min, max });
}

/** Counts the values whose moments have just been added. */
function countValues(into: Numbers, place: number, many: number): void {
  const range = doublesAt(MOMENTS + 48, 2);
  const [min, max] = range;
  range.set([Infinity, -Infinity]);
  if (many > 0) addValues(into.histogram, place, many, min!, max!);
}

/** For numbers so large that their sum is not finite: it stays infinite, and so no deviation is known. */
function addSingly(moments: Moments, place: number, many: number): void {
  giveMoments(moments);
  const values = doublesAt(place, many);
  for (const value of values) addRepeated(moments, value, 1);
  takeMoments(moments);
  doublesAt(MOMENTS + 48, 2).set([Math.min(...values), Math.max(...values)]);
}

export function addInfinite(into: Numbers, value: number, count: number): void {
  into.infinite[value > 0 ? 'positive' : 'negative'] += count;
}

/** Takes in one finite number that occurred `count` times. */
export function addNumber(into: Numbers, value: number, count: number): void {
  addRepeated(into.moments, value, count);
  addValue(into.histogram, value, count);
}

export function mergeNumbers(into: Numbers, more: Numbers): void {
  mergeMoments(into.moments, more.moments);
  mergeHistogram(into.histogram, more.histogram);
  into.infinite.negative += more.infinite.negative;
  into.infinite.positive += more.infinite.positive;
}

export function copyNumbers({ moments, histogram, infinite }: Numbers): Numbers {
  return { moments: { ...moments }, histogram: copyHistogram(histogram), infinite: { ...infinite } };
}

/** Squares below this have lost digits, and with them a deviation. */
const LEAST_SQUARES = 2 ** -960;

/**
 * The mean and the population's deviation. Numbers whose sum or squares are no doubles (beyond 1e154 or below 1e-154) are brought near 1
 * first, as exactly as their buckets know them.
 */
export function centreOf({ moments, histogram }: Numbers): { mean: number; deviation: number } {
  const { count, squares, min, max } = moments;
  const plain = { mean: meanOf(moments), deviation: deviationOf(moments) };
  const isOrdinary = squares >= LEAST_SQUARES && squares < Infinity && Number.isFinite(plain.mean);
  if (count === 0 || isOrdinary) return plain;
  if (min === max) return { mean: min, deviation: 0 };
  const scale = Math.max(Math.abs(min), Math.abs(max));
  const { lower, upper, counts } = bucketsOf(histogram);
  const middle = lower.map((low, i) => low / scale / 2 + upper[i]! / scale / 2);
  const weighted = (of: (value: number) => number): number =>
    middle.reduce((sum, value, i) => sum + of(value) * counts[i]!, 0) / count;
  const mean = weighted((value) => value);
  return { mean: mean * scale, deviation: Math.sqrt(weighted((value) => (value - mean) ** 2)) * scale };
}

/** Distinct finite numbers: exact while the histogram is, else HyperLogLog's estimate, else unknown. */
export function distinctNumbers({ histogram }: Numbers): { value: number; exact: boolean } | undefined {
  if (histogram.shift === 0) return { value: histogram.size, exact: true };
  if (!histogram.registers) return undefined;
  return { value: Math.round(estimateDistinct(histogram.registers)), exact: false };
}
