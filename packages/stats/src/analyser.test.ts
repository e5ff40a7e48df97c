import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seeded } from './math/random.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'analyser.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'analyser-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function analyse(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [PROGRAM, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

async function makeData(name: string, captureShift: number, origins: string[]): Promise<string[]> {
  const random = seeded(7);
  const at = join(folder, name);
  await mkdir(join(at, 'capture/2027/01/01/13'), { recursive: true });
  await mkdir(join(at, 'baseline'), { recursive: true });
  const hour = (): number => Math.floor(random.next() * 18);
  const rows = Array.from({ length: 3000 }, () => `${hour()},${['DEN', 'LAX'][random.below(2)]},0.25`);
  await writeFile(join(at, 'baseline/baseline.csv'), `hour,origin,prediction\n${rows.join('\n')}\n`);
  const lines = Array.from({ length: 1000 }, (_, i) => {
    const instances = [0, 1].map(() => ({
      hour: hour() + captureShift,
      origin: origins[random.below(origins.length)],
    }));
    return JSON.stringify({
      captureData: {
        endpointInput: {
          observedContentType: 'application/json',
          mode: 'INPUT',
          data: JSON.stringify({ instances }),
          encoding: 'JSON',
        },
        endpointOutput: {
          observedContentType: 'application/json',
          mode: 'OUTPUT',
          data: '{"predictions":[0.25,0.25]}',
          encoding: 'JSON',
        },
      },
      eventMetadata: { eventId: `event-${i}`, inferenceTime: '2027-01-01T13:00:00Z' },
      eventVersion: '0',
    });
  });
  await writeFile(join(at, 'capture/2027/01/01/13/a.jsonl'), `${lines.join('\n')}\n`);
  return ['--baseline', join(at, 'baseline'), '--capture', join(at, 'capture'), '--output', join(at, 'out')];
}

async function resultsIn(name: string, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name, 'out', file), 'utf8'));
}

test('traffic like the baseline is no drift, and leaves the four files', async () => {
  const args = await makeData('same', 0, ['DEN', 'LAX']);
  const { code, stdout, stderr } = await analyse(...args);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: 'drift none: 3 features, 2,000 rows against 3,000 of the baseline\n',
    stderr: '',
  });
  expect(await resultsIn('same', 'constraint_violations.json')).toEqual({ violations: [] });
  expect(await resultsIn('same', 'drift.json')).toMatchObject({
    version: 1,
    verdict: 'none',
    features: [{ verdict: 'none' }, { verdict: 'none' }, { verdict: 'none' }],
  });
  expect(await resultsIn('same', 'statistics.json')).toMatchObject({
    version: 0,
    dataset: { item_count: 2000 },
    features: [
      {
        name: 'hour',
        inferred_type: 'Integral',
        numerical_statistics: { common: { num_present: 2000, num_missing: 0 } },
      },
      { name: 'origin', inferred_type: 'String', string_statistics: { distinct_count: 2 } },
      { name: 'prediction', inferred_type: 'Fractional' },
    ],
  });
});

test('a shifted feature and a new category fail', async () => {
  const args = await makeData('moved', 4, ['DEN', 'LAX', 'SFO']);
  const { code, stdout } = await analyse(...args, '--thresholds', '{"measure":"psi","warn":0.1,"fail":0.2}');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^drift fail: /);
  expect(await resultsIn('moved', 'drift.json')).toMatchObject({
    verdict: 'fail',
    features: expect.arrayContaining([
      expect.objectContaining({ name: 'hour', verdict: 'fail' }),
      expect.objectContaining({
        name: 'origin',
        verdict: 'fail',
        appeared: [{ name: 'SFO', share: expect.closeTo(1 / 3, 1) }],
      }),
    ]),
  });
  expect(await resultsIn('moved', 'constraint_violations.json')).toMatchObject({
    violations: expect.arrayContaining([
      expect.objectContaining({ feature_name: 'origin', constraint_check_type: 'categorical_values_check' }),
    ]),
  });
});

test('too little traffic decides nothing, and none at all neither', async () => {
  const args = await makeData('few', 9, ['SFO']);
  await writeFile(join(folder, 'few/capture/2027/01/01/13/a.jsonl'), '');
  const { code, stdout } = await analyse(...args);
  expect({ code, verdict: stdout.slice(0, 18) }).toEqual({ code: 0, verdict: 'drift inconclusive' });
});

test('texts that look like numbers stay texts: by a schema, by a constraints.json beside the data, and from statistics', async () => {
  const at = join(folder, 'zip');
  await mkdir(join(at, 'baseline'), { recursive: true });
  const zips = (shift: number): string =>
    `zip\n${Array.from({ length: 2000 }, (_, i) => `0${500 + ((i + shift) % 4)}`).join('\n')}\n`;
  await writeFile(join(at, 'baseline/baseline.csv'), zips(0));
  await writeFile(join(at, 'current.csv'), zips(1));
  await writeFile(join(at, 'schema.json'), '{"zip":"text"}');
  const capture = ['--capture', join(at, 'current.csv')];
  const paths = (baseline: string, out: string): string[] => [
    '--baseline',
    baseline,
    ...capture,
    '--output',
    join(at, out),
  ];
  const labelsIn = async (out: string): Promise<unknown> => {
    const { features } = JSON.parse(await readFile(join(at, out, 'drift.json'), 'utf8')) as {
      features: { kind: string; current: { labels: string[] } }[];
    };
    return features.map(({ kind, current }) => [kind, current.labels.toSorted()]);
  };
  const asTexts = [['categorical', ['0500', '0501', '0502', '0503']]];

  await analyse(...paths(join(at, 'baseline'), 'by-schema'), '--schema', join(at, 'schema.json'));
  expect(await labelsIn('by-schema')).toEqual(asTexts);

  const constraints = { features: [{ name: 'zip', inferred_type: 'String' }] };
  await writeFile(join(at, 'baseline/constraints.json'), JSON.stringify(constraints));
  await analyse(...paths(join(at, 'baseline'), 'by-constraints'));
  expect(await labelsIn('by-constraints')).toEqual(asTexts);

  await analyse('--mode', 'baseline', ...paths(join(at, 'baseline'), 'made'));
  await analyse(...paths(join(at, 'made/statistics.json'), 'by-statistics'));
  expect(await labelsIn('by-statistics')).toEqual(asTexts);
});

test('once labels are there, the model is compared with its evaluation too', async () => {
  const at = join(folder, 'truth');
  await mkdir(join(at, 'capture'), { recursive: true });
  await mkdir(join(at, 'labels'), { recursive: true });
  const random = seeded(11);
  /** A row that is asked, answered and true; the answer knows as much of the truth as `skill` says. */
  const row = (skill: number): { x: number; score: number; label: number } => {
    const label = random.next() < 0.4 ? 1 : 0;
    return { x: random.next(), score: skill * label + (1 - skill) * random.next(), label };
  };
  const trained = Array.from({ length: 3000 }, () => row(0.3));
  await writeFile(
    join(at, 'predictions.csv'),
    `x,prediction,late\n${trained.map(({ x, score, label }) => `${x},${score},${label}`).join('\n')}\n`,
  );
  await writeFile(join(at, 'baseline.csv'), `x\n${trained.map(({ x }) => x).join('\n')}\n`);
  const asked = Array.from({ length: 2000 }, () => row(0.1));
  const captured = asked.map(({ x, score }, i) => {
    const side = (mode: string, data: string): object => ({ mode, data, encoding: 'CSV' });
    return JSON.stringify({
      captureData: {
        endpointInput: side('INPUT', String(x)),
        endpointOutput: side('OUTPUT', String(score)),
      },
      eventMetadata: { eventId: `event-${i}`, inferenceTime: '2027-01-01T13:00:00Z' },
    });
  });
  const truths = asked.slice(0, 1900).map(({ label }, i) =>
    JSON.stringify({
      groundTruthData: { data: String(label), encoding: 'CSV' },
      eventMetadata: { eventId: `event-${i}` },
      eventVersion: '0',
    }),
  );
  await writeFile(join(at, 'capture/a.jsonl'), `${captured.join('\n')}\n`);
  await writeFile(join(at, 'labels/a.jsonl'), `${truths.join('\n')}\n`);
  const thresholds = {
    performance: { label: 'late', metrics: { 'roc-auc': { fail: 0.05 } } },
  };
  const args = Object.entries({
    baseline: join(at, 'baseline.csv'),
    capture: join(at, 'capture'),
    labels: join(at, 'labels'),
    output: join(at, 'out'),
    thresholds: JSON.stringify(thresholds),
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const { code, stdout, stderr } = await analyse(...args, '--evaluation', join(at, 'predictions.csv'));
  expect({ code, stderr, lines: stdout.trimEnd().split('\n') }).toEqual({
    code: 0,
    stderr: '',
    lines: [
      expect.stringMatching(/^drift none: 1 features, 2,000 rows/),
      expect.stringMatching(
        /^performance fail: roc-auc 0\.\d+ is 0\.\d+ worse than the baseline's 0\.\d+, 0\.05 is allowed; 1,900 of 2,000 answers have labels \(100 without a label\)$/,
      ),
    ],
  });
  expect(await resultsIn('truth', 'performance.json')).toMatchObject({
    version: 1,
    verdict: 'fail',
    rows: { baseline: 3000, current: 1900 },
    labels: { answers: 2000, labelled: 1900, unlabelled: 100 },
    metrics: [{ metric: 'roc-auc', verdict: 'fail', warn: expect.any(Number), fail: 0.05 }],
  });
  expect(await analyse(...args)).toMatchObject({
    code: 1,
    stderr: 'labels and evaluation are given together: what is true now, and what it is compared with\n',
  });
});

test('what cannot be read ends the job with file and line', async () => {
  const args = await makeData('broken', 0, ['DEN']);
  const file = join(folder, 'broken/capture/2027/01/01/13/a.jsonl');
  await writeFile(file, '\n{"captureData":{}}\n');
  const { code, stderr } = await analyse(...args);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `${file}, row 2: has neither "endpointInput" nor "endpointOutput" in its "captureData"\n`,
  });
});
