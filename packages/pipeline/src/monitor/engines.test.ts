import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListProcessingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { objects, parseS3Uri } from '@tidegate/aws';
import { resolveData } from '../job-data.ts';
import type { Surroundings } from '../surroundings.ts';
import { tarOfFiles } from '../testing/archive.ts';
import { stage as openStage, type Stage } from '../testing/stage.ts';
import { analyserImage, type AnalyserSettings } from './analyser-image.ts';
import { makeBaseline } from './baseline.ts';
import { compareTraffic } from './compare-traffic.ts';
import { engineOf, type EngineSettings } from './engine.ts';
import { storeFunctionCode, zipOf } from './function-code.ts';

const FILES = 7;
let stage: Stage;
let analyser: AnalyserSettings;
let image: string;

beforeAll(async () => {
  stage = await openStage();
  const dist = join(import.meta.dirname, '../../../../dist');
  analyser = {
    program: join(dist, 'analyser.mjs'),
    functionProgram: join(dist, 'analyser-function.mjs'),
    base: 'node:24-slim',
    repository: 'tidegate-analyser',
  };
  image = await analyserImage(analyser, stage.surroundings);
  await stage.put('baseline.csv', `distance,hour,origin\n${rows(3000, 0).join('\n')}\n`);
  for (let i = 0; i < FILES; i += 1) await stage.put(`capture/0${i}.jsonl`, captures(400, i * 3));
});
afterAll(async () => await stage[Symbol.asyncDispose]());

/** The analyser's function, as the guide makes it. */
async function createFunction(name: string, change: Partial<CreateFunctionRequest> = {}): Promise<void> {
  const codeUri = await storeFunctionCode(analyser, 's3://flights/code', stage.surroundings);
  const { bucket, key } = parseS3Uri(codeUri);
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await stage.aws.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const lambda = stage.aws.client(LambdaClient);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 900,
      MemorySize: 2048,
      Role: Role?.Arn,
      Code: { S3Bucket: bucket, S3Key: key },
      ...change,
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName: name });
}

/** Distances, hours and origins: the same every time, and others for another shift. */
function rows(many: number, shift: number): string[] {
  return Array.from({ length: many }, (_, i) => {
    const turn = (i * 7919 + shift * 31) % 1009;
    const origin = turn % 5 === 0 ? `A${turn % 97}` : ['DEN', 'LAX', 'SFO'][turn % 3];
    return [Math.sqrt(turn) * 40 + shift * 40, turn % 24, origin].join(',');
  });
}

function captures(many: number, shift: number): string {
  const lines = rows(many, shift).map((data) =>
    JSON.stringify({
      captureData: {
        endpointInput: { mode: 'INPUT', data, encoding: 'CSV' },
        endpointOutput: { mode: 'OUTPUT', data: '0.5', encoding: 'CSV' },
      },
    }),
  );
  return `${lines.join('\n')}\n`;
}

type Change = Partial<EngineSettings> & { baseline?: string; captures?: string; features?: string[] };

const settingsOf = (place: string, change: Change): EngineSettings => ({
  engine: 'processing',
  instanceCount: 1,
  analyserFunction: 'tidegate-analyser',
  roleArn: stage.role,
  instanceType: 'ml.m5.large',
  maxRuntime: 3_600_000,
  artifactsUri: `s3://flights/${place}`,
  tags: {},
  ...change,
});

/** A baseline and a comparison with it, by an engine and in a place of their own. */
async function compared(place: string, change: Change = {}, around: Surroundings = stage.surroundings) {
  const settings = settingsOf(place, change);
  const { artifactsUri } = settings;
  const engine = engineOf(settings, { image });
  const baselineUri = change.baseline ?? 's3://flights/baseline.csv';
  const from = { model: place, artifactsUri, baselineUri, trainingJob: undefined };
  const baseline = await makeBaseline(from, engine, around);
  const data = (await resolveData(stage.aws, change.captures ?? 's3://flights/capture/'))!;
  const { features = [] } = change;
  const thresholds = { measure: 'psi' as const, warn: 0.1, fail: 0.2, minSamples: 100, features };
  return await compareTraffic(
    { model: place, endpoint: 'flights', artifactsUri, thresholds },
    { ...baseline, endpointConfig: 'one', analyserImage: image },
    data,
    engine,
    around,
  );
}

/** All that a comparison and its baseline left; means and deviations to rounding, everything else exactly. */
async function left(place: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { uri } of objects(stage.aws).list(`s3://flights/${place}/monitor/`)) {
    if (!/\/(checks|baselines)\//.test(uri)) continue;
    const json = (await objects(stage.aws).read(uri)).toString('utf8');
    const isStatistics = uri.endsWith('statistics.json');
    const name = uri.replace(`s3://flights/${place}/`, '').replaceAll(/[^/]*-[0-9a-f]{12}/g, '…');
    found[name] = JSON.parse(json, isStatistics ? rounded : undefined);
  }
  return found;
}

async function keysOf(place: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { uri } of objects(stage.aws).list(`s3://flights/${place}/monitor/`))
    keys.push(parseS3Uri(uri).key);
  return keys;
}

async function remove(place: string, what: RegExp): Promise<void> {
  for (const Key of (await keysOf(place)).filter((key) => what.test(key)))
    await stage.aws.client(S3Client).send(new DeleteObjectCommand({ Bucket: 'flights', Key }));
}

const rounded = (_: string, value: unknown) =>
  typeof value === 'number' ? Number(value.toPrecision(12)) : value;

async function jobsOf(place: string) {
  const { ProcessingJobSummaries = [] } = await stage.aws
    .client(SageMakerClient)
    .send(new ListProcessingJobsCommand({ NameContains: place }));
  return ProcessingJobSummaries.map(({ ProcessingJobStatus }) => ProcessingJobStatus);
}

test('one instance, three and nine of them, and the runner say the same in the same files', async () => {
  const one = await compared('one');
  expect(one).toMatchObject({
    reused: false,
    report: { verdict: 'fail', rows: { baseline: 3000, current: FILES * 400 } },
  });
  const files = await left('one');
  expect(Object.keys(files)).toEqual([
    'monitor/baselines/…/constraints.json',
    'monitor/baselines/…/statistics.json',
    'monitor/flights/checks/…/constraint_violations.json',
    'monitor/flights/checks/…/constraints.json',
    'monitor/flights/checks/…/drift.json',
    'monitor/flights/checks/…/statistics.json',
  ]);
  for (const instanceCount of [3, 9]) {
    const { report } = await compared(`shared-by-${instanceCount}`, { instanceCount });
    expect(report).toEqual(one.report);
    expect(await left(`shared-by-${instanceCount}`)).toEqual(files);
  }
  const { report } = await compared('runner', { engine: 'runner' });
  expect(report).toEqual(one.report);
  expect(await left('runner')).toEqual(files);
  expect(await jobsOf('runner')).toEqual([]);
});

test('a baseline in an archive or among other files is read alike by all engines', async () => {
  const csv = `distance,hour,origin\n${rows(500, 0).join('\n')}\n`;
  await objects(stage.aws).upload('s3://flights/trained/output/output.tar.gz', {
    bytes: gzipSync(tarOfFiles({ 'model.json': '{}', 'baseline.csv': csv })),
  });
  await objects(stage.aws).upload('s3://flights/folder/baseline.csv.gz', { bytes: gzipSync(csv) });
  await stage.put('folder/_SUCCESS', '');
  await stage.put('folder/other.csv', 'a\n1\n');
  const found: unknown[] = [];
  for (const baseline of ['s3://flights/trained/output/output.tar.gz', 's3://flights/folder/']) {
    for (const engine of ['processing', 'runner'] as const) {
      const place = `${baseline.includes('folder') ? 'among-files' : 'archived'}-${engine}`;
      const { report } = await compared(place, { engine, baseline });
      expect(report.rows.baseline).toBe(500);
      found.push(await left(place));
    }
  }
  expect(found).toEqual([found[0], found[0], found[0], found[0]]);
});

test('three million rows of Parquet are read on the runner by the pieces that are needed', async () => {
  const file = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data/flights-3m.parquet');
  await objects(stage.aws).upload('s3://flights/3m', { file });
  const { surroundings, said } = stage;
  const data = (await resolveData(stage.aws, 's3://flights/3m'))!;
  const engine = engineOf(settingsOf('x', { engine: 'runner' }), {});
  const order = { name: 'x', data, names: [], partsUri: 's3://flights/x' };
  const profile = await engine.profile(order, surroundings);
  expect([profile.rows, profile.columns.map(({ name }) => name)]).toEqual([
    3_000_000,
    ['date', 'delay', 'distance', 'origin', 'destination'],
  ]);
  expect(said.at(-1)).toMatch(/^Read 1 file, 1\d\.\d MB, in [\d.]+ s\.$/);
});

test('a function says the same, whether one invocation reads everything or three share it', async () => {
  await createFunction('tidegate-analyser');
  const { report } = await compared('by-runner', { engine: 'runner' });
  for (const instanceCount of [1, 3]) {
    const place = `by-function-${instanceCount}`;
    expect((await compared(place, { engine: 'lambda', instanceCount })).report).toEqual(report);
    expect(await left(place)).toEqual(await left('by-runner'));
    expect(await jobsOf(place)).toEqual([]);
  }
  // Where a run was killed before it had merged them, the next one takes what is there.
  const parts = (await keysOf('by-function-3')).filter((key) => key.includes('/parts/by-function-3-drift'));
  expect(parts.map((key) => key.split('/').at(-1))).toEqual([
    '1-of-3.profile.gz',
    '2-of-3.profile.gz',
    '3-of-3.profile.gz',
  ]);
  await remove('by-function-3', /\/(checks|profiles)\//);
  const heard = stage.said.length;
  expect((await compared('by-function-3', { engine: 'lambda', instanceCount: 3 })).report).toEqual(report);
  const asked = stage.said.slice(heard).filter((line) => line.startsWith('tidegate-analyser: '));
  expect(asked).toEqual([]);
});

test('a function that fails says why, and what to do about it', async () => {
  await createFunction('impatient', {
    Timeout: 1,
    Code: { ZipFile: zipOf({ 'index.mjs': Buffer.from(sleeper) }) },
  });
  const by = (analyserFunction: string) => ({ engine: 'lambda' as const, analyserFunction });
  await expect(compared('too-slow', by('impatient'))).rejects.toThrow(
    'The function impatient had not finished after 1 s: give it more time (900 s at most), have more invocations share the files (instance-count), or use engine processing.',
  );
  await createFunction('stale', { Code: { ZipFile: zipOf({ 'index.mjs': Buffer.from(ancient) }) } });
  await expect(compared('too-old', by('stale'))).rejects.toThrow(
    'The function stale makes profiles of version 0, and 2 is needed: give it the code of this release. setup-model-monitor puts it into S3 and says how.',
  );
  await expect(compared('nobody', by('nobody'))).rejects.toThrow(
    'The function nobody does not exist: setup-model-monitor with engine lambda puts its code into S3 and says how to make it.',
  );
  const codeUri = 's3://flights/code/a.zip';
  const engine = engineOf(settingsOf('nobody', by('nobody')), { codeUri });
  const data = (await resolveData(stage.aws, 's3://flights/capture/'))!;
  const order = { name: 'x', data, names: [], partsUri: 's3://flights/nobody/parts' };
  await expect(engine.profile(order, stage.surroundings)).rejects.toThrow(
    'aws lambda create-function --function-name nobody --runtime nodejs24.x --handler index.handler --timeout 900 --memory-size 2048 --role ROLE_ARN --code S3Bucket=flights,S3Key=code/a.zip',
  );
  await stage.put('torn/1.jsonl', '{"captureData":{}}\n');
  await createFunction('reader');
  await expect(compared('torn-data', { ...by('reader'), captures: 's3://flights/torn/' })).rejects.toThrow(
    'The function reader failed: s3://flights/torn/1.jsonl, row 1: has neither "endpointInput" nor "endpointOutput" in its "captureData"',
  );
});

const sleeper = 'export const handler = () => new Promise((done) => setTimeout(done, 60_000));';
const ancient = 'export const handler = async () => ({ version: 0, rows: 1 });';

test('what has been made is not made again, and what is under way is joined', async () => {
  const [first, second] = await Promise.all([compared('twice'), compared('twice', {}, stage.another())]);
  expect(second.report).toEqual(first.report);
  expect(await compared('twice')).toEqual({ ...first, reused: true });
  expect(await jobsOf('twice')).toEqual(['Completed', 'Completed']);
});

test('where one instance fails nothing is decided, and the next run tries again', async () => {
  await stage.put('damaged/1.jsonl', captures(10, 0));
  await stage.put('damaged/2.jsonl', '{"captureData":{}}\n');
  const broken = { instanceCount: 2, captures: 's3://flights/damaged/' };
  await expect(compared('broken', broken)).rejects.toThrow(
    /^The analysis broken-drift-[0-9a-f]{12} failed: .*2\.jsonl, row 1: has neither "endpointInput" nor "endpointOutput"/,
  );
  expect(Object.keys(await left('broken')).filter((name) => name.includes('checks'))).toEqual([]);
  expect(await jobsOf('broken-drift')).toEqual(['Failed']);
  await expect(compared('broken', broken)).rejects.toThrow(
    /^The analysis broken-drift-[0-9a-f]{12}-2 failed/,
  );
  await expect(compared('broken', { ...broken, engine: 'runner', instanceCount: 1 })).rejects.toThrow(
    's3://flights/damaged/2.jsonl, row 1: has neither "endpointInput" nor "endpointOutput" in its "captureData"',
  );
});

test('a job that has lost what it left is no answer: it is run again', async () => {
  const { report } = await compared('lost', { instanceCount: 2 });
  await remove('lost', /\/(checks|profiles|parts\/.*algo-2)/);
  const again = await compared('lost', { instanceCount: 3 });
  expect(again.report).toEqual(report);
  expect(await jobsOf('lost-drift')).toEqual(['Completed', 'Completed']);
  // What is left of the first one does not mix with what the second one has left.
  await remove('lost', /\/(checks|profiles)\//);
  expect((await compared('lost', { instanceCount: 3 })).report).toEqual(report);
  expect(await jobsOf('lost-drift')).toEqual(['Completed', 'Completed']);
});

test('a feature that the baseline has not is told before anything is started', async () => {
  await expect(compared('unknown', { features: ['gate', 'hour'] })).rejects.toThrow(
    'The baseline s3://flights/baseline.csv has no feature gate; it has: distance, hour, origin.',
  );
  expect(await jobsOf('unknown-drift')).toEqual([]);
});

test('an engine that lacks what it needs says so', () => {
  expect(() => engineOf(settingsOf('x', { roleArn: undefined }), { image })).toThrow(
    'engine processing needs role-arn: the analysis runs as this role.',
  );
  expect(() => engineOf(settingsOf('x', {}), {})).toThrow(
    'engine processing needs the analyser’s image, and setup-model-monitor ran with another engine: run it with engine processing.',
  );
});
