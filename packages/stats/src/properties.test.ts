import { describe, expect, test } from '@jest/globals';
import {
  array,
  assert,
  constant,
  constantFrom,
  double,
  float,
  integer,
  oneof,
  option,
  property,
  tuple,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { drift } from './drift/drift.ts';
import { MEASURES } from './drift/settings.ts';
import { estimateMetrics } from './intervals/estimate.ts';
import { seeded } from './math/random.ts';
import { METRIC_NAMES, evaluateMetrics } from './metrics/metrics.ts';
import { suggestConstraints } from './monitor-files/constraints.ts';
import { profileFromStatistics, profileToStatistics } from './monitor-files/statistics.ts';
import { bucketsOf } from './profile/buckets.ts';
import { readProfile, writeProfile } from './profile/file-format.ts';
import { meanOf } from './profile/moments.ts';
import { mergeProfiles, profile } from './profile/profile.ts';
import type { Profile } from './profile/profile.ts';
import { driftReportHtml } from './report/html.ts';
import { numberColumn, tableOf, textColumn } from './table.ts';
import type { Table } from './table.ts';

const SPECIAL = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2e-308,
  2 ** 53 + 2,
  1.7e308,
  -1.7e308,
  Infinity,
  -Infinity,
  Number.NaN,
];
const numbers = oneof(double(), float(), integer({ min: -9, max: 9 }), constantFrom(...SPECIAL));
const texts = option(constantFrom('DEN', 'LAX', 'Ω', '', '0', 'true'), { nil: undefined });

/** A few rows of two columns, one of which may be lacking. */
const table: Arbitrary<Table> = tuple(
  array(tuple(numbers, texts), { maxLength: 30 }),
  constantFrom('both', 'x', 'origin'),
).map(([rows, which]) =>
  tableOf([
    ...(which === 'origin'
      ? []
      : [
          numberColumn(
            'x',
            Float64Array.from(rows, ([value]) => value),
          ),
        ]),
    ...(which === 'x'
      ? []
      : [
          textColumn(
            'origin',
            rows.map(([, text]) => text),
          ),
        ]),
  ]),
);

/** All that a profile says exactly: what is the same in any order. */
function exactly({ rows, columns }: Profile): unknown {
  const sorted = columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    rows,
    columns: sorted.map(({ name, types, numbers: own, texts: categories }) => ({
      name,
      types,
      infinite: own.infinite,
      count: own.moments.count,
      range: [own.moments.min + 0, own.moments.max + 0],
      buckets: bucketsOf(own.histogram),
      texts: Object.fromEntries(categories.counts),
      total: categories.total,
    })),
  };
}

describe('merging profiles', () => {
  test('is commutative and associative, and the same as reading all rows at once', () => {
    assert(
      property(table, table, table, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((part) => profile(part)) as [Profile, Profile, Profile];
        const whole = exactly(mergeProfiles(x, y, z));
        expect(exactly(mergeProfiles(z, x, y))).toEqual(whole);
        expect(exactly(mergeProfiles(x, mergeProfiles(y, z)))).toEqual(whole);
        expect(exactly(mergeProfiles(mergeProfiles(y, x), z))).toEqual(whole);
        expect(exactly(mergeProfiles(readProfile(writeProfile(x)), y, readProfile(writeProfile(z))))).toEqual(
          whole,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('changes no part that is merged', () => {
    assert(
      property(table, table, (a, b) => {
        const [x, y] = [profile(a), profile(b)];
        const before = [exactly(x), exactly(y)];
        mergeProfiles(x, y);
        expect([exactly(x), exactly(y)]).toEqual(before);
      }),
    );
  });

  test('of many days keeps counts of many categories, whatever the order', () => {
    const random = seeded(4);
    const days = Array.from({ length: 8 }, () =>
      profile(
        tableOf([
          textColumn(
            'id',
            Array.from({ length: 4000 }, () => `user ${Math.floor(random.next() ** 3 * 30_000)}`),
          ),
        ]),
      ),
    );
    const [there, back] = [days, days.toReversed()].map((parts) => mergeProfiles(...parts).columns[0]!.texts);
    expect(back!.total).toBe(there!.total);
    expect([...back!.many!.buckets]).toEqual([...there!.many!.buckets]);
    expect([...back!.many!.registers]).toEqual([...there!.many!.registers]);
    for (const [text, count] of there!.counts) {
      const other = back!.counts.get(text) ?? 0;
      expect(Math.abs(count - other)).toBeLessThanOrEqual(
        Math.max(there!.many!.shortBy, back!.many!.shortBy),
      );
    }
  });
});

test('whatever a profile holds, its statistics are finite numbers, and drift from itself is none', () => {
  assert(
    property(table, (rows) => {
      const known = profile(rows);
      const statistics = profileToStatistics(known);
      expect(JSON.stringify([statistics, suggestConstraints(known)])).not.toMatch(/null/);
      const read = profileFromStatistics(JSON.parse(JSON.stringify(statistics)) as typeof statistics);
      expect(read.rows).toBe(known.rows);
      if (known.columns.length === 0) return;
      for (const measure of MEASURES) {
        const report = drift(known, known, { measure, minSamples: 1 });
        const { features } = report;
        expect(driftReportHtml(report)).not.toMatch(/NaN|Infinity|undefined/);
        for (const { value, verdict } of features) {
          expect(value === 0 || Number.isNaN(value)).toBe(true);
          expect(verdict).toBe(Number.isNaN(value) ? 'inconclusive' : 'none');
        }
      }
    }),
    { numRuns: 300 },
  );
});

function normals(rows: number, seed: number, mean: number): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: rows }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return mean + radius * Math.cos(2 * Math.PI * random.next());
  });
}

describe('scale does not matter', () => {
  const [before, now] = [normals(4000, 1, 3), normals(3000, 2, 3.2)];
  const measured = (measure: (typeof MEASURES)[number], factor: number): number => {
    const scaled = (values: Float64Array): Profile =>
      profile(
        tableOf([
          numberColumn(
            'x',
            values.map((value) => value * factor),
          ),
        ]),
      );
    return drift(scaled(before), scaled(now), { measure }).features[0]!.value;
  };

  // Powers of two change no digit: subnormal numbers lose some, and are left out.
  test.each(MEASURES)('to %s, from 2^-1010 to 2^1010', (measure) => {
    const plain = measured(measure, 1);
    for (const exponent of [-1010, -600, -40, 40, 600, 1010]) {
      expect({ exponent, value: measured(measure, 2 ** exponent) }).toEqual({
        exponent,
        value: expect.closeTo(plain, 9),
      });
    }
  });

  test('to a ranking, as long as the order stays', () => {
    const labels = before.map((value, i) => (value + (i % 3) > 4 ? 1 : 0));
    const names = ['roc-auc', 'average-precision'] as const;
    const plain = evaluateMetrics({ labels, scores: before }, names);
    for (const monotone of [
      (x: number) => x * 2 ** 900,
      (x: number) => Math.exp(x),
      (x: number) => x - 1e6,
    ]) {
      expect(evaluateMetrics({ labels, scores: before.map(monotone) }, names)).toEqual(plain);
    }
  });

  test('to errors beyond that they scale along', () => {
    const labels = before;
    const scores = labels.map((label, i) => label + ((i % 7) - 3) / 10);
    const plain = evaluateMetrics({ labels, scores }, ['mae', 'rmse', 'max-error', 'r2', 'bias']);
    const factor = 2 ** 20;
    const scaled = evaluateMetrics(
      { labels: labels.map((label) => label * factor), scores: scores.map((score) => score * factor) },
      ['mae', 'rmse', 'max-error', 'r2', 'bias'],
    );
    for (const name of ['mae', 'rmse', 'max-error', 'bias'] as const)
      expect(scaled[name].value / factor).toBeCloseTo(plain[name].value, 9);
    expect(scaled.r2.value).toBeCloseTo(plain.r2.value, 9);
  });
});

test('weights of 1 change nothing, and the order of rows neither', () => {
  const rows = array(tuple(constantFrom(0, 1), integer({ min: 0, max: 20 })), {
    minLength: 2,
    maxLength: 60,
  });
  assert(
    property(rows, constant(1), (pairs, one) => {
      const labels = Float64Array.from(pairs, ([label]) => label);
      const scores = Float64Array.from(pairs, ([, score]) => score / 20);
      const plain = estimateMetrics({ labels, scores }, METRIC_NAMES, { resamples: 20 });
      const weights = new Float64Array(labels.length).fill(one);
      expect(estimateMetrics({ labels, scores, weights }, METRIC_NAMES, { resamples: 20 })).toEqual(plain);
      const turned = evaluateMetrics(
        { labels: labels.toReversed(), scores: scores.toReversed() },
        METRIC_NAMES,
      );
      for (const name of METRIC_NAMES) {
        const [here, there] = [plain[name].value, turned[name].value];
        // mape of a label of 0 is some 1e15.
        const near = 1e-9 * Math.max(1, Math.abs(here));
        expect(Number.isNaN(here) ? Number.isNaN(there) : Math.abs(here - there) < near).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('a mean does not depend on how rows were divided', () => {
  assert(
    property(array(array(double({ noNaN: true, min: -1e9, max: 1e9 })), { minLength: 1 }), (parts) => {
      const of = (values: number[]): Profile =>
        profile(tableOf([numberColumn('x', Float64Array.from(values))]));
      const whole = meanOf(of(parts.flat()).columns[0]!.numbers.moments);
      const merged = meanOf(mergeProfiles(...parts.map(of)).columns[0]!.numbers.moments);
      const size = Math.max(1, ...parts.flat().map(Math.abs));
      expect(Number.isNaN(whole) ? Number.isNaN(merged) : Math.abs(whole - merged) <= 1e-12 * size).toBe(
        true,
      );
    }),
  );
});
