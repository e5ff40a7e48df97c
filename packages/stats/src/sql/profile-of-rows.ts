import { HASH_BUCKETS, TOP_LIMIT, type Categories } from '../profile/categories.ts';
import { newRegisters } from '../profile/hyper-log-log.ts';
import { mergeMoments, noMoments } from '../profile/moments.ts';
import type { Numbers } from '../profile/numbers.ts';
import { addWords, newHistogram } from '../profile/prefix-histogram.ts';
import { newColumnProfile, newProfile } from '../profile/profile.ts';
import type { ColumnProfile, Profile, ProfileOptions } from '../profile/profile.ts';
import { BOOLEAN, FRACTIONAL, INTEGRAL, ROUNDED, TEXT } from '../read/parse-number.ts';
import type { SqlColumn } from './columns.ts';

/** A row of a query's result by the result's column names; null where there is no value. */
export type ResultRow = Readonly<Record<string, string | null>>;

/**
 * The profile that the rows of `profileQuery`'s result say; they may come in any order.
 * @param columns those the query was made for
 * @throws Error when the rows are others
 */
export function profileOfRows(
  rows: Iterable<ResultRow>,
  columns: readonly SqlColumn[],
  options: Pick<ProfileOptions, 'like'> = {},
): Profile {
  const made = newProfile();
  made.columns = columns.map(({ name }) => newColumnProfile(name, options));
  const items = made.columns.map(() => new Map<string, ResultRow>());
  for (const row of rows) {
    const of = items[Number(row['place'])];
    if (!of || !row['item']) throw new Error(`no row of a profile: ${JSON.stringify(row).slice(0, 200)}`);
    of.set(row['item'], row);
  }
  made.columns.forEach((column, place) => fill(column, items[place]!));
  made.rows = Math.max(0, ...made.columns.map(({ rows: own }) => own));
  return made;
}

function fill(column: ColumnProfile, items: ReadonlyMap<string, ResultRow>): void {
  for (const [code, n] of pairs(items.get('kind'))) addKind(column, Math.floor(code / 4), (code % 4) - 1, n);
  const buckets = items.get('bucket');
  if (buckets) fillNumbers(column.numbers, buckets, registersIn(items.get('distinct-numbers')));
  fillTexts(column.texts, items);
}

/** The list's entries: a code and a number each. */
function pairs(row: ResultRow | undefined): [code: number, value: number][] {
  return entriesOf(row).map((entry) => entry.split(' ').map(Number) as [number, number]);
}

function entriesOf(row: ResultRow | undefined): string[] {
  const entries = row?.['entries'];
  return entries ? entries.split(',') : [];
}

function addKind(column: ColumnProfile, kind: number, infinite: number, n: number): void {
  const { types, numbers } = column;
  column.rows += n;
  if (kind === INTEGRAL || kind === ROUNDED) types.integral += n;
  else if (kind === FRACTIONAL) types.fractional += n;
  else if (kind === TEXT) types.text += n;
  else if (kind === BOOLEAN) types.boolean += n;
  if (kind === ROUNDED) types.rounded += n;
  if (infinite > 0) numbers.infinite.positive += n;
  else if (infinite < 0) numbers.infinite.negative += n;
}

const one = new Float64Array(1);
const oneBits = new BigInt64Array(one.buffer);
const oneWords = new Uint32Array(one.buffer);

/** The moments come bucket by bucket, as sums of distances from its lowest bits, which loses no digits: Σ d and Σ d². */
function fillNumbers(numbers: Numbers, row: ResultRow, registers: Uint8Array): void {
  const shift = (-BigInt(row['mask']!)).toString(2).length - 1;
  const histogram = newHistogram(true, shift);
  const moments = noMoments();
  const min = Number(row['lowest']);
  const max = Number(row['highest']);
  for (const entry of entriesOf(row)) {
    const [prefix = '', n = '', above = '', squares = ''] = entry.split(' ');
    const count = Number(n);
    const distance = Number(above);
    oneBits[0] = BigInt(prefix);
    // Numbers near 1e308 have no finite deviation.
    const about = Number(squares);
    const within = Number.isFinite(about) ? Math.max(0, about - distance * (distance / count)) : Infinity;
    mergeMoments(moments, { count, sum: one[0]! * count, correction: distance, squares: within, min, max });
    // With a dropped bit set the bucket next below zero is not taken for −0.
    addWords(histogram, oneWords[1]!, oneWords[0]! | (shift > 0 ? 1 : 0), count);
  }
  if (histogram.registers) histogram.registers = registers;
  numbers.histogram = histogram;
  numbers.moments = moments;
}

/** The least hash of a register has the longest run of zeros. */
function registersIn(row: ResultRow | undefined): Uint8Array {
  const registers = newRegisters();
  for (const [register, hash] of pairs(row)) registers[register] = Math.clz32(hash) + 1;
  return registers;
}

/**
 * Of too many texts the most frequent come with their exact counts, and one more: what is left out occurs at most as often as that one,
 * which is what a later merge has to know.
 */
function fillTexts(texts: Categories, items: ReadonlyMap<string, ResultRow>): void {
  const counted = Object.entries(
    JSON.parse(items.get('text')?.['entries'] ?? '{}') as Record<string, number>,
  );
  const shares = items.get('share');
  if (!shares) {
    texts.counts = new Map(counted);
    texts.total = counted.reduce((sum, [, n]) => sum + n, 0);
    return;
  }
  counted.sort(([, a], [, b]) => b - a);
  texts.counts = new Map(counted.slice(0, TOP_LIMIT));
  const buckets = new Float64Array(HASH_BUCKETS);
  for (const [bucket, n] of pairs(shares)) buckets[bucket] = n;
  texts.total = buckets.reduce((sum, n) => sum + n, 0);
  texts.many = {
    buckets,
    registers: registersIn(items.get('distinct-texts')),
    shortBy: counted[TOP_LIMIT]?.[1] ?? 0,
  };
}
