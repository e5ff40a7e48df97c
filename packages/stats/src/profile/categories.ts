import { hashText, hashed } from './hash.ts';
import { addHashed, estimateDistinct, mergeRegisters, newRegisters } from './hyper-log-log.ts';

/**
 * How often each text occurs. Exact up to CATEGORY_LIMIT distinct texts. Beyond, what is kept is:
 * counts by hash (1,024 buckets: sums, the same in any order), HyperLogLog registers for the number of distinct texts (the
 * same in any order), and the most frequent ones by Misra and Gries (1982; merged as Agarwal et al. 2012), each short of
 * its true count by at most `shortBy`, which never exceeds total / 800.
 */
export type Categories = {
  total: number;
  /** Every text with its count, or after the limit the candidates for the most frequent with their least counts. */
  counts: Map<string, number>;
  many?: { buckets: Float64Array; registers: Uint8Array; shortBy: number };
};

export const CATEGORY_LIMIT = 8192;
export const HASH_BUCKETS = 1024;
/** Up to twice this many are kept between two trims. */
export const TOP_LIMIT = 1024;

export function noCategories(): Categories {
  return { total: 0, counts: new Map() };
}

export function addCategory(categories: Categories, text: string, count: number): void {
  categories.total += count;
  categories.counts.set(text, (categories.counts.get(text) ?? 0) + count);
  if (categories.many) {
    hashInto(categories.many, text, count);
    trim(categories, categories.many);
  } else if (categories.counts.size > CATEGORY_LIMIT) {
    forgetNames(categories);
  }
}

function forgetNames(categories: Categories): void {
  const many = { buckets: new Float64Array(HASH_BUCKETS), registers: newRegisters(), shortBy: 0 };
  for (const [text, count] of categories.counts) hashInto(many, text, count);
  categories.many = many;
  trim(categories, many, TOP_LIMIT);
}

function hashInto(many: NonNullable<Categories['many']>, text: string, count: number): void {
  hashText(text);
  addHashed(many.registers);
  many.buckets[bucketOfHash()]! += count;
}

// The registers take the first hash's top bits; the bucket takes its low ones.
export function bucketOfHash(): number {
  return hashed[0]! & (HASH_BUCKETS - 1);
}

/** Misra and Gries's step, when there are too many: the (TOP_LIMIT + 1)th count is taken from each, and those above zero stay. */
export function trim(
  categories: Categories,
  many: NonNullable<Categories['many']>,
  limit = 2 * TOP_LIMIT,
): void {
  if (categories.counts.size <= limit) return;
  const ordered = [...categories.counts.values()].sort((a, b) => b - a);
  const taken = ordered[TOP_LIMIT] ?? 0;
  if (taken === 0) return;
  many.shortBy += taken;
  for (const [text, count] of categories.counts) {
    if (count > taken) categories.counts.set(text, count - taken);
    else categories.counts.delete(text);
  }
}

export function mergeCategories(into: Categories, more: Categories): void {
  if (!more.many) {
    for (const [text, count] of more.counts) addCategory(into, text, count);
    return;
  }
  if (!into.many) forgetNames(into);
  const many = into.many!;
  mergeRegisters(many.registers, more.many.registers);
  more.many.buckets.forEach((count, bucket) => (many.buckets[bucket]! += count));
  many.shortBy += more.many.shortBy;
  into.total += more.total;
  for (const [text, count] of more.counts) into.counts.set(text, (into.counts.get(text) ?? 0) + count);
  trim(into, many, TOP_LIMIT);
}

export function copyCategories({ total, counts, many }: Categories): Categories {
  const copy: Categories = { total, counts: new Map(counts) };
  if (many) {
    copy.many = {
      buckets: many.buckets.slice(),
      registers: many.registers.slice(),
      shortBy: many.shortBy,
    };
  }
  return copy;
}

/** Counts by hash bucket, for comparing two columns of which at least one has forgotten its names. */
export function bucketCounts(categories: Categories): Float64Array {
  if (categories.many) return categories.many.buckets;
  const buckets = new Float64Array(HASH_BUCKETS);
  for (const [text, count] of categories.counts) {
    hashText(text);
    buckets[bucketOfHash()]! += count;
  }
  return buckets;
}

export function distinctTexts(categories: Categories): { value: number; exact: boolean } {
  return categories.many
    ? { value: Math.round(estimateDistinct(categories.many.registers)), exact: false }
    : { value: categories.counts.size, exact: true };
}

/** The most frequent texts, by count and then by name; counts after the limit are too low by at most `shortBy`. */
export function topTexts(categories: Categories, limit: number): { text: string; count: number }[] {
  return [...categories.counts]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, limit);
}
