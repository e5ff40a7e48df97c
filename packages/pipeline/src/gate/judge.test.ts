import { expect, test } from '@jest/globals';
import { judge, type Relation } from './judge.ts';
import { parsePredictions, type Predictions } from './predictions.ts';
import type { GateRules } from './thresholds.ts';

const rules: GateRules = {
  thresholds: { 'roc-auc': { atLeast: 0.7, notBelowLiveBy: 0.005 } },
  slices: undefined,
  minSamples: 100,
  confidence: 0.95,
  resamples: 200,
  seed: 1,
  acceptIdentical: false,
};

/** Labels alternate; a model of a given skill orders that share of the pairs, the same share of the rows for every model. */
function predictions(rows: number, skill: number, slices: Record<string, string[]> = {}): Predictions {
  const labels = Float64Array.from({ length: rows }, (_, row) => row % 2);
  const scores = labels.map((label, row) => {
    const known = ((row >> 1) * 0.618034) % 1 < skill;
    const noise = ((row * 0.7548777) % 1) * 0.2;
    return known ? 0.3 + 0.4 * label + noise : 0.4 + noise;
  });
  return { rows, labels, scores, slices };
}

function verdict(
  candidate: Predictions,
  baseline?: Predictions,
  relation: Relation = 'another-model',
  over: Partial<GateRules> = {},
) {
  const { verdict: is, findings } = judge(candidate, baseline, baseline ? relation : 'no-baseline', {
    ...rules,
    ...over,
  });
  return { is, because: findings.map(({ what }) => what) };
}

test('a better model on enough rows passes', () => {
  expect(verdict(predictions(4000, 0.8), predictions(4000, 0.7))).toEqual({ is: 'pass', because: [] });
});

test('a model that is surely worse than allowed fails, and the reason holds the numbers', () => {
  const { is, because } = verdict(predictions(4000, 0.6), predictions(4000, 0.8));
  expect(is).toBe('fail');
  expect(because).toEqual([
    expect.stringMatching(
      /^roc-auc 0\.\d{3} is below the live model’s 0\.\d{3} by 0\.\d{3} \(allowed: 0\.005; 95 % interval of the difference −0\.\d{3} … −0\.\d{3}, 4,000 rows\)$/,
    ),
  ]);
});

test('a difference that the rows cannot tell from what is allowed is inconclusive', () => {
  expect(
    verdict(predictions(200, 0.72), predictions(200, 0.7), 'another-model', {
      thresholds: { 'roc-auc': { notBelowLiveBy: 0 } },
    }),
  ).toEqual({
    is: 'inconclusive',
    because: [expect.stringContaining('not to be told from these rows')],
  });
});

test('a fixed threshold decides where there is nothing to compare with', () => {
  expect(verdict(predictions(400, 0.8)).is).toBe('pass');
  expect(verdict(predictions(400, 0.1))).toEqual({
    is: 'fail',
    because: [expect.stringMatching(/^roc-auc 0\.\d+ is below the required 0\.7$/)],
  });
});

test.each<[string, Predictions, Predictions | undefined, string]>([
  [
    'a model that always says the same',
    { ...predictions(400, 0.8), scores: new Float64Array(400).fill(0.5) },
    undefined,
    'the candidate predicts 0.5 on every row',
  ],
  [
    'other rows than the baseline',
    predictions(400, 0.8),
    predictions(402, 0.7),
    'the candidate was asked 400 rows, the baseline 402',
  ],
  [
    'other labels than the baseline',
    predictions(400, 0.8),
    { ...predictions(400, 0.7), labels: new Float64Array(400).fill(1) },
    'differ from row 1 on',
  ],
  [
    'a baseline that is the candidate',
    predictions(400, 0.8),
    predictions(400, 0.8),
    'predicts exactly as its baseline on all 400 rows',
  ],
  [
    'one class only',
    { ...predictions(400, 0.8), labels: new Float64Array(400) },
    undefined,
    'roc-auc is not defined on these 400 rows',
  ],
  ['no rows at all', predictions(0, 0.8), undefined, 'no rows were predicted'],
])('%s is an integrity error, whatever the numbers say', (_, candidate, baseline, because) => {
  expect(verdict(candidate, baseline)).toEqual({
    is: 'integrity-error',
    because: expect.arrayContaining([expect.stringContaining(because)]),
  });
});

test('a retrained model that predicts as the live one may be let through by name, and then it passes', () => {
  const same = predictions(4000, 0.8);
  expect(verdict(same, same, 'another-model', { acceptIdentical: true }).is).toBe('pass');
});

test('too few rows decide nothing, however good they look', () => {
  expect(verdict(predictions(80, 0.9))).toEqual({
    is: 'inconclusive',
    because: ['80 rows are too few to decide on (at least 100)'],
  });
});

test('a slice that is too small is shown and not judged; a large one fails the whole', () => {
  const origin = Array.from({ length: 1000 }, (_, row) => (row < 600 ? 'DEN' : row < 980 ? 'LAX' : 'BTV'));
  const all = predictions(1000, 0.9, { origin });
  all.scores.forEach((_, row) => {
    if (row >= 600) all.scores[row] = 1 - all.scores[row]!;
  });
  const {
    verdict: is,
    slices,
    findings,
  } = judge(all, undefined, 'no-baseline', {
    ...rules,
    thresholds: { 'roc-auc': { atLeast: 0.5 } },
    slices: { by: ['origin'], minSamples: 100, thresholds: { 'roc-auc': { atLeast: 0.6 } } },
  });
  expect(is).toBe('fail');
  expect(slices.map(({ value, rows, judged, verdict: each }) => ({ value, rows, judged, each }))).toEqual([
    { value: 'DEN', rows: 600, judged: true, each: 'pass' },
    { value: 'LAX', rows: 380, judged: true, each: 'fail' },
    { value: 'BTV', rows: 20, judged: false, each: 'pass' },
  ]);
  expect(findings[0]?.what).toMatch(/^origin LAX: roc-auc 0\.\d+ is below the required 0\.6$/);
});

test('each value has its interval, each slice its own; a slice too small for one has none', () => {
  const origin = Array.from({ length: 1000 }, (_, row) => (row < 970 ? 'DEN' : 'BTV'));
  const { metrics, slices } = judge(predictions(1000, 0.7, { origin }), undefined, 'no-baseline', {
    ...rules,
    slices: { by: ['origin'], minSamples: 100, thresholds: { 'roc-auc': {}, 'log-loss': {} } },
  });
  const [whole, large, small] = [metrics, ...slices.map((slice) => slice.metrics)];
  expect(whole?.[0]?.interval).toEqual({
    low: expect.closeTo(0.917, 3),
    high: expect.closeTo(0.946, 3),
    method: 'delong',
  });
  expect(large?.map(({ interval }) => interval?.method)).toEqual(['delong', 'bootstrap']);
  expect(large?.[0]?.interval?.low).toBeLessThan(large?.[0]?.candidate ?? NaN);
  expect(small?.map(({ interval }) => interval)).toEqual([null, null]);
});

test('a metric where less is better fails when it is surely higher than live by more than allowed', () => {
  const { is, because } = verdict(predictions(4000, 0.4), predictions(4000, 0.9), 'another-model', {
    thresholds: { 'log-loss': { notAboveLiveBy: 0.01 } },
  });
  expect(is).toBe('fail');
  expect(because[0]).toMatch(/^log-loss 0\.\d+ is above the live model’s 0\.\d+ by 0\.\d+ /);
});

const format = { label: 'delayed', sliceBy: ['origin'] };

test('predictions are read with their label and slices', async () => {
  expect(
    await parsePredictions(
      Buffer.from('delayed,prediction,origin\r\n1,0.7,DEN\r\n0,0.2,\r\n'),
      'p.csv',
      format,
    ),
  ).toEqual({
    rows: 2,
    labels: Float64Array.of(1, 0),
    scores: Float64Array.of(0.7, 0.2),
    slices: { origin: ['DEN', undefined] },
  });
});

test.each([
  [
    'cut off in the middle of a line',
    'delayed,prediction,origin\n1,0.7,DEN\n0,0.',
    'p.csv does not end with a line break: it was cut off.',
  ],
  ['empty', '', 'p.csv does not end with a line break: it was cut off.'],
  ['without the label', 'prediction,origin\n0.7,DEN\n', 'there is no column "delayed"'],
  ['without a slice column', 'delayed,prediction\n1,0.7\n', 'there is no column "origin"'],
  ['not a number', 'delayed,prediction,origin\n1,nan,DEN\n', 'needs a finite number'],
  ['infinite', 'delayed,prediction,origin\n1,inf,DEN\n', 'needs a finite number'],
  ['ragged', 'delayed,prediction,origin\n1,0.7\n', 'has 2 fields where 3 are expected'],
])('predictions that are %s are refused by name', async (_, text, message) => {
  await expect(parsePredictions(Buffer.from(text), 'p.csv', format)).rejects.toThrow(message);
});
