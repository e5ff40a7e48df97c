import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  endpointConfigs,
  endpoints,
  models,
  objects,
  openNetwork,
  processingJobs,
  until,
} from '@tidegate/aws';
import { evaluate, type EvaluateSettings } from './evaluate.ts';
import { stopEvaluation } from './gate/evaluation-job.ts';
import { programImage } from './monitor/program-image.ts';
import { provenance, stage, type Stage } from './testing/stage.ts';
import { tarOfFiles } from './testing/archive.ts';
import { registerVersion } from './testing/register-version.ts';

/** A model is a number: how much of the truth it knows. The data are rows `origin,truth`. */
const script = `
import csv, os
skill = float(open(os.path.join(os.environ["TIDEGATE_MODEL_DIR"], "skill.txt")).read())
rows = list(csv.reader(open(os.path.join(os.environ["TIDEGATE_DATA_DIR"], "04.csv"))))
with open(os.path.join(os.environ["TIDEGATE_OUTPUT_DIR"], "predictions.csv"), "w") as out:
    print(os.environ["TIDEGATE_LABEL"], "prediction", "origin", sep=",", file=out)
    for i, (origin, truth) in enumerate(rows):
        known = (i // 2) * 0.618034 % 1 < skill
        print(truth, 0.4 + 0.4 * int(truth) * known + 0.1 * (i * 0.7548777 % 1), origin, sep=",", file=out)
print("asked", len(rows), flush=True)
`;

const server = `require('node:http').createServer((request, response) => response.end()).listen(process.env.SAGEMAKER_BIND_TO_PORT)`;

let on: Stage;
let image: string;
beforeAll(async () => {
  on = await stage();
  const program = {
    repository: 'flight-delay',
    base: 'node:24-slim',
    at: '/opt/program/serve.cjs',
    program: Buffer.from(server),
  };
  image = await programImage(program, on.surroundings);
  const rows = Array.from({ length: 3000 }, (_, row) => `${row % 3 === 0 ? 'DEN' : 'LAX'},${row % 2}`);
  await on.put('holdout/04.csv', `${rows.join('\n')}\n`);
});
afterAll(async () => await on[Symbol.asyncDispose]());
beforeEach(async () => {
  on.said.length = 0;
  await on.write({ 'evaluate.py': script });
});

async function model(name: string, files: Record<string, string>): Promise<string> {
  const uri = `s3://flights/models/${name}/model.tar.gz`;
  await objects(on.aws).upload(uri, { bytes: gzipSync(tarOfFiles(files)) });
  return uri;
}

const skilled = (skill: number) => model(`skill-${skill}`, { 'skill.txt': String(skill) });

function settings(modelUri: string, over: Partial<EvaluateSettings> = {}): EvaluateSettings {
  return {
    model: 'flight-delay',
    roleArn: on.role,
    candidate: { modelUri, trainingJobName: undefined },
    baseline: 'live',
    endpoint: 'flight-delay',
    image: 'scikit-learn:1.4',
    source: { folder: on.folder, entry: 'evaluate.py', exclude: [] },
    instanceType: 'ml.m5.xlarge',
    volumeGb: 30,
    maxRuntime: 600_000,
    environment: {},
    data: 's3://flights/holdout/*.csv',
    label: 'delayed',
    thresholds: { 'roc-auc': { atLeast: 0.7, notBelowLiveBy: 0.005 } },
    slices: { by: ['origin'], minSamples: 500, thresholds: { 'roc-auc': { atLeast: 0.6 } } },
    minSamples: 100,
    confidence: 0.95,
    acceptIdentical: false,
    deployment: { instanceType: 'ml.g5.xlarge', instanceCount: 1 },
    bucket: 'flights',
    network: openNetwork,
    tags: {},
    provenance,
    ...over,
  };
}

const judged = (modelUri: string, over: Partial<EvaluateSettings> = {}) =>
  evaluate(settings(modelUri, over), { ...on.surroundings, commitsOf: async () => [provenance.commit] });

const registered = (modelUri: string) => registerVersion(on.aws, { model: 'flight-delay', image, modelUri });

test('the first model is judged by fixed thresholds alone, and the second evaluation of it is reused', async () => {
  const candidate = await skilled(0.8);
  const first = await judged(candidate);
  expect(first).toMatchObject({ verdict: 'pass', failedMetrics: [], baselineId: '', reused: false });
  expect(first.headline).toMatch(/^roc-auc 0\.\d{3} on 3,000 rows is as required \(no live model yet/);
  expect(first.report.slices.map(({ value, rows }) => [value, rows])).toEqual([
    ['LAX', 2000],
    ['DEN', 1000],
  ]);
  expect(on.said).toContain('asked 3000');
  const statistics = JSON.parse(
    String(await objects(on.aws).read(first.report.statisticsUri ?? '')),
  ) as object;
  expect(statistics).toMatchObject({
    binary_classification_metrics: {
      auc: { value: first.metrics['roc-auc'], standard_deviation: expect.closeTo(0.006, 2) },
    },
  });
  const again = await judged(candidate);
  expect({ ...again, report: undefined }).toEqual({
    ...first,
    report: undefined,
    markdown: again.markdown,
    reused: true,
    costUsd: 0,
  });
});

test('a worse model fails against a registered one, and the comment says so in its first two lines', async () => {
  const better = await registered(await skilled(0.9));
  const result = await judged(await skilled(0.75), { baseline: { packageArn: better } });
  expect(result).toMatchObject({ verdict: 'fail', failedMetrics: ['roc-auc'], baselineId: better });
  expect(result.markdown.split('\n').slice(0, 2)).toEqual([
    '### ❌ flight-delay: not good enough for production',
    expect.stringMatching(
      /^\*\*roc-auc 0\.\d+ is below the live model’s 0\.\d+ by 0\.\d+ \(allowed: 0\.005; 95 % interval of the difference −0\.\d+ … −0\.\d+, 3,000 rows\)\.\*\*$/,
    ),
  ]);
  expect(result.markdown).toContain('Endpoint if deployed: $1,028/month');
});

test('the baseline can be the newest version of the main branch; without one nothing is decided', async () => {
  const arn = await registered(await skilled(0.7));
  const candidate = await skilled(0.85);
  expect(await judged(candidate, { baseline: 'main' })).toMatchObject({ verdict: 'pass', baselineId: arn });
  const none = await evaluate(settings(candidate, { baseline: 'release' }), {
    ...on.surroundings,
    commitsOf: async () => [],
  });
  expect(none).toMatchObject({
    verdict: 'inconclusive',
    headline: 'no version of flight-delay was registered from a commit of the last release',
  });
});

test('the live model is found behind its endpoint; judging the live model itself is no comparison', async () => {
  const live = await skilled(0.78);
  const name = 'served';
  await models(on.aws).create({
    name,
    roleArn: on.role,
    from: { image, modelDataUri: live, environment: {} },
    network: openNetwork,
    tags: {},
  });
  await endpointConfigs(on.aws).create({
    name,
    variants: [
      {
        name: 'all',
        modelName: name,
        instanceType: 'ml.g5.xlarge',
        instanceCount: 1,
        weight: 1,
        startupTimeoutSeconds: null,
        downloadTimeoutSeconds: null,
      },
    ],
    capture: null,
    kmsKeyId: null,
    tags: {},
  });
  await endpoints(on.aws).create(name, name, {});
  await until(on.aws, async () =>
    (await endpoints(on.aws).find(name))?.status === 'InService' ? true : undefined,
  );

  const better = await judged(await skilled(0.95), { endpoint: name });
  expect(better).toMatchObject({ verdict: 'pass', baselineId: name });
  expect(better.headline).toMatch(/^roc-auc 0\.\d+ is 0\.\d+ above the live model’s 0\.\d+ \(95 % interval/);
  expect(better.report.monthly).toEqual({ candidateUsd: 1027.84, liveUsd: 1027.84 });

  const same = await judged(live, { endpoint: name });
  expect(same).toMatchObject({ verdict: 'pass', report: { relation: 'same-model' } });
  expect(same.headline).toContain('it is the live model itself, unchanged');
});

test('a copy of the baseline under another name is not a candidate', async () => {
  const original = await skilled(0.81);
  const copy = await model('copy', { 'skill.txt': '0.81' });
  const result = await judged(copy, { baseline: { packageArn: await registered(original) } });
  expect(result.verdict).toBe('integrity-error');
  expect(result.report.findings.map(({ what }) => what)).toEqual([
    expect.stringContaining('predicts exactly as its baseline on all 3,000 rows'),
    expect.stringContaining('byte for byte'),
  ]);
});

test.each([
  [
    'outside its folder',
    { '../evil.txt': 'x', 'skill.txt': '0.8' },
    "model.tar.gz holds '../evil.txt', which would land outside of its folder",
  ],
  [
    'at an absolute path',
    { '/etc/evil': 'x' },
    "model.tar.gz holds '/etc/evil', which would land outside of its folder",
  ],
  [
    'by a link',
    { 'skill.txt': { link: '/etc/passwd' } },
    "model.tar.gz holds 'skill.txt', which is a link or a device",
  ],
])('an archive that reaches %s is refused by name and not unpacked', async (what, files, reason) => {
  const result = await judged(
    await model(`hostile ${what}`.replaceAll(' ', '-'), files as Record<string, string>),
  );
  expect(result).toMatchObject({
    verdict: 'integrity-error',
    headline: `the evaluation of the candidate failed: ${reason}`,
  });
});

test('a script that fails is an integrity error with its last lines, and with text of its own it cannot break the comment', async () => {
  await on.write({ 'evaluate.py': 'raise SystemExit("</pre> @octo/everyone [click](http://x) `")\n' });
  const result = await judged(await skilled(0.8));
  expect(result).toMatchObject({
    verdict: 'integrity-error',
    headline: 'the evaluation of the candidate failed: evaluate.py ended with exit code 1',
  });
  expect(result.markdown).toContain('&lt;/pre&gt;');
});

test('a label column that is missing is named with the columns there are', async () => {
  await on.write({ 'evaluate.py': script.replace('os.environ["TIDEGATE_LABEL"]', '"late"') });
  expect(await judged(await skilled(0.8))).toMatchObject({
    verdict: 'integrity-error',
    headline: expect.stringContaining(
      'there is no column "delayed"; the columns are: late, prediction, origin',
    ),
  });
});

test('nothing is started for a metric that does not exist or data that are not there', async () => {
  const candidate = await skilled(0.8);
  await expect(judged(candidate, { thresholds: { auroc: { atLeast: 0.5 } } })).rejects.toThrow(
    /^There is no metric auroc; there are: roc-auc, /,
  );
  await expect(judged(candidate, { data: 's3://flights/2002/*' })).rejects.toThrow(
    's3://flights/2002/* holds nothing to evaluate on.',
  );
  await expect(judged('s3://flights/no/model.tar.gz')).rejects.toThrow(
    'The model archive s3://flights/no/model.tar.gz does not exist.',
  );
});

test('a run that is cancelled stops its evaluation; its post step finds nothing left', async () => {
  await on.write({ 'evaluate.py': 'import time\nprint("waiting", flush=True)\ntime.sleep(600)\n' });
  const candidate = await skilled(0.8);
  const cancelled = on.another();
  const started: string[] = [];
  const result = evaluate(settings(candidate), {
    ...cancelled,
    commitsOf: async () => [],
    onStart: (job) => started.push(job),
  });
  await cancelled.hears('waiting');
  cancelled.cancel();
  await expect(result).rejects.toThrow('cancelled');
  const job = await processingJobs(on.aws).find(started[0] ?? '');
  expect(['stopping', 'stopped']).toContain(job?.state);
  on.said.length = 0;
  await stopEvaluation(started[0] ?? '', on.surroundings);
  expect(on.said).toEqual([]);
});
