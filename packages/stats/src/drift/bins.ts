import { bucketCounts } from '../profile/categories.ts';
import { bucketPair, bucketsOf } from '../profile/buckets.ts';
import type { BucketPair } from '../profile/buckets.ts';
import { presentIn } from '../profile/profile.ts';
import type { ColumnProfile } from '../profile/profile.ts';
import type { OneSided } from './drift-report.ts';
import type { BinnedPair } from './measures.ts';

const BINS = 10;

/**
 * Tenths of the baseline: edges lie at bucket bounds nearest above its deciles, the outer bins are open. Where the least value alone
 * fills a tenth, an edge lies below it too, so that values under it are seen. Counts are exact for the edges used.
 */
export function decileBins(pair: BucketPair): BinnedPair {
  const total = pair.first.reduce((sum, count) => sum + count, 0);
  const baseline: number[] = [0];
  const current: number[] = [0];
  let seen = 0;
  let target = total / BINS;
  let isFirst = true;
  for (let i = 0; i < pair.first.length; i++) {
    const count = pair.first[i]!;
    if (isFirst && count > 0) {
      isFirst = false;
      if (count >= target) {
        baseline.push(0);
        current.push(0);
      }
    }
    baseline[baseline.length - 1]! += count;
    current[current.length - 1]! += pair.second[i]!;
    seen += count;
    if (seen < target - 1e-9 || count === 0) continue;
    while (target <= seen + 1e-9) target += total / BINS;
    baseline.push(0);
    current.push(0);
  }
  return dropEmpty({ baseline, current });
}

function dropEmpty({ baseline, current }: BinnedPair): BinnedPair {
  const kept = baseline.map((count, i) => count + current[i]! > 0);
  return { baseline: baseline.filter((_, i) => kept[i]), current: current.filter((_, i) => kept[i]) };
}

/** Categories with names: those of the baseline by frequency, the rest of it as one, and what it does not know as one. */
export type CategoryBins = BinnedPair & { labels: string[]; appeared: OneSided[]; vanished: OneSided[] };

const OWN_BINS = 50;
/** Two columns that have forgotten names are compared by this many hash buckets. */
const HASH_BINS = 64;
export const OTHER = '(other)';
const NEW = '(new)';

export function categoryBins(baseline: ColumnProfile, current: ColumnProfile): CategoryBins {
  if (baseline.texts.many || current.texts.many) return hashBins(baseline, current);
  const before = countsByName(baseline);
  const now = countsByName(current);
  // A statistics.json names only the most frequent texts; what it has lumped together may be any that it does not name.
  const lumped = before.get(OTHER) ?? 0;
  before.delete(OTHER);
  const unnamed = [...now.keys()].filter((name) => !before.has(name));
  const appeared = lumped > 0 ? [] : unnamed;
  const ordered = [...before].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
  const own = ordered.slice(0, OWN_BINS);
  const counts = {
    baseline: own.map((name) => before.get(name)!),
    current: own.map((name) => now.get(name) ?? 0),
  };
  const bins: CategoryBins = {
    ...counts,
    labels: [...own],
    appeared: oneSided(appeared, now, current).sort(
      (a, b) => b.share - a.share || (a.name < b.name ? -1 : 1),
    ),
    vanished: oneSided(
      ordered.filter((name) => !now.has(name)),
      before,
      baseline,
    ),
  };
  const rest = ordered.slice(OWN_BINS);
  if (rest.length > 0 || lumped > 0) {
    const others = lumped > 0 ? [...rest, ...unnamed] : rest;
    bins.labels.push(OTHER);
    counts.baseline.push(rest.reduce((sum, name) => sum + before.get(name)!, lumped));
    counts.current.push(others.reduce((sum, name) => sum + (now.get(name) ?? 0), 0));
  }
  if (bins.appeared.length > 0) {
    bins.labels.push(NEW);
    counts.baseline.push(0);
    counts.current.push(appeared.reduce((sum, name) => sum + now.get(name)!, 0));
  }
  return bins;
}

function oneSided(
  names: readonly string[],
  counts: ReadonlyMap<string, number>,
  column: ColumnProfile,
): OneSided[] {
  const total = presentIn(column);
  return names.map((name) => ({ name, share: counts.get(name)! / total }));
}

/** A column's categories: its texts, and its numbers as JavaScript writes them (as one category once they are inexact). */
export function countsByName({ texts, numbers }: ColumnProfile): Map<string, number> {
  const counts = new Map(texts.counts);
  if (numbers.moments.count === 0) return counts;
  const buckets = bucketsOf(numbers.histogram);
  const add = (name: string, count: number): void => void counts.set(name, (counts.get(name) ?? 0) + count);
  if (buckets.exact) buckets.counts.forEach((count, i) => add(String(buckets.lower[i]), count));
  else add('(number)', buckets.total);
  return counts;
}

function hashBins(baseline: ColumnProfile, current: ColumnProfile): CategoryBins {
  const fold = ({ texts }: ColumnProfile): number[] => {
    const bins = Array.from({ length: HASH_BINS }, () => 0);
    bucketCounts(texts).forEach((count, i) => (bins[i % HASH_BINS]! += count));
    return bins;
  };
  return {
    labels: Array.from({ length: HASH_BINS }, (_, i) => `hash ${i}`),
    baseline: fold(baseline),
    current: fold(current),
    appeared: [],
    vanished: [],
  };
}

/** The pair of bucket histograms behind a numeric comparison. */
export function numericPair(baseline: ColumnProfile, current: ColumnProfile): BucketPair {
  return bucketPair(baseline.numbers.histogram, current.numbers.histogram);
}
