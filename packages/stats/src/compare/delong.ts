import { normalQuantile, normalTail } from '../math/normal.ts';
import { orderOf } from '../math/order.ts';
import { checkBinary, checkScored } from '../metrics/scored.ts';
import { UserError } from '../user-error.ts';
import type { Comparison, Paired } from './compare.ts';

/**
 * The difference of two ROC AUCs on the same rows with DeLong's standard error (1988), by midranks in O(n log n)
 * (Sun and Xu 2014). Rows must not be weighted.
 * @throws UserError for labels other than 0 and 1, fewer than two rows of a class, or weights
 */
export function compareAuc(
  { labels, candidate, baseline, weights }: Paired,
  { confidence = 0.95 }: { confidence?: number | undefined } = {},
): Comparison & { standardError: number; pValue: number } {
  if (weights) throw new UserError("DeLong's test takes no weights; compare by bootstrap instead");
  for (const scores of [candidate, baseline]) checkScored({ labels, scores });
  checkBinary(labels);
  const first = placements(labels, candidate);
  const second = placements(labels, baseline);
  const [m, n] = [first.ones.length, first.zeros.length];
  if (m < 2 || n < 2)
    throw new UserError(`there are ${m} rows of class 1 and ${n} of class 0; two of each are needed`);
  const a = mean(first.ones);
  const b = mean(second.ones);
  const variance =
    varianceOfDifference(first.ones, second.ones) / m + varianceOfDifference(first.zeros, second.zeros) / n;
  const standardError = Math.sqrt(variance);
  const reach = standardError * -normalQuantile((1 - confidence) / 2);
  const z = Math.abs(a - b) / standardError;
  return {
    candidate: a,
    baseline: b,
    difference: a - b,
    low: a - b - reach,
    high: a - b + reach,
    greaterIsBetter: true,
    standardError,
    pValue: standardError === 0 ? (a === b ? 1 : 0) : 2 * normalTail(z),
  };
}

/** For each 1 the share of 0s below it, for each 0 the share of 1s above it, ties by half. */
export function placements(
  labels: Float64Array,
  scores: Float64Array,
): { ones: Float64Array; zeros: Float64Array } {
  const order = orderOf(scores);
  const m = labels.reduce((sum, label) => sum + label, 0);
  const n = labels.length - m;
  const perRow = new Float64Array(labels.length);
  let ones = 0;
  let zeros = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let tiedOnes = 0;
    while (to < order.length && scores[order[to]!] === scores[order[from]!])
      tiedOnes += labels[order[to++]!]!;
    const tiedZeros = to - from - tiedOnes;
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      perRow[row] = labels[row] === 1 ? (zeros + tiedZeros / 2) / n : 1 - (ones + tiedOnes / 2) / m;
    }
    ones += tiedOnes;
    zeros += tiedZeros;
    from = to;
  }
  return {
    ones: perRow.filter((_, row) => labels[row] === 1),
    zeros: perRow.filter((_, row) => labels[row] === 0),
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOfDifference(a: Float64Array, b: Float64Array): number {
  const differences = a.map((value, i) => value - b[i]!);
  const middle = mean(differences);
  return differences.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (differences.length - 1);
}
