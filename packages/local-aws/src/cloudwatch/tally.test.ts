import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, double, integer, property } from 'fast-check';
import { addSet, addValue, emptyTally, merge, statistic } from './tally.ts';

const of = (values: readonly number[]) => {
  const tally = emptyTally();
  for (const value of values) addValue(tally, value);
  return tally;
};

/** Linear interpolation over the sorted values, written straight from the definition. */
function reference(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] as number;
  return below + ((sorted[Math.ceil(rank)] as number) - below) * (rank % 1);
}

test('percentiles are those of the sorted values', () => {
  const values = array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 500 });
  assert(
    property(values, constantFrom('p0', 'p50', 'p90', 'p99', 'p99.9', 'p100'), (all, name) => {
      expect(statistic(of(all), name)).toBeCloseTo(reference(all, Number(name.slice(1)) / 100), 6);
    }),
  );
});

test('putting tallies together is the same as adding all their values to one', () => {
  const values = array(integer({ min: 0, max: 50 }), { minLength: 1 });
  assert(
    property(values, values, (left, right) => {
      const together = of(left);
      merge(together, of(right));
      const names = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum', 'p50', 'p99'];
      expect(names.map((name) => statistic(together, name))).toEqual(
        names.map((name) => statistic(of([...left, ...right]), name)),
      );
    }),
  );
});

test('many different values take bounded memory and move a percentile by less than half a percent', () => {
  const values = Array.from({ length: 200_000 }, (_, index) => 1000 + index * 0.37);
  const tally = of(values);
  expect(tally.values?.size).toBeLessThan(2000);
  for (const name of ['p50', 'p99']) {
    const exact = reference(values, Number(name.slice(1)) / 100);
    expect(Math.abs((statistic(tally, name) as number) / exact - 1)).toBeLessThan(0.005);
  }
  expect(statistic(tally, 'SampleCount')).toBe(200_000);
});

test('a statistic set has no percentiles, unless all of its values are equal', () => {
  const set = emptyTally();
  addSet(set, { count: 4, sum: 10, min: 1, max: 4 });
  expect([statistic(set, 'Average'), statistic(set, 'p50')]).toEqual([2.5, undefined]);
  const equal = emptyTally();
  addSet(equal, { count: 4, sum: 8, min: 2, max: 2 });
  expect(statistic(equal, 'p50')).toBe(2);
});
