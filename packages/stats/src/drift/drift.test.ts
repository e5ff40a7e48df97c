import { describe, expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { profile, type Profile } from '../profile/profile.ts';
import { numberColumn, tableOf, textColumn, type Column } from '../table.ts';
import { driftReportHtml } from '../report/html.ts';
import { driftSummary } from '../report/text.ts';
import type { FeatureDrift } from './drift-report.ts';
import { drift } from './drift.ts';
import { seasonalBaseline, seasonOf } from './season.ts';
import { MEASURES } from './settings.ts';
import { verdictOverWindows } from './windows.ts';

function normals(rows: number, seed: number, mean = 0, deviation = 1): number[] {
  const random = seeded(seed);
  return Array.from({ length: rows }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * random.next());
  });
}

function numbers(values: readonly number[], name = 'x'): Column {
  return numberColumn(name, Float64Array.from(values));
}

function texts(values: readonly (string | undefined)[], name = 'x'): Column {
  return textColumn(name, values);
}

function of(...columns: Column[]): Profile {
  return profile(tableOf(columns));
}

function only(baseline: Column, current: Column, settings = {}): FeatureDrift {
  return drift(of(baseline), of(current), settings).features[0]!;
}

function repeat<T>(counts: readonly [T, number][]): T[] {
  return counts.flatMap(([value, many]) => Array.from({ length: many }, () => value));
}

describe('numbers', () => {
  test.each(MEASURES)('%s: the same distribution passes, a moved one fails', (measure) => {
    const baseline = numbers(normals(20_000, 1));
    expect(only(baseline, numbers(normals(5000, 2)), { measure })).toMatchObject({
      measure,
      verdict: 'none',
    });
    expect(only(baseline, numbers(normals(5000, 3, 1)), { measure })).toMatchObject({
      measure,
      verdict: 'fail',
    });
  });

  test('values below and above everything in the baseline are seen', () => {
    const baseline = numbers(
      repeat([
        [0, 6000],
        [1, 2000],
        [2, 2000],
      ]),
    );
    expect(
      only(
        baseline,
        numbers(
          repeat([
            [-5, 3000],
            [0, 1000],
            [2, 1000],
          ]),
        ),
      ).verdict,
    ).toBe('fail');
    expect(
      only(
        baseline,
        numbers(
          repeat([
            [0, 3000],
            [9, 2000],
          ]),
        ),
      ).verdict,
    ).toBe('fail');
  });

  test('a constant column is steady as long as it stays so', () => {
    const baseline = numbers(repeat([[3, 5000]]));
    for (const measure of MEASURES) {
      expect(only(baseline, numbers(repeat([[3, 2000]])), { measure }).verdict).toBe('none');
      expect(
        only(
          baseline,
          numbers(
            repeat([
              [3, 1000],
              [2, 1000],
            ]),
          ),
          { measure },
        ).verdict,
      ).toBe('fail');
    }
  });

  test('scale does not matter to a measure of bins or ranks', () => {
    const [before, now] = [normals(5000, 4), normals(5000, 5, 0.3)];
    const scaled = (values: number[]): Column => numbers(values.map((value) => value * 2 ** 20));
    for (const measure of [
      'psi',
      'ks',
      'jensen-shannon',
      'chi-squared',
      'total-variation',
      'wasserstein',
    ] as const) {
      const plain = only(numbers(before), numbers(now), { measure }).value;
      expect(only(scaled(before), scaled(now), { measure }).value).toBeCloseTo(plain, 9);
    }
  });

  test('a sketched Kolmogorov–Smirnov statistic says how far it may be off', () => {
    const [before, now] = [normals(50_000, 6), normals(40_000, 7, 0.1)];
    const { value, bound } = only(numbers(before), numbers(now), { measure: 'ks' });
    const ascending = (a: number, b: number): number => a - b;
    before.sort(ascending);
    now.sort(ascending);
    let exact = 0;
    for (let i = 0, j = 0; i < before.length && j < now.length;) {
      if (before[i]! <= now[j]!) i++;
      else j++;
      exact = Math.max(exact, Math.abs(i / before.length - j / now.length));
    }
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThan(0.005);
    expect(exact).toBeGreaterThanOrEqual(value - 1e-12);
    expect(exact).toBeLessThanOrEqual(value + bound + 1e-12);
  });
});

describe('texts', () => {
  test('new and vanished categories are named', () => {
    const found = only(
      texts(
        repeat([
          ['DEN', 3000],
          ['LAX', 2000],
          ['ORD', 100],
        ]),
      ),
      texts(
        repeat([
          ['DEN', 1500],
          ['LAX', 1000],
          ['SFO', 900],
        ]),
      ),
    );
    expect(found).toMatchObject({
      kind: 'categorical',
      verdict: 'fail',
      appeared: [{ name: 'SFO', share: 900 / 3400 }],
      vanished: [{ name: 'ORD', share: 100 / 5100 }],
    });
    expect(found.baseline).toEqual({ labels: ['DEN', 'LAX', 'ORD', '(new)'], counts: [3000, 2000, 100, 0] });
    expect(found.current).toEqual({ labels: ['DEN', 'LAX', 'ORD', '(new)'], counts: [1500, 1000, 0, 900] });
  });

  test('a category a row is compared by hash, and does not cry wolf', () => {
    const ids = (from: number): Column => texts(Array.from({ length: 30_000 }, (_, i) => `id ${from + i}`));
    expect(only(ids(0), ids(1_000_000))).toMatchObject({ kind: 'categorical', verdict: 'none' });
  });

  test('ks and wasserstein become total variation, for texts have no order', () => {
    const column = texts(
      repeat([
        ['a', 1000],
        ['b', 1000],
      ]),
    );
    expect(only(column, column, { measure: 'ks' })).toMatchObject({
      measure: 'total-variation',
      verdict: 'none',
    });
  });
});

describe('what cannot be decided is never a pass', () => {
  const baseline = numbers(normals(5000, 8));
  test.each([
    ['too few rows', numbers(normals(999, 9)), '999 current values, 1000 are needed'],
    ['no rows', numbers([]), 'no current values, 1000 are needed'],
    ['another column only', numbers(normals(5000, 9), 'y'), 'the current data have no such column'],
  ])('%s: not a pass', (_, current, reason) => {
    const report = drift(of(baseline), of(current));
    expect(['inconclusive', 'fail']).toContain(report.verdict);
    expect(reason).not.toBe('');
  });

  test('an effect that chance explains is inconclusive', () => {
    const found = only(numbers(normals(40, 10)), numbers(normals(40, 11, 0.2)), {
      minSamples: 10,
      warn: 0.01,
      fail: 0.02,
    });
    expect(found).toMatchObject({ verdict: 'inconclusive' });
    expect(found.reason).toMatch(/chance may explain it/);
  });

  test('all values missing fails by the missing rate', () => {
    const found = only(baseline, numbers(repeat([[Number.NaN, 5000]])));
    expect(found).toMatchObject({
      verdict: 'fail',
      reason: '100.0 % of the values are missing or unusable, 0.0 % in the baseline',
    });
  });

  test('texts where numbers were fail as unusable', () => {
    const found = only(baseline, texts(repeat([['n/a', 5000]])));
    expect(found).toMatchObject({ kind: 'numeric', verdict: 'fail', unusable: { baseline: 0, current: 1 } });
  });

  test('infinite values are unusable', () => {
    const values = normals(5000, 12).map((value, i) => (i % 4 === 0 ? Infinity : value));
    expect(only(baseline, numbers(values)).verdict).toBe('fail');
  });
});

describe('the range of the baseline', () => {
  const baseline = numbers(Array.from({ length: 5000 }, (_, i) => i / 100));
  /** The baseline again, its least values moved below its range: in the tenths of the baseline nothing has changed. */
  const below = (many: number): Column =>
    numbers(Array.from({ length: 5000 }, (_, i) => (i < many ? -1e6 - i : i / 100)));

  test.each([
    [100, 'none', /^psi 0\.00 is below 0\.1$/],
    [300, 'warn', /^6\.0 % of the values lie outside of the baseline's 0 … 49\.99$/],
    [500, 'fail', /^10\.0 % of the values lie outside of the baseline's 0 … 49\.99$/],
  ])('%i of 5,000 values outside of it: %s', (many, verdict, reason) => {
    const found = only(baseline, below(many));
    expect(found).toMatchObject({
      verdict,
      range: { least: 0, most: 49.99, outside: many / 5000, bound: 0 },
      reason: expect.stringMatching(reason),
    });
  });

  test('limits may be given, and few values decide nothing', () => {
    expect(only(baseline, below(100), { rangeFail: 0.02 }).verdict).toBe('fail');
    expect(only(baseline, below(500), { minSamples: 6000 }).verdict).toBe('inconclusive');
  });

  test('a bucket that the end of the range cuts is no false alarm, but said', () => {
    const wide = numbers(Array.from({ length: 50_000 }, (_, i) => 1 + i / 1e6));
    const { range } = only(
      numbers(
        repeat([
          [1, 2000],
          [1.02, 2000],
        ]),
      ),
      wide,
    );
    const truth = 29_999 / 50_000;
    expect(range!.outside).toBeLessThanOrEqual(truth);
    expect(range!.outside + range!.bound).toBeGreaterThanOrEqual(truth);
    expect(range!.bound).toBeGreaterThan(0);
    expect(range!.bound).toBeLessThan(0.001);
  });
});

test('what a model answers is compared, and called a prediction', () => {
  const [before, now] = [normals(5000, 1), normals(3000, 2, 1)];
  const report = drift(
    of(numbers(before, 'x'), numbers(before, 'prediction'), numbers(before, 'prediction.1')),
    of(
      numbers(before.slice(0, 3000), 'x'),
      numbers(now, 'prediction'),
      numbers(before.slice(0, 3000), 'prediction.1'),
    ),
  );
  expect(report.features.map(({ name, role, verdict }) => [name, role, verdict])).toEqual([
    ['prediction', 'prediction', 'fail'],
    ['x', 'feature', 'none'],
    ['prediction.1', 'prediction', 'none'],
  ]);
  expect(driftSummary(report)).toMatch(/^drift fail: the model's prediction \(psi /);
  expect(driftReportHtml(report)).toContain('Drift: the model’s prediction is no longer distributed');
});

test('many steady features raise no alarm at the asked rate of false discovery', () => {
  const columns = (seed: number): Profile =>
    of(...Array.from({ length: 60 }, (_, i) => numbers(normals(2000, seed + i), `f${i}`)));
  const report = drift(columns(100), columns(200), { warn: 0, fail: 0 });
  expect(report.features.filter(({ verdict }) => verdict === 'fail').length).toBeLessThanOrEqual(3);
});

test('settings may differ by feature, and features may be left out', () => {
  const moved = of(
    numbers(normals(5000, 1), 'a'),
    numbers(normals(5000, 2), 'b'),
    numbers(normals(5000, 3), 'c'),
  );
  const now = of(
    numbers(normals(5000, 4, 1), 'a'),
    numbers(normals(5000, 5, 1), 'b'),
    numbers(normals(5000, 6, 1), 'c'),
  );
  const report = drift(moved, now, {
    perFeature: {
      a: { ignore: true },
      b: { measure: 'ks', warn: 0.9, fail: 0.95 },
      c: { fail: 5, warn: 0.1 },
    },
  });
  const shown = report.features.map(({ name, measure, verdict }) => ({ name, measure, verdict }));
  expect(shown).toEqual([
    { name: 'c', measure: 'psi', verdict: 'warn' },
    { name: 'b', measure: 'ks', verdict: 'none' },
  ]);
});

test('columns that only the current data have are named', () => {
  const report = drift(
    of(numbers(normals(2000, 1))),
    of(
      numbers(normals(2000, 2)),
      numbers([1], 'new').rows === 1 ? numbers(normals(2000, 3), 'new') : numbers([]),
    ),
  );
  expect(report.extra).toEqual(['new']);
});

test.each([
  [{ warn: 0.3, fail: 0.2 }, 'drift thresholds of "x" are warn 0.3 and fail 0.2; 0 ≤ warn ≤ fail is needed'],
  [{ fail: Number.NaN }, 'drift thresholds of "x" are'],
  [{ measure: 'magic' as 'psi' }, 'there is no drift measure "magic"; there are: psi, ks,'],
  [{ features: ['y'] }, 'the baseline has no feature "y"'],
  [
    {
      minSamples: Number.NaN,
      falseDiscoveryRate: 0,
      rangeWarn: 0.5,
      rangeFail: 0.1,
      missingFail: Number.NaN,
    },
    'minSamples NaN, falseDiscoveryRate 0, missingWarn NaN with missingFail NaN, rangeWarn 0.5 with rangeFail 0.1 cannot be meant',
  ],
])('%j is refused', (settings, message) => {
  expect(() => only(numbers([1]), numbers([1]), settings)).toThrow(message);
});

test('k of n windows', () => {
  const over = (...verdicts: Parameters<typeof verdictOverWindows>[0]): string =>
    verdictOverWindows(verdicts, { k: 2, n: 3 });
  expect(over('fail', 'none', 'fail')).toBe('fail');
  expect(over('fail', 'fail', 'none', 'none', 'fail')).toBe('none');
  expect(over('warn', 'fail', 'none')).toBe('warn');
  expect(over('none', 'none', 'none')).toBe('none');
  expect(over('inconclusive', 'none', 'fail')).toBe('inconclusive');
  expect(over('fail')).toBe('inconclusive');
  expect(over('none', 'none')).toBe('none');
  expect(() => verdictOverWindows([], { k: 3, n: 2 })).toThrow('"3 of 2" windows cannot be meant');
});

test('a window is compared with windows of its own season', () => {
  const windows = [0, 1, 24, 25].map((hour) => ({
    start: new Date(Date.UTC(2027, 0, 4, hour)),
    profile: of(numbers(repeat([[hour, 10]]))),
  }));
  const instant = new Date(Date.UTC(2027, 0, 6, 1));
  expect(seasonOf(instant, 'hour-of-week')).toBe(3 * 24 + 1);
  expect(seasonalBaseline(windows, instant, 'hour')?.columns[0]!.numbers.moments).toMatchObject({
    count: 20,
    min: 1,
    max: 25,
  });
  expect(seasonalBaseline(windows, instant, 'weekday')).toBeUndefined();
});
