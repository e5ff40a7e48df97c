import type { BucketPair } from '../profile/buckets.ts';
import { chiSquaredTail } from '../math/gamma.ts';
import { kolmogorovTail } from '../math/kolmogorov.ts';

/** Counts of two samples over the same bins. */
export type BinnedPair = { baseline: readonly number[]; current: readonly number[] };

/** A share of nothing has no logarithm: it counts as this much, as in Evidently. */
const LEAST_SHARE = 1e-4;

/** Population stability index: Σ (q − p) ln(q / p) over the bins' shares (Siddiqi 2006). */
export function populationStabilityIndex({ baseline, current }: BinnedPair): number {
  const p = shares(baseline);
  const q = shares(current);
  return sum(p, (share, i) => {
    const a = share || LEAST_SHARE;
    const b = q[i]! || LEAST_SHARE;
    return (b - a) * Math.log(b / a);
  });
}

/** Jensen–Shannon distance to base 2, in [0, 1] (Lin 1991; scipy.spatial.distance.jensenshannon). */
export function jensenShannonDistance({ baseline, current }: BinnedPair): number {
  const p = shares(baseline);
  const q = shares(current);
  const divergence = sum(p, (a, i) => {
    const b = q[i]!;
    const middle = (a + b) / 2;
    return (a > 0 ? a * Math.log2(a / middle) : 0) + (b > 0 ? b * Math.log2(b / middle) : 0);
  });
  return Math.sqrt(Math.max(0, divergence / 2));
}

/** Total variation distance, in [0, 1]: half of Σ |q − p|. */
export function totalVariation({ baseline, current }: BinnedPair): number {
  const q = shares(current);
  return sum(shares(baseline), (share, i) => Math.abs(q[i]! - share)) / 2;
}

/**
 * Pearson's chi-squared test that both samples have one distribution (scipy.stats.chi2_contingency without correction),
 * with Cramér's V as effect. Bins in which fewer than five are expected in either sample are put together with the next,
 * as the approximation needs (Cochran 1954).
 */
export function chiSquared(pair: BinnedPair): { statistic: number; pValue: number; effect: number } {
  const { baseline, current } = joinSparse(pair);
  const n = sum(baseline, (count) => count);
  const m = sum(current, (count) => count);
  const statistic = sum(baseline, (count, i) => {
    const both = count + current[i]!;
    if (both === 0) return 0;
    const expectedN = (both * n) / (n + m);
    const expectedM = (both * m) / (n + m);
    return (count - expectedN) ** 2 / expectedN + (current[i]! - expectedM) ** 2 / expectedM;
  });
  return {
    statistic,
    pValue: chiSquaredTail(statistic, baseline.length - 1),
    effect: Math.sqrt(statistic / (n + m)),
  };
}

function joinSparse({ baseline, current }: BinnedPair): BinnedPair {
  const n = sum(baseline, (count) => count);
  const m = sum(current, (count) => count);
  const smaller = Math.min(n, m) / (n + m);
  const joined: { baseline: number[]; current: number[] } = { baseline: [], current: [] };
  let a = 0;
  let b = 0;
  baseline.forEach((count, i) => {
    a += count;
    b += current[i]!;
    if ((a + b) * smaller < 5) return;
    joined.baseline.push(a);
    joined.current.push(b);
    a = 0;
    b = 0;
  });
  if (a + b > 0) {
    const last = Math.max(0, joined.baseline.length - 1);
    joined.baseline[last] = (joined.baseline[last] ?? 0) + a;
    joined.current[last] = (joined.current[last] ?? 0) + b;
  }
  return joined;
}

/** A value that is exact, or too small or too large by at most `bound`. */
export type Bounded = { value: number; bound: number };

/**
 * The two-sample Kolmogorov–Smirnov statistic. Where a bucket holds more than one value the supremum inside it is unknown:
 * the true statistic lies in [value, value + bound].
 */
export function kolmogorovSmirnov({ first, second, exact }: BucketPair): Bounded & { pValue: number } {
  const n = sum(first, (count) => count);
  const m = sum(second, (count) => count);
  let a = 0;
  let b = 0;
  let value = 0;
  let highest = 0;
  for (let i = 0; i < first.length; i++) {
    const before = a / n - b / m;
    highest = Math.max(highest, before + first[i]! / n, second[i]! / m - before);
    a += first[i]!;
    b += second[i]!;
    value = Math.max(value, Math.abs(a / n - b / m));
  }
  const pValue = kolmogorovTail(Math.sqrt((n * m) / (n + m)) * value);
  if (n === 0 || m === 0) return { value: Number.NaN, bound: 0, pValue: Number.NaN };
  return { value, bound: exact ? 0 : Math.max(0, highest - value), pValue };
}

/**
 * The first Wasserstein distance, ∫ |F − G| (scipy.stats.wasserstein_distance): exact over single values;
 * otherwise values are spread evenly over their bucket, which moves none by more than its width.
 */
export function wasserstein({ lower, upper, first, second }: BucketPair): Bounded {
  const n = sum(first, (count) => count);
  const m = sum(second, (count) => count);
  let difference = 0;
  let value = 0;
  let bound = 0;
  for (let i = 0; i < first.length; i++) {
    const share = first[i]! / n;
    const other = second[i]! / m;
    const width = upper[i]! - lower[i]!;
    const after = difference + share - other;
    value += width * meanAbsolute(difference, after);
    bound += width * (share + other);
    difference = after;
    if (i + 1 < first.length) value += Math.abs(difference) * (lower[i + 1]! - upper[i]!);
  }
  return { value: n > 0 && m > 0 ? value : Number.NaN, bound };
}

/** The mean of |x| along the line from a to b. */
function meanAbsolute(a: number, b: number): number {
  if (a * b >= 0) return (Math.abs(a) + Math.abs(b)) / 2;
  return (a * a + b * b) / (2 * (Math.abs(a) + Math.abs(b)));
}

function shares(counts: readonly number[]): number[] {
  const total = sum(counts, (count) => count);
  return counts.map((count) => count / total);
}

function sum(values: ArrayLike<number>, term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += term(values[i]!, i);
  return total;
}
