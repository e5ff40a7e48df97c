import { describe, expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import type { Scored } from '../metrics/scored.ts';
import { metricsFromQuality, modelQualityStatistics } from '../monitor-files/model-quality.ts';
import type { Answer } from './answers.ts';
import { labelJoin } from './join-labels.ts';
import type { Joined } from './join-labels.ts';
import { readEvaluation } from './evaluation-baseline.ts';
import { performanceDrift } from './performance.ts';
import type { PerformanceSettings } from './performance.ts';
import { readJoined } from './read-joined.ts';

/** Probabilities that know as much of the truth as `skill` says. */
function model(rows: number, skill: number, seed: number): Scored {
  const random = seeded(seed);
  const labels = Float64Array.from({ length: rows }, () => (random.next() < 0.4 ? 1 : 0));
  return { labels, scores: labels.map((label) => 0.2 + 0.6 * (skill * label + (1 - skill) * random.next())) };
}

const { counts } = labelJoin().joined();
const joined = ({ labels, scores }: Scored): Joined => ({ labels, scores, counts });

function verdictOf(
  current: Scored,
  settings: PerformanceSettings = {},
  baseline = model(20_000, 0.3, 1),
): unknown {
  const { verdict, metrics } = performanceDrift(
    joined(current),
    { rows: baseline },
    { resamples: 100, ...settings },
  );
  return [verdict, ...metrics.map((metric) => metric.verdict)];
}

describe('a model beside its evaluation', () => {
  test('as good on other rows passes, a little worse warns, much worse fails', () => {
    const only = { metrics: { 'roc-auc': { warn: 0.01, fail: 0.05 } } };
    expect(verdictOf(model(8000, 0.3, 2), only)).toEqual(['pass', 'pass']);
    expect(verdictOf(model(8000, 0.27, 3), only)).toEqual(['warn', 'warn']);
    expect(verdictOf(model(8000, 0.15, 4), only)).toEqual(['fail', 'fail']);
    expect(verdictOf(model(8000, 0.45, 5), only)).toEqual(['pass', 'pass']);
  });

  test('few labels decide nothing, and a difference that chance may explain neither', () => {
    expect(verdictOf(model(999, 0.1, 6))).toEqual(['inconclusive', 'inconclusive', 'inconclusive']);
    const few = { minSamples: 50, metrics: { 'roc-auc': { warn: 0.001, fail: 0.002 } } };
    expect(verdictOf(model(120, 0.3, 7), few)).toEqual(['inconclusive', 'inconclusive']);
    expect(verdictOf({ labels: new Float64Array(0), scores: new Float64Array(0) })).toEqual([
      'inconclusive',
      'inconclusive',
      'inconclusive',
    ]);
  });

  test('the reason holds the numbers, the report both values with their intervals', () => {
    const { metrics, rows } = performanceDrift(
      joined(model(5000, 0.1, 8)),
      { rows: model(20_000, 0.3, 1) },
      {
        metrics: { 'roc-auc': {} },
      },
    );
    expect(metrics[0]!.reason).toMatch(
      /^roc-auc 0\.\d+ is 0\.\d+ worse than the baseline's 0\.\d+, 0\.\d+ is allowed$/,
    );
    const { baseline, current, worse } = metrics[0]!;
    expect(worse.value).toBeCloseTo(baseline.value - current.value, 12);
    expect([baseline, current, worse].every(({ value, low, high }) => low < value && value < high)).toBe(
      true,
    );
    // The interval of a difference is wider than either's, and narrower than both together.
    const width = ({ low, high }: { low: number; high: number }): number => high - low;
    expect(width(worse)).toBeGreaterThan(Math.max(width(current), width(baseline)));
    expect(width(worse)).toBeLessThan(width(current) + width(baseline));
    expect(rows).toEqual({ baseline: 20_000, current: 5000 });
  });

  test('steady models are failed no more often than is said, all metrics together', () => {
    let alarms = 0;
    for (let i = 0; i < 200; i++) {
      const { verdict } = performanceDrift(
        joined(model(1000, 0.3, 100 + i)),
        { rows: model(1000, 0.3, 1000 + i) },
        {
          metrics: { 'roc-auc': { warn: 0, fail: 0 }, accuracy: { warn: 0, fail: 0 } },
        },
      );
      if (verdict === 'fail') alarms++;
    }
    expect(alarms / 200).toBeLessThanOrEqual(0.05);
  });

  test('less is better of an error: numbers are judged by mae and rmse', () => {
    const noisy = (rows: number, noise: number, seed: number): Scored => {
      const random = seeded(seed);
      const labels = Float64Array.from({ length: rows }, () => 10 * random.next());
      return { labels, scores: labels.map((label) => label + noise * (random.next() - 0.5)) };
    };
    const { metrics, verdict } = performanceDrift(joined(noisy(4000, 1.3, 2)), { rows: noisy(4000, 1, 1) });
    expect([verdict, ...metrics.map(({ metric, worse }) => [metric, worse.value > 0])]).toEqual([
      'fail',
      ['mae', true],
      ['rmse', true],
    ]);
  });

  test.each<[PerformanceSettings, string]>([
    [{ metrics: { magic: {} } }, 'there is no metric "magic"'],
    [{ metrics: { 'roc-auc': { warn: 0.2, fail: 0.1 } } }, 'limits of roc-auc are warn 0.2 and fail 0.1'],
    [{ minSamples: Number.NaN }, 'minSamples is NaN; a count is needed'],
    [{ confidence: 2 }, 'confidence is'],
  ])('%j is refused', (settings, message) => {
    expect(() => verdictOf(model(2000, 0.3, 2), settings)).toThrow(message);
  });
});

describe('an evaluation of which only metrics are known', () => {
  const few = { resamples: 200 };
  const quality = modelQualityStatistics(model(20_000, 0.3, 1), few);

  test('comes from a model quality report with its deviations', () => {
    const metrics = metricsFromQuality(quality);
    expect([...metrics.keys()]).toEqual(
      expect.arrayContaining(['roc-auc', 'accuracy', 'f0.5', 'log-loss', 'brier']),
    );
    const exact = performanceDrift(joined(model(5000, 0.3, 2)), { rows: model(20_000, 0.3, 1) }, few);
    const reported = performanceDrift(joined(model(5000, 0.3, 2)), { metrics }, few);
    expect(reported.verdict).toBe(exact.verdict);
    expect(reported.rows.baseline).toBeNull();
    reported.metrics.forEach(({ worse }, i) => {
      expect(worse.value).toBeCloseTo(exact.metrics[i]!.worse.value, 12);
      expect(worse.low).toBeCloseTo(exact.metrics[i]!.worse.low, 2);
    });
  });

  test('may be a small map, whose values are then taken for exact', () => {
    const { metrics } = performanceDrift(joined(model(5000, 0.3, 2)), {
      metrics: metricsFromQuality({ 'roc-auc': 0.9, something: 3 }),
    });
    expect(metrics.map(({ metric, baseline, verdict }) => ({ metric, baseline, verdict }))).toEqual([
      { metric: 'roc-auc', baseline: { value: 0.9, low: 0.9, high: 0.9 }, verdict: 'fail' },
    ]);
  });

  test('must have what is to be judged', () => {
    const metrics = metricsFromQuality({ accuracy: 0.8 });
    expect(() =>
      performanceDrift(joined(model(10, 0.3, 2)), { metrics }, { metrics: { brier: {} } }),
    ).toThrow('the baseline has no brier; it has accuracy');
    expect(() => metricsFromQuality({ hello: 1 }, 'x.json')).toThrow('x.json: holds no metric');
  });

  test('is read from rows or .json, whichever it is', async () => {
    const rows = Buffer.from('delayed,prediction\n1,0.7\n0,0.2\n');
    expect(await readEvaluation({ bytes: rows, name: 'p.csv' }, { label: 'delayed' })).toEqual({
      rows: { labels: Float64Array.of(1, 0), scores: Float64Array.of(0.7, 0.2) },
    });
    const json = Buffer.from(JSON.stringify(quality));
    expect(await readEvaluation({ bytes: json, name: 'evaluation.json' })).toEqual({
      metrics: metricsFromQuality(quality),
    });
  });
});

describe('labels that come later', () => {
  const hour = 3_600_000;
  const answer = (id: string, at: number, ...scores: number[]): Answer => ({ id, at, scores });

  test('each is counted as what became of it', () => {
    const join = labelJoin({ labelDelayMs: 2 * hour });
    join.addAnswers([
      answer('a', 0, 0.9),
      answer('b', hour, 0.1, 0.2),
      answer('never', 0, 0.5),
      answer('young', 5 * hour, 0.5),
      answer('a', 0, 0.9),
      answer('contradicted', 0, 0.4),
      answer('short', 0, 0.4, 0.6),
      answer('broken', 0, Number.NaN),
      answer('late', 0, 0.3),
    ]);
    join.addLabels(
      [
        { id: 'a', labels: [1] },
        { id: 'b', labels: [0, 1] },
        { id: 'elsewhere', labels: [1] },
        { id: 'contradicted', labels: [1] },
        { id: 'short', labels: [1] },
        { id: 'broken', labels: [1] },
      ],
      hour,
    );
    join.addLabels(
      [
        { id: 'a', labels: [1] },
        { id: 'contradicted', labels: [0] },
        { id: 'late', labels: [0] },
      ],
      4 * hour,
    );
    expect(join.joined()).toEqual({
      labels: Float64Array.of(1, 0, 1, 0),
      scores: Float64Array.of(0.9, 0.1, 0.2, 0.3),
      counts: {
        answers: 8,
        labelled: 6,
        unlabelled: 1,
        waiting: 1,
        late: 1,
        contradictory: 1,
        mismatched: 1,
        unusable: 1,
        repeatedAnswers: 1,
        repeatedLabels: 1,
        unknown: 1,
      },
    });
  });

  const capture = (id: string, predictions: number[], metadata = {}): string =>
    JSON.stringify({
      captureData: {
        endpointOutput: { mode: 'OUTPUT', data: JSON.stringify({ predictions }), encoding: 'JSON' },
      },
      eventMetadata: { eventId: id, inferenceTime: '2027-06-03T13:00:00Z', ...metadata },
    });
  const truth = (id: string, data: string): string =>
    JSON.stringify({
      groundTruthData: { data, encoding: 'CSV' },
      eventMetadata: { eventId: id },
      eventVersion: '0',
    });
  const source = (name: string, ...lines: string[]) => ({
    bytes: Buffer.from(`${lines.join('\n')}\n`),
    name,
  });

  test('captures are joined with Model Monitor’s ground truth, by the inferenceId where there is one', async () => {
    const {
      labels,
      scores,
      counts: found,
    } = await readJoined(
      [source('c.jsonl', capture('e1', [0.7, 0.2]), capture('e2', [0.4], { inferenceId: 'mine' }))],
      [source('truth/2027/06/03/15/t.jsonl', truth('e1', '1\n0'), truth('mine', '1'))],
      { labelDelaySeconds: 3600 },
    );
    expect({ labels: [...labels], scores: [...scores], late: found.late }).toEqual({
      labels: [1, 0, 1],
      scores: [0.7, 0.2, 0.4],
      late: 2,
    });
  });

  test('labels may be rows of CSV or JSON Lines too, whose ids keep their zeros', async () => {
    const answers = [source('a.csv', 'id,p', '007,0.7', '008,0.2', '009,0.4')];
    const named = { answers: { id: 'id', prediction: 'p' }, labels: { id: 'id', label: 'delayed' } };
    const csv = await readJoined(answers, [source('t.csv', 'id,x,delayed', '007,z,1', '009,z,0')], named);
    const lines = ['{"id":"007","delayed":true}', '{"id":"009","delayed":0}'];
    const json = await readJoined(answers, [source('t.jsonl', ...lines)], named);
    expect([...csv.labels, ...csv.scores]).toEqual([1, 0, 0.7, 0.4]);
    expect(json).toEqual(csv);
  });

  test.each([
    [
      '{"groundTruthData":{"data":"late","encoding":"CSV"},"eventMetadata":{"eventId":"1"}}',
      't.jsonl, row 1: has "late" as its label; a number is needed',
    ],
    [
      '{"groundTruthData":{"data":"1","encoding":"CSV"},"eventMetadata":{}}',
      't.jsonl, row 1: has neither "inferenceId" nor "eventId" in its "eventMetadata"',
    ],
    [
      '{"groundTruthData":{"encoding":"CSV"},"eventMetadata":{"eventId":"1"}}',
      't.jsonl, row 1: has no text "data" in its "groundTruthData"',
    ],
    ['{"label":1}', 't.jsonl, row 1: has neither "groundTruthData" nor an id as "eventId"'],
    ['{"eventId":"1"}', 't.jsonl, row 1: has nothing as its label; a number is needed'],
  ])('%s is refused', async (line, message) => {
    await expect(readJoined([], [source('t.jsonl', line)])).rejects.toThrow(message);
  });

  test('a row of CSV without a label or an id is named', async () => {
    const csv = (...rows: string[]) => readJoined([], [source('t.csv', 'eventId,label', ...rows)]);
    await expect(csv('1,1', '2,')).rejects.toThrow('t.csv, row 2, column "label": has nothing as its label');
    await expect(csv('1,1', ',0')).rejects.toThrow('t.csv, row 2, column "eventId": is missing');
  });
});
