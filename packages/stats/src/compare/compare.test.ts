import { expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { estimateMetrics } from '../intervals/estimate.ts';
import { METRIC_NAMES, evaluateMetrics } from '../metrics/metrics.ts';
import { bySlice } from '../metrics/slices.ts';
import { compare } from './compare.ts';
import type { Paired } from './compare.ts';
import { compareAuc } from './delong.ts';
import { notWorse } from './not-worse.ts';
import { permutationTest } from './permutation.ts';
import { rowsForAuc, rowsForPairedMeans, rowsForRates } from './sample-size.ts';

/** Two models of the same rows, the candidate with `edge` more signal. */
function models(rows: number, edge: number, seed: number): Paired {
  const random = seeded(seed);
  const labels = new Float64Array(rows);
  const candidate = new Float64Array(rows);
  const baseline = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    labels[i] = random.next() < 0.3 ? 1 : 0;
    const shared = 0.8 * random.next();
    candidate[i] = Math.min(1, shared + (0.1 + edge) * labels[i]! + 0.05 * random.next());
    baseline[i] = Math.min(1, shared + 0.1 * labels[i]! + 0.05 * random.next());
  }
  return { labels, candidate, baseline };
}

test('the bootstrap’s interval agrees with DeLong’s, and is the same for a seed', () => {
  const rows = models(2000, 0.05, 1);
  const drawn = compare(rows, 'roc-auc', { resamples: 1000 });
  const analytic = compareAuc(rows);
  expect(drawn.difference).toBeCloseTo(analytic.difference, 12);
  expect(drawn.low).toBeCloseTo(analytic.low, 2);
  expect(drawn.high).toBeCloseTo(analytic.high, 2);
  expect(compare(rows, 'roc-auc', { resamples: 1000 })).toEqual(drawn);
  expect(compare(rows, 'roc-auc', { resamples: 1000, seed: 2 })).not.toEqual(drawn);
});

test('a model compared with itself differs by nothing', () => {
  const rows = models(300, 0, 2);
  const same = { ...rows, baseline: rows.candidate };
  for (const name of METRIC_NAMES) {
    const { difference, low, high } = compare(same, name, { resamples: 50 });
    expect({ name, difference, low, high }).toEqual({ name, difference: 0, low: 0, high: 0 });
  }
  expect(compareAuc(same)).toMatchObject({ difference: 0, standardError: 0, pValue: 1 });
  expect(permutationTest(same, 'roc-auc', { permutations: 20 })).toEqual({ difference: 0, pValue: 1 });
});

test('intervals of equal models hold 0 about as often as they say', () => {
  let held = 0;
  for (let i = 0; i < 200; i++) {
    const { low, high } = compare(models(300, 0, 100 + i), 'brier', { resamples: 200, confidence: 0.9 });
    if (low <= 0 && high >= 0) held++;
  }
  expect(held / 200).toBeGreaterThan(0.83);
  expect(held / 200).toBeLessThan(0.97);
});

test('weights of 1 change nothing, and a weight of 2 is a row twice', () => {
  const { labels, candidate: scores } = models(200, 0, 3);
  const ones = new Float64Array(200).fill(1);
  expect(evaluateMetrics({ labels, scores, weights: ones }, METRIC_NAMES)).toEqual(
    evaluateMetrics({ labels, scores }, METRIC_NAMES),
  );
  const twice = (values: Float64Array): Float64Array => Float64Array.of(...values, ...values.slice(0, 50));
  const doubled = Float64Array.from({ length: 200 }, (_, i) => (i < 50 ? 2 : 1));
  const weighted = evaluateMetrics({ labels, scores, weights: doubled }, METRIC_NAMES);
  const repeated = evaluateMetrics({ labels: twice(labels), scores: twice(scores) }, METRIC_NAMES);
  for (const name of METRIC_NAMES) expect(weighted[name].value / repeated[name].value).toBeCloseTo(1, 9);
});

test('with one class the AUC is not defined, and no interval is made up', () => {
  const rows = models(100, 0, 4);
  const oneClass = { ...rows, labels: new Float64Array(100) };
  expect(compare(oneClass, 'roc-auc', { resamples: 50 })).toMatchObject({
    difference: Number.NaN,
    low: Number.NaN,
    high: Number.NaN,
  });
  expect(notWorse(compare(oneClass, 'roc-auc', { resamples: 50 }), 0.1)).toBe('inconclusive');
});

test('not worse by a margin is a pass, a fail or neither', () => {
  const comparison = { candidate: 0, baseline: 0, difference: 0, greaterIsBetter: true };
  expect(notWorse({ ...comparison, low: -0.004, high: 0.01 }, 0.005)).toBe('pass');
  expect(notWorse({ ...comparison, low: -0.02, high: 0.01 }, 0.005)).toBe('inconclusive');
  expect(notWorse({ ...comparison, low: -0.02, high: -0.01 }, 0.005)).toBe('fail');
  expect(notWorse({ ...comparison, greaterIsBetter: false, low: 0.01, high: 0.02 }, 0.005)).toBe('fail');
  expect(notWorse({ ...comparison, greaterIsBetter: false, low: -0.01, high: 0.004 }, 0.005)).toBe('pass');
  expect(() => notWorse({ ...comparison, low: 0, high: 0 }, Number.NaN)).toThrow('the margin is NaN');
});

test('swapping scores by chance tells a better model from luck', () => {
  expect(permutationTest(models(800, 0.1, 5), 'roc-auc', { permutations: 199 }).pValue).toBeLessThan(0.02);
  expect(permutationTest(models(800, 0, 6), 'roc-auc', { permutations: 199 }).pValue).toBeGreaterThan(0.02);
});

test('slices are measured alone, the largest first, small ones left out', () => {
  const rows = models(90, 0, 7);
  const values = rows.labels.reduce<string[]>(
    (made, _, i) => [...made, i < 60 ? 'DEN' : i < 85 ? 'LAX' : 'few'],
    [],
  );
  const slices = bySlice({ labels: rows.labels, scores: rows.candidate }, values, ['brier'], {
    minSamples: 10,
  });
  expect(slices.map(({ slice, samples }) => ({ slice, samples }))).toEqual([
    { slice: 'DEN', samples: 60 },
    { slice: 'LAX', samples: 25 },
  ]);
  const den = { labels: rows.labels.slice(0, 60), scores: rows.candidate.slice(0, 60) };
  expect(slices[0]!.metrics.brier).toEqual(estimateMetrics(den, ['brier']).brier);
  expect(slices[1]!.metrics.brier).toMatchObject({ low: Number.NaN, method: 'none' });
});

test('planned rows see the difference they are planned for', () => {
  expect(rowsForRates(0.1, 0.12)).toBe(3835);
  expect(rowsForPairedMeans(0.1, 1)).toBe(785);
  expect(rowsForAuc(0.7, 0.72)).toBeGreaterThan(rowsForAuc(0.7, 0.75));
  expect(() => rowsForRates(0.1, 0.1)).toThrow('both rates are 0.1; no number of rows tells them apart');
});

test.each([
  ['log-loss', Float64Array.of(0, 2), Float64Array.of(0.5, 0.5), 'row 2: the label is 2; 0 or 1 is needed'],
  [
    'brier',
    Float64Array.of(0, 1),
    Float64Array.of(0.5, 1.5),
    'row 2: the prediction is 1.5; a probability is needed',
  ],
  ['mae', Float64Array.of(0, Number.NaN), Float64Array.of(0.5, 1), 'row 2: labels hold NaN'],
  ['mae', Float64Array.of(0), Float64Array.of(Infinity), 'row 1: scores hold Infinity'],
  ['mae', Float64Array.of(0), Float64Array.of(1, 2), 'there are 1 labels but 2 scores'],
  ['mae', Float64Array.of(), Float64Array.of(), 'there are no rows to evaluate'],
  ['magic', Float64Array.of(0), Float64Array.of(1), 'there is no metric "magic"; there are: roc-auc,'],
])('%s of bad rows is refused', (name, labels, scores, message) => {
  expect(() => evaluateMetrics({ labels, scores }, [name])).toThrow(message);
});
