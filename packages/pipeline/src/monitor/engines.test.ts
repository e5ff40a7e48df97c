import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListProcessingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { objects } from '@tidegate/aws';
import { resolveData } from '../job-data.ts';
import type { Surroundings } from '../surroundings.ts';
import { stage as openStage, type Stage } from '../testing/stage.ts';
import { analyserImage } from './analyser-image.ts';
import { makeBaseline } from './baseline.ts';
import { compareTraffic } from './compare-traffic.ts';
import { engineOf, type EngineSettings } from './engine.ts';

const FILES = 7;
let stage: Stage;
let image: string;

beforeAll(async () => {
  stage = await openStage();
  const program = join(stage.folder, 'analyser.mjs');
  const root = join(import.meta.dirname, '../../../..');
  const rolldown = join(root, 'node_modules/rolldown/bin/cli.mjs');
  const options = ['--platform', 'node', '--format', 'esm', '--no-codeSplitting', '--file', program];
  execFileSync(process.execPath, [rolldown, join(root, 'packages/stats/src/analyser.ts'), ...options]);
  const settings = { program, base: 'node:24-slim', repository: 'tidegate-analyser' };
  image = await analyserImage(settings, stage.surroundings);
  await stage.put('baseline.csv', `distance,hour,origin\n${rows(3000, 0).join('\n')}\n`);
  for (let i = 0; i < FILES; i += 1) await stage.put(`capture/0${i}.jsonl`, captures(400, i * 3));
});
afterAll(async () => await stage[Symbol.asyncDispose]());

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

type Change = Partial<EngineSettings> & { captures?: string; features?: string[] };

const settingsOf = (place: string, change: Change): EngineSettings => ({
  engine: 'processing',
  instanceCount: 1,
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
  const engine = engineOf(settings, image);
  const baselineUri = 's3://flights/baseline.csv';
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
  for await (const { uri } of objects(stage.aws).list('s3://flights/lost/monitor/')) {
    if (!/\/(checks|profiles|parts\/.*algo-2)/.test(uri)) continue;
    const Key = uri.replace('s3://flights/', '');
    await stage.aws.client(S3Client).send(new DeleteObjectCommand({ Bucket: 'flights', Key }));
  }
  const again = await compared('lost', { instanceCount: 2 });
  expect(again.report).toEqual(report);
  expect(await jobsOf('lost-drift')).toEqual(['Completed', 'Completed']);
});

test('a feature that the baseline has not is told before anything is started', async () => {
  await expect(compared('unknown', { features: ['gate', 'hour'] })).rejects.toThrow(
    'The baseline s3://flights/baseline.csv has no feature gate; it has: distance, hour, origin.',
  );
  expect(await jobsOf('unknown-drift')).toEqual([]);
});

test('an engine that lacks what it needs says so', () => {
  expect(() => engineOf(settingsOf('x', { roleArn: undefined }), image)).toThrow(
    'engine processing needs role-arn: the analysis runs as this role.',
  );
  expect(() => engineOf(settingsOf('x', {}), undefined)).toThrow(
    'engine processing needs the analyser’s image, and setup-model-monitor ran with another engine: run it with engine processing.',
  );
});
