import { kernels, letGo, memoryBytes, scratch, scratchTop } from '../kernels/kernels.ts';
import type { PlainTexts } from '../read/parquet/column-chunk.ts';
import { DamagedParquet } from '../read/parquet/damaged.ts';
import { decode } from '../read/text-index.ts';
import { MOST_TEXTS, addTexts, distinctTextsOf } from './add-texts.ts';
import { trim } from './categories.ts';
import type { Categories } from './categories.ts';
import { countHashesIn } from './count-hashes.ts';

/** As in kernels/texts.ts. */
const SIEVE_BYTES = 1 << 17;

type Many = NonNullable<Categories['many']>;

/**
 * Adds texts as they lie in a page. Once names are forgotten they are counted by their hashes, and nothing is made of those that cannot
 * be frequent. @throws DamagedParquet when they are cut off; UserError when one that is kept is not UTF-8
 */
export function addPlainTexts(categories: Categories, { from, to }: PlainTexts, many: number): void {
  const since = scratchTop();
  let at = from;
  for (let done = 0; done < many;) {
    const next = Math.min(MOST_TEXTS, many - done);
    const { many: forgotten } = categories;
    at = forgotten ? countHashes(categories, forgotten, at, to, next) : addNamed(categories, at, to, next);
    letGo(since);
    done += next;
  }
}

/** Returns where the text after them begins. */
function addNamed(categories: Categories, from: number, to: number, many: number): number {
  const starts = scratch(4 * many);
  const ends = scratch(4 * many);
  if (kernels().findTexts(from, to, many, starts, ends) === 0) throw new DamagedParquet('texts are cut off');
  const places = { starts: integersAt(starts, many), ends: integersAt(ends, many) };
  const last = from + places.ends[many - 1]!;
  addTexts(categories, { bytes: memoryBytes().subarray(from, last), ...places });
  return last;
}

function countHashes(
  categories: Categories,
  forgotten: Many,
  from: number,
  to: number,
  many: number,
): number {
  const { countTexts, textsEnd } = kernels();
  const slots = scratch(4 * many);
  const sieve = scratch(SIEVE_BYTES);
  memoryBytes().fill(0, sieve, sieve + SIEVE_BYTES);
  const most = countHashesIn(forgotten, (buckets, registers) =>
    countTexts(from, to, many, buckets, registers, sieve, slots),
  );
  if (most < 0) throw new DamagedParquet('texts are cut off');
  const last = textsEnd.value;
  categories.total += many;
  // Leaving out what occurs so seldom costs each text no more than total / 4096 of its count.
  const seldom = Math.floor(many / 4096);
  const named = most > seldom ? addFrequent(categories, forgotten, { from, last, many, slots, seldom }) : 0;
  if (named < many) forgotten.shortBy += seldom;
  return last;
}

type Sieved = { from: number; last: number; many: number; slots: number; seldom: number };

/** Names those that occur more often than `seldom`; returns how many texts those were. */
function addFrequent(
  categories: Categories,
  forgotten: Many,
  { from, last, many, slots, seldom }: Sieved,
): number {
  const starts = scratch(4 * many);
  const ends = scratch(4 * many);
  const found = kernels().frequentTexts(from, many, slots, seldom, starts, ends);
  const bytes = memoryBytes().subarray(from, last);
  const distinct = distinctTextsOf({
    bytes,
    starts: integersAt(starts, found),
    ends: integersAt(ends, found),
  });
  let named = 0;
  for (let i = 0; i < distinct.many; i++) {
    const count = distinct.counts[i]!;
    if (count <= seldom) continue;
    named += count;
    const text = decode(bytes, distinct.starts[i]!, distinct.ends[i]!);
    categories.counts.set(text, (categories.counts.get(text) ?? 0) + count);
    trim(categories, forgotten);
  }
  return named;
}

function integersAt(place: number, many: number): Int32Array {
  return new Int32Array(memoryBytes().buffer, place, many);
}
