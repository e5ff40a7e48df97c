import { coarsen, copyHistogram } from './prefix-histogram.ts';
import type { PrefixHistogram } from './prefix-histogram.ts';

/** A histogram's buckets in the order of their values. Bucket i holds counts[i] values of [lower[i], upper[i]], ends included. */
export type Buckets = {
  lower: Float64Array;
  upper: Float64Array;
  counts: Float64Array;
  total: number;
  /** True when each bucket is one value. */
  exact: boolean;
};

export function bucketsOf(histogram: PrefixHistogram): Buckets {
  const found: { lower: number; upper: number; count: number }[] = [];
  const { shift, high, low, counts } = histogram;
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  let total = 0;
  for (let slot = 0; slot < counts.length; slot++) {
    const count = counts[slot]!;
    if (count === 0) continue;
    total += count;
    words[1] = high[slot]!;
    words[0] = low[slot]!;
    const first = value[0]!;
    if (shift >= 32) {
      words[0] = 0xffffffff;
      words[1] = high[slot]! | (2 ** (shift - 32) - 1);
    } else {
      words[0] = low[slot]! | (2 ** shift - 1);
    }
    const last = value[0]!;
    found.push({ lower: Math.min(first, last), upper: Math.max(first, last), count });
  }
  found.sort((a, b) => a.lower - b.lower || a.upper - b.upper);
  const joined: typeof found = [];
  for (const bucket of found) {
    const last = joined.at(-1);
    // −0 and 0 are two bit patterns and one number.
    if (last && last.lower === bucket.lower && last.upper === bucket.upper) last.count += bucket.count;
    else joined.push(bucket);
  }
  return {
    lower: Float64Array.from(joined, (bucket) => bucket.lower + 0),
    upper: Float64Array.from(joined, (bucket) => bucket.upper + 0),
    counts: Float64Array.from(joined, (bucket) => bucket.count),
    total,
    exact: shift === 0,
  };
}

/** Two histograms over the same buckets. */
export type BucketPair = {
  lower: Float64Array;
  upper: Float64Array;
  first: Float64Array;
  second: Float64Array;
  exact: boolean;
};

export function bucketPair(first: PrefixHistogram, second: PrefixHistogram): BucketPair {
  const shift = Math.max(first.shift, second.shift);
  const [a, b] = [first, second].map((histogram) => {
    if (histogram.shift === shift) return bucketsOf(histogram);
    const copy = copyHistogram(histogram);
    coarsen(copy, shift);
    return bucketsOf(copy);
  }) as [Buckets, Buckets];
  const lower: number[] = [];
  const upper: number[] = [];
  const counts: [number[], number[]] = [[], []];
  let i = 0;
  let j = 0;
  while (i < a.lower.length || j < b.lower.length) {
    const x = i < a.lower.length ? a.lower[i]! : Infinity;
    const y = j < b.lower.length ? b.lower[j]! : Infinity;
    const from = x <= y ? a : b;
    lower.push(Math.min(x, y));
    upper.push(from.upper[from === a ? i : j]!);
    counts[0].push(x <= y ? a.counts[i++]! : 0);
    counts[1].push(y <= x ? b.counts[j++]! : 0);
  }
  return {
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    first: Float64Array.from(counts[0]),
    second: Float64Array.from(counts[1]),
    exact: shift === 0,
  };
}

/** The bucket in which the p-quantile lies (rank ⌈p·n⌉, the inverse of the distribution function). */
export function quantileBucket(buckets: Buckets, p: number): { lower: number; upper: number } {
  const rank = Math.max(1, Math.ceil(p * buckets.total));
  let seen = 0;
  for (let i = 0; i < buckets.counts.length; i++) {
    seen += buckets.counts[i]!;
    if (seen >= rank) return { lower: buckets.lower[i]!, upper: buckets.upper[i]! };
  }
  return { lower: Number.NaN, upper: Number.NaN };
}
