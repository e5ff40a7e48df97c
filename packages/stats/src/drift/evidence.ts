import { between } from '../math/between.ts';
import type { BucketPair } from '../profile/buckets.ts';

/** Counts over bins that are drawn: between numbers (`edges`, one more than counts), or named (`labels`, one each). */
export type Histogram = { counts: number[]; edges?: number[]; labels?: string[] };

const DRAWN_BINS = 24;

/**
 * Both samples over the same bins, for the eye: one for each value when there are few, else equal widths over the middle 99 % of the
 * baseline, what lies beyond counted in the outermost bins.
 */
export function drawnHistograms(pair: BucketPair): { baseline: Histogram; current: Histogram } {
  if (pair.lower.length <= DRAWN_BINS && pair.exact) {
    const labels = Array.from(pair.lower, String);
    return {
      baseline: { labels, counts: [...pair.first] },
      current: { labels, counts: [...pair.second] },
    };
  }
  const [low, high] = middle(pair);
  const edges = Array.from({ length: DRAWN_BINS + 1 }, (_, i) => between(low, high, i / DRAWN_BINS));
  return {
    baseline: { edges, counts: spread(pair, pair.first, low, high) },
    current: { edges, counts: spread(pair, pair.second, low, high) },
  };
}

function middle({ lower, upper, first }: BucketPair): [number, number] {
  const total = first.reduce((sum, count) => sum + count, 0);
  let low = lower[0]!;
  let high = upper.at(-1)!;
  let seen = 0;
  for (let i = 0; i < first.length; i++) {
    if (seen <= 0.005 * total) low = lower[i]!;
    seen += first[i]!;
    if (seen >= 0.995 * total) {
      high = upper[i]!;
      break;
    }
  }
  return high > low ? [low, high] : [lower[0]!, Math.max(upper.at(-1)!, lower[0]! + 1)];
}

/** A bucket's count goes to the bins it overlaps, in proportion. */
function spread({ lower, upper }: BucketPair, counts: Float64Array, low: number, high: number): number[] {
  const bins = Array.from({ length: DRAWN_BINS }, () => 0);
  // From −1e308 to 1e308 is further than a double reaches.
  const half = Number.isFinite(high - low) ? 1 : 0.5;
  const binOf = (x: number): number => {
    const part = (x * half - low * half) / (high * half - low * half);
    return Math.min(DRAWN_BINS - 1, Math.max(0, Math.floor(part * DRAWN_BINS)));
  };
  counts.forEach((count, i) => {
    const from = binOf(lower[i]!);
    const to = binOf(upper[i]!);
    if (from === to) {
      bins[from]! += count;
      return;
    }
    const width = upper[i]! - lower[i]!;
    for (let bin = from; bin <= to; bin++) {
      const start = bin === from ? lower[i]! : between(low, high, bin / DRAWN_BINS);
      const stop = bin === to ? upper[i]! : between(low, high, (bin + 1) / DRAWN_BINS);
      bins[bin]! += (count * (stop - start)) / width;
    }
  });
  return bins;
}
