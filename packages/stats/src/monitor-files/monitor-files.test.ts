import { expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { bucketsOf, quantileBucket } from '../profile/buckets.ts';
import { profile } from '../profile/profile.ts';
import type { Profile } from '../profile/profile.ts';
import { numberColumn, tableOf, textColumn } from '../table.ts';
import { suggestConstraints } from './constraints.ts';
import { profileFromStatistics, profileToStatistics } from './statistics.ts';
import { checkConstraints } from './violations.ts';

function sample(rows: number, { by = 0, origins = ['DEN', 'LAX'], missing = 0, type = 1 } = {}): Profile {
  const random = seeded(rows);
  return profile(
    tableOf([
      numberColumn(
        'distance',
        Float64Array.from({ length: rows }, () =>
          random.next() < missing ? Number.NaN : 1000 * random.next() + by,
        ),
      ),
      numberColumn(
        'hour',
        Float64Array.from({ length: rows }, () => random.below(24) * type),
      ),
      textColumn(
        'origin',
        Array.from({ length: rows }, () => origins[random.below(origins.length)]),
      ),
    ]),
  );
}

test('statistics.json has Model Monitor’s form', () => {
  const statistics = profileToStatistics(
    profile(
      tableOf([
        numberColumn('hour', Float64Array.of(1, 2, 3, Number.NaN)),
        textColumn('origin', ['DEN', 'DEN', undefined, 'LAX']),
        numberColumn('none', new Float64Array(4).fill(Number.NaN)),
      ]),
    ),
  );
  const buckets = Array.from({ length: 10 }, (_, i) => ({
    lower_bound: expect.closeTo(1 + i / 5, 9),
    upper_bound: expect.closeTo(1 + (i + 1) / 5, 9),
    count: i === 0 || i === 5 || i === 9 ? 1 : 0,
  }));
  expect(statistics).toEqual({
    version: 0,
    dataset: { item_count: 4 },
    features: [
      {
        name: 'hour',
        inferred_type: 'Integral',
        numerical_statistics: {
          common: { num_present: 3, num_missing: 1 },
          mean: 2,
          sum: 6,
          std_dev: expect.closeTo(Math.sqrt(2 / 3), 12),
          min: 1,
          max: 3,
          distribution: { kll: { buckets, sketch: { parameters: { c: 0.64, k: 2048 }, data: [[1, 2, 3]] } } },
        },
      },
      {
        name: 'origin',
        inferred_type: 'String',
        string_statistics: {
          common: { num_present: 3, num_missing: 1 },
          distinct_count: 2,
          distribution: {
            categorical: {
              buckets: [
                { value: 'DEN', count: 2 },
                { value: 'LAX', count: 1 },
              ],
            },
          },
        },
      },
      { name: 'none', inferred_type: 'Unknown' },
    ],
  });
});

test.each([1, 2047, 4096, 5001, 60_000])(
  'a profile of %i rows comes back from statistics.json within the sketch’s error',
  (rows) => {
    const before = sample(rows);
    const after = profileFromStatistics(
      JSON.parse(JSON.stringify(profileToStatistics(before))) as ReturnType<typeof profileToStatistics>,
    );
    const [exact, sketched] = [before, after].map(({ columns }) => bucketsOf(columns[0]!.numbers.histogram));
    expect(sketched!.total).toBe(rows);
    for (const p of [0.1, 0.5, 0.9]) {
      const { lower, upper } = quantileBucket(sketched!, p);
      expect(upper).toBeGreaterThanOrEqual(quantileBucket(exact!, Math.max(0, p - 0.001)).lower);
      expect(lower).toBeLessThanOrEqual(quantileBucket(exact!, Math.min(1, p + 0.001)).upper);
    }
    expect(profileToStatistics(after).features[2]).toEqual(profileToStatistics(before).features[2]);
  },
);

test('data like the baseline keep its constraints', () => {
  const baseline = sample(5000);
  expect(checkConstraints(suggestConstraints(baseline), sample(3000), baseline)).toEqual({ violations: [] });
});

test('each kind of violation is found and named as Model Monitor names it', () => {
  const baseline = sample(5000);
  const current = sample(3000, { by: -600, origins: ['DEN', 'SFO'], missing: 0.2, type: 0.5 });
  current.columns.push({ ...current.columns[0]!, name: 'new' });
  const constraints = suggestConstraints(baseline);
  constraints.features.push({ name: 'gone', inferred_type: 'Integral', completeness: 1 });
  const found = checkConstraints(constraints, current, baseline).violations;
  expect(found.map((violation) => [violation.feature_name, violation.constraint_check_type])).toEqual([
    ['distance', 'completeness_check'],
    ['distance', 'data_type_check'],
    ['distance', 'baseline_drift_check'],
    ['hour', 'data_type_check'],
    ['hour', 'baseline_drift_check'],
    ['origin', 'categorical_values_check'],
    ['origin', 'baseline_drift_check'],
    ['gone', 'missing_column_check'],
    ['new', 'extra_column_check'],
  ]);
  expect(found[0]!.description).toMatch(/^Expected completeness: 100%\. Observed: 8\d\.\d+%\.$/);
  expect(found[3]!.description).toMatch(
    /^Expected type: Integral, in at least 90%\. Observed: only \d\d\.\d+% of the values are Integral\.$/,
  );
});

test('checks may be switched off, and thresholds changed for a feature', () => {
  const baseline = sample(5000);
  const constraints = suggestConstraints(baseline);
  constraints.features[0]!.monitoringConfigOverrides = { evaluate_constraints: 'Disabled' };
  const found = checkConstraints(constraints, sample(3000, { by: 5000, missing: 0.5 }), baseline);
  expect(found).toEqual({ violations: [] });
});

test('without rows nothing is checked, and what is not built is refused', () => {
  const baseline = sample(10);
  const constraints = suggestConstraints(baseline);
  expect(() => checkConstraints(constraints, sample(0), baseline)).toThrow('there are no rows to check');
  constraints.monitoring_config.distribution_constraints.categorical_drift_method = 'ChiSquared';
  expect(() => checkConstraints(constraints, sample(10), baseline)).toThrow(
    'categorical_drift_method ChiSquared is not built',
  );
  expect(() => profileFromStatistics({} as never)).toThrow('is not a statistics.json');
});
