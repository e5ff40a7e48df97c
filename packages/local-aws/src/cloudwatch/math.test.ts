import { expect, test } from '@jest/globals';
import { parseExpression } from './expression.ts';
import { evaluate } from './math.ts';
import type { TimeSeries, Value } from './time-series.ts';

const grid = [0, 60_000, 120_000];
const series = (...values: (number | undefined)[]): TimeSeries =>
  new Map(
    values.flatMap((value, index) => (value === undefined ? [] : [[grid[index] as number, value] as const])),
  );

const metrics: Record<string, TimeSeries> = { m1: series(1, 2, 4), m2: series(2, undefined, 0), e: series() };

function compute(text: string): Value {
  return evaluate(parseExpression(text), {
    grid,
    periodSeconds: 60,
    resolve: (id) => metrics[id] ?? new Map<number, number>(),
    metrics: () => ['m1', 'm2'].map((id) => ({ id, series: metrics[id] as TimeSeries })),
  });
}

test.each<[string, Value]>([
  ['1 + 2 * 3 ^ 2 - -4', 23],
  ['m1 * 100', series(100, 200, 400)],
  ['100 * (m2 / m1)', series(200, undefined, 0)],
  ['m1 / m2', series(0.5)],
  ['FILL(m2, 0)', series(2, 0, 0)],
  ['FILL(m2, REPEAT)', series(2, 2, 0)],
  ['FILL(e, 0)', series(0, 0, 0)],
  ['SUM(m1)', 7],
  ['SUM([m1, m2])', series(3, 2, 4)],
  ['MAX(METRICS())', series(2, 2, 4)],
  ['IF(m1 > 1, m1, 0)', series(0, 2, 4)],
  ['IF(m1 >= 2 AND m1 < 4, m1)', series(undefined, 2)],
  ['RATE(m1) * PERIOD(m1)', series(undefined, 1, 2)],
  ['METRIC_COUNT(METRICS())', 2],
])('%s', (text, value) => {
  expect(compute(text)).toEqual(value);
});

test('what cannot be read is quoted', () => {
  expect(() => parseExpression('m1 +')).toThrow("Error in expression 'm1 +': unexpected its end");
  expect(() => parseExpression('m1 $ 2')).toThrow("Error in expression 'm1 $ 2': cannot read '$ 2'");
  expect(() => compute('ANOMALY(m1)')).toThrow('ANOMALY');
});
