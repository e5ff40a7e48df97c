import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, double, integer, oneof, property } from 'fast-check';
import { seeded } from '../math/random.ts';
import { numberColumn, tableOf, textColumn } from '../table.ts';
import { bucketsOf, quantileBucket } from './buckets.ts';
import { addCategory, noCategories, topTexts } from './categories.ts';
import { distinctTexts } from './categories.ts';
import { deviationOf, meanOf } from './moments.ts';
import { addNumbers, distinctNumbers, mergeNumbers, noNumbers } from './numbers.ts';
import type { Numbers } from './numbers.ts';
import { mergeProfiles, profile } from './profile.ts';

function numbersOf(values: readonly number[]): Numbers {
  const numbers = noNumbers(true);
  addNumbers(numbers, Float64Array.from(values));
  return numbers;
}

/** What must be the same in any order; means and deviations are compared apart. */
function seen({ histogram, infinite, moments }: Numbers): unknown {
  const { lower, upper, counts, total, exact } = bucketsOf(histogram);
  const { count, min, max } = moments;
  return {
    lower: [...lower],
    upper: [...upper],
    counts: [...counts],
    total,
    exact,
    infinite,
    count,
    min: min + 0,
    max: max + 0,
    distinct: distinctNumbers({ histogram, infinite, moments }),
  };
}

const anyNumber = oneof(
  double(),
  integer({ min: -50, max: 50 }),
  constantFrom(
    0,
    -0,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    Number.MAX_VALUE,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 53,
  ),
);

test('however numbers are split, ordered and merged, the histogram is the same', () => {
  assert(
    property(array(array(anyNumber)), (parts) => {
      const all = numbersOf(parts.flat());
      const backwards = numbersOf(parts.flat().toReversed());
      const merged = noNumbers(true);
      for (const part of parts.toReversed()) mergeNumbers(merged, numbersOf(part));
      expect(seen(backwards)).toEqual(seen(all));
      expect(seen(merged)).toEqual(seen(all));
    }),
    { numRuns: 500 },
  );
});

const SHAPES: Record<string, (next: () => number) => number> = {
  normal: (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  timestamps: (next) => 1.7e9 + 86_400 * next(),
  milliseconds: (next) => 1_700_000_000_000 + Math.floor(86_400_000 * next()),
  'around zero with exact zeros': (next) => (next() < 0.3 ? -0 : next() - 0.5),
  'with infinities and gaps': (next) => [Number.NaN, Infinity, next()][Math.floor(next() * 3)]!,
  'many magnitudes': (next) => (next() - 0.5) * 10 ** (600 * next() - 300),
  negative: (next) => -1e6 - next(),
  'small integers and then fractions': (next) => (next() < 0.999 ? Math.floor(next() * 1000) : next()),
};

test.each(Object.keys(SHAPES))(
  '%s: 60,000 values in any order give one histogram within its bound',
  (shape) => {
    const random = seeded(11);
    const values = Float64Array.from({ length: 60_000 }, () => SHAPES[shape]!(() => random.next()));
    const all = noNumbers(true);
    addNumbers(all, values);
    const pieces = [0, 1, 9000, 9001, 30_000, 60_000];
    const merged = noNumbers(true);
    for (let i = pieces.length - 1; i > 0; i--) {
      const piece = noNumbers(true);
      addNumbers(piece, values.slice(pieces[i - 1], pieces[i]).toReversed());
      mergeNumbers(merged, piece);
    }
    expect(seen(merged)).toEqual(seen(all));
    expect(meanOf(merged.moments) / meanOf(all.moments)).toBeCloseTo(1, 9);

    const sorted = values.filter(Number.isFinite).sort();
    const buckets = bucketsOf(all.histogram);
    expect(buckets.total).toBe(sorted.length);
    expect(buckets.counts.length).toBeLessThanOrEqual(8192);
    for (const p of [0, 0.001, 0.25, 0.5, 0.9, 0.999, 1]) {
      const exact = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
      const { lower, upper } = quantileBucket(buckets, p);
      expect(lower <= exact && exact <= upper).toBe(true);
      expect(upper - lower).toBeLessThanOrEqual(
        2 ** (all.histogram.shift - 52) * Math.max(Math.abs(exact), 1e-300),
      );
    }
    const distinct = new Set(sorted).size;
    expect(Math.abs(distinctNumbers(all)!.value / distinct - 1)).toBeLessThan(0.06);
  },
);

test('means and deviations keep their digits far from zero', () => {
  const random = seeded(3);
  const values = Float64Array.from({ length: 100_000 }, () => 1e9 + random.next());
  const numbers = noNumbers(false);
  addNumbers(numbers, values);
  const mean = values.reduce((sum, value) => sum + (value - 1e9), 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - 1e9 - mean) ** 2, 0);
  expect(meanOf(numbers.moments) - 1e9).toBeCloseTo(mean, 6);
  expect(deviationOf(numbers.moments) / Math.sqrt(squares / values.length)).toBeCloseTo(1, 7);
});

test('a column that a part lacks is missing there', () => {
  const merged = mergeProfiles(
    profile(tableOf([numberColumn('a', Float64Array.of(1, 2, Number.NaN))])),
    profile(tableOf([textColumn('b', ['x', undefined])])),
  );
  const shown = merged.columns.map(({ name, rows, types }) => ({
    name,
    rows,
    integral: types.integral,
    text: types.text,
  }));
  expect({ rows: merged.rows, shown }).toEqual({
    rows: 5,
    shown: [
      { name: 'a', rows: 5, integral: 2, text: 0 },
      { name: 'b', rows: 5, integral: 0, text: 1 },
    ],
  });
});

test('a category a row: distinct ones are estimated, frequent ones kept within the bound', () => {
  const categories = noCategories();
  const random = seeded(5);
  for (let i = 0; i < 200_000; i++)
    addCategory(categories, i % 10 === 0 ? `often ${random.below(3)}` : `once ${i}`, 1);
  const distinct = distinctTexts(categories);
  expect(distinct.exact).toBe(false);
  expect(Math.abs(distinct.value / 180_003 - 1)).toBeLessThan(0.06);
  const top = topTexts(categories, 3).map(({ text }) => text);
  expect(top.sort()).toEqual(['often 0', 'often 1', 'often 2']);
  const { shortBy } = categories.many!;
  expect(shortBy).toBeLessThanOrEqual(200_000 / 1024);
  const counted = topTexts(categories, 3).reduce((sum, { count }) => sum + count, 0);
  expect(counted).toBeLessThanOrEqual(20_000);
  expect(counted + 3 * shortBy).toBeGreaterThanOrEqual(20_000);
});
