import { kernels, letGo, memoryBytes, scratch, scratchTop, wordsAt } from '../kernels/kernels.ts';
import type { TextBytes } from '../read/parquet/texts.ts';
import { decode } from '../read/text-index.ts';
import { addCategory, bucketOfHash, trim } from './categories.ts';
import type { Categories } from './categories.ts';
import { countHashesIn } from './count-hashes.ts';
import { hashBytes, hashed } from './hash.ts';
import { addHashed } from './hyper-log-log.ts';

/** Texts as bytes, with how often each occurs: text i lies at [starts[i], ends[i]). */
export type CountedTexts = {
  many: number;
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  counts: ArrayLike<number>;
  /** What hashBytes gives for each, where that is known already. */
  hashes?: { first: Uint32Array; second: Uint32Array };
};

/**
 * Adds texts that are bytes yet. Once names are forgotten, only those frequent within this call can be among the most frequent of all and are
 * decoded; the others are hashed, and nothing is made of them.
 * @throws UserError when a text that is kept is not UTF-8
 */
export function addCounted(categories: Categories, texts: CountedTexts): void {
  const { many, bytes, starts, ends, counts, hashes } = texts;
  let next = 0;
  for (; next < many && !categories.many; next++) {
    if (counts[next]! > 0) addCategory(categories, decode(bytes, starts[next]!, ends[next]!), counts[next]!);
  }
  if (!categories.many || next >= many) return;
  let total = 0;
  for (let i = next; i < many; i++) total += counts[i]!;
  // Leaving out what occurs so seldom costs each text no more than total / 4096 of its count.
  const seldom = Math.floor(total / 4096);
  const forgotten = categories.many;
  if (hashes) addHashes(forgotten, texts, next);
  else hashAll(forgotten, texts, next);
  let left = false;
  for (let i = next; i < many; i++) {
    const count = counts[i]!;
    if (count <= seldom) {
      left ||= count > 0;
      continue;
    }
    const text = decode(bytes, starts[i]!, ends[i]!);
    categories.counts.set(text, (categories.counts.get(text) ?? 0) + count);
    trim(categories, forgotten);
  }
  if (left) forgotten.shortBy += seldom;
  categories.total += total;
}

type Many = NonNullable<Categories['many']>;

function addHashes(
  { registers, buckets }: Many,
  { many, counts, hashes }: CountedTexts,
  first: number,
): void {
  for (let i = first; i < many; i++) {
    hashed[0] = hashes!.first[i]!;
    hashed[1] = hashes!.second[i]!;
    addHashed(registers);
    buckets[bucketOfHash()]! += counts[i]!;
  }
}

function hashAll(forgotten: Many, { many, bytes, starts, ends, counts }: CountedTexts, first: number): void {
  const since = scratchTop();
  const left = many - first;
  const places = [starts, ends, counts].map((each) => {
    const place = scratch(4 * left);
    for (let i = 0, words = wordsAt(place, left); i < left; i++) words[i] = each[first + i]!;
    return place;
  }) as [number, number, number];
  const place = scratch(bytes.length);
  memoryBytes().set(bytes, place);
  countHashesIn(forgotten, (buckets, registers) =>
    kernels().countHashes(place, ...places, left, buckets, registers),
  );
  letGo(since);
}

/** So many texts are looked at together. */
export const MOST_TEXTS = 1 << 16;
const SLOTS = 4 * MOST_TEXTS;
const table = {
  /** Entry + 1, or 0 where empty. */
  slots: new Int32Array(SLOTS),
  hashes: { first: new Uint32Array(MOST_TEXTS), second: new Uint32Array(MOST_TEXTS) },
  starts: new Int32Array(MOST_TEXTS),
  ends: new Int32Array(MOST_TEXTS),
  counts: new Int32Array(MOST_TEXTS),
};

/** Adds texts that lie in bytes, each as often as it occurs. @throws UserError as addCounted */
export function addTexts(categories: Categories, { bytes, starts, ends }: TextBytes): void {
  for (let from = 0; from < starts.length; from += MOST_TEXTS) {
    const to = Math.min(starts.length, from + MOST_TEXTS);
    const many = countEqual(bytes, starts, ends, from, to);
    addCounted(categories, { ...table, many, bytes });
  }
}

/** The distinct texts among those that lie at [starts, ends), with how often each occurs; good until the next call. */
export function distinctTextsOf({ bytes, starts, ends }: TextBytes): CountedTexts {
  return { ...table, many: countEqual(bytes, starts, ends, 0, starts.length), bytes };
}

/** Fills the table with the distinct texts of [from, to); returns how many there are. */
function countEqual(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  from: number,
  to: number,
): number {
  // Two to four slots for each text, and no more: the table is cleared each time, and stays in a nearer cache.
  const mask = 2 ** (33 - Math.clz32(to - from)) - 1;
  const { first, second } = table.hashes;
  table.slots.fill(0, 0, mask + 1);
  let many = 0;
  for (let i = from; i < to; i++) {
    const start = starts[i]!;
    const end = ends[i]!;
    hashBytes(bytes, start, end);
    const hash = hashed[0]!;
    let slot = hash & mask;
    let entry = table.slots[slot]!;
    while (entry !== 0 && !(first[entry - 1] === hash && equal(bytes, entry - 1, start, end))) {
      slot = (slot + 1) & mask;
      entry = table.slots[slot]!;
    }
    if (entry !== 0) {
      table.counts[entry - 1]!++;
      continue;
    }
    first[many] = hash;
    second[many] = hashed[1]!;
    table.starts[many] = start;
    table.ends[many] = end;
    table.counts[many] = 1;
    table.slots[slot] = ++many;
  }
  return many;
}

function equal(bytes: Uint8Array, entry: number, start: number, end: number): boolean {
  const other = table.starts[entry]!;
  const length = end - start;
  if (table.ends[entry]! - other !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[other + i] !== bytes[start + i]) return false;
  return true;
}
