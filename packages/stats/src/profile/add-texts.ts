import { decode } from '../read/text-index.ts';
import { addCategory, bucketOfHash, trim } from './categories.ts';
import type { Categories } from './categories.ts';
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
  let left = false;
  for (let i = next; i < many; i++) {
    const count = counts[i]!;
    if (count === 0) continue;
    if (hashes) {
      hashed[0] = hashes.first[i]!;
      hashed[1] = hashes.second[i]!;
    } else {
      hashBytes(bytes, starts[i]!, ends[i]!);
    }
    addHashed(categories.many.registers);
    categories.many.buckets[bucketOfHash()]! += count;
    if (count <= seldom) {
      left = true;
      continue;
    }
    const text = decode(bytes, starts[i]!, ends[i]!);
    categories.counts.set(text, (categories.counts.get(text) ?? 0) + count);
    trim(categories, categories.many);
  }
  if (left) categories.many.shortBy += seldom;
  categories.total += total;
}

const MOST = 1 << 16;
const SLOTS = 4 * MOST;
const table = {
  /** Entry + 1, or 0 where empty. */
  slots: new Int32Array(SLOTS),
  hashes: { first: new Uint32Array(MOST), second: new Uint32Array(MOST) },
  starts: new Int32Array(MOST),
  ends: new Int32Array(MOST),
  counts: new Int32Array(MOST),
};

/** Adds texts that lie in bytes, each as often as it occurs. @throws UserError as addCounted */
export function addTexts(
  categories: Categories,
  { bytes, starts, ends }: { bytes: Uint8Array; starts: Int32Array; ends: Int32Array },
): void {
  for (let from = 0; from < starts.length; from += MOST) {
    const to = Math.min(starts.length, from + MOST);
    const many = countEqual(bytes, starts, ends, from, to);
    addCounted(categories, { ...table, many, bytes });
  }
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
