import { addValues } from './add-values.ts';
import { estimateDistinct } from './hyper-log-log.ts';
import { mergeHistogram } from './merge-histogram.ts';
import { bucketsOf } from './buckets.ts';
import { addBlock, addRepeated, deviationOf, meanOf, mergeMoments, noMoments } from './moments.ts';
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

/** A block of doubles that stays in the first-level cache between the passes over it. */
const BLOCK = 2048;
const kept = new Float64Array(BLOCK);

/** Takes in numbers; NaN is skipped, infinite ones are counted apart. Returns how many were no NaN. */
export function addNumbers(into: Numbers, values: Float64Array): number {
  const before = into.moments.count + into.infinite.negative + into.infinite.positive;
  const range = { min: Infinity, max: -Infinity };
  let runStart = 0;
  for (let from = 0; from < values.length; from += BLOCK) {
    const to = Math.min(values.length, from + BLOCK);
    if (addBlock(into.moments, values, from, to, range)) continue;
    addRun(into, values, runStart, from, range);
    runStart = to;
    const many = keepFinite(into, values, from, to);
    if (!addBlock(into.moments, kept, 0, many, range)) addSingly(into.moments, many, range);
    addRun(into, kept, 0, many, range);
  }
  addRun(into, values, runStart, values.length, range);
  return into.moments.count + into.infinite.negative + into.infinite.positive - before;
}

export function addInfinite(into: Numbers, value: number, count: number): void {
  into.infinite[value > 0 ? 'positive' : 'negative'] += count;
}

function addRun(
  into: Numbers,
  values: Float64Array,
  from: number,
  to: number,
  range: { min: number; max: number },
): void {
  if (to > from) addValues(into.histogram, values, from, to, range.min, range.max);
  range.min = Infinity;
  range.max = -Infinity;
}

function keepFinite(into: Numbers, values: Float64Array, from: number, to: number): number {
  let many = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    // Infinity − Infinity and NaN − NaN are NaN: one test for both.
    if (value - value === 0) kept[many++] = value;
    else if (value === Infinity) into.infinite.positive++;
    else if (value === -Infinity) into.infinite.negative++;
  }
  return many;
}

/** For numbers so large that their sum is not finite: it stays infinite, and so no deviation is known. */
function addSingly(moments: Moments, many: number, range: { min: number; max: number }): void {
  for (const value of kept.subarray(0, many)) {
    addRepeated(moments, value, 1);
    range.min = Math.min(range.min, value);
    range.max = Math.max(range.max, value);
  }
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
