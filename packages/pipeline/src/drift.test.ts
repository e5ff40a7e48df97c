import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alarms, invokeEndpoint, metrics, objects, until } from '@tidegate/aws';
import { deploy } from './deploy/deploy.ts';
import { checkDrift, type DriftSettings } from './drift.ts';
import { setUpMonitor, type MonitorSettings } from './monitor.ts';
import { driftHtml, driftMarkdown } from './monitor/drift-report.ts';
import { rollback } from './rollback.ts';
import { openStage, type Stage } from './testing/deployment-stage.ts';

const endpoint = 'flights';
const hour = 3_600_000;
const processing = {
  engine: 'processing' as const,
  instanceCount: 1,
  analyserFunction: 'tidegate-analyser',
  roleArn: 'arn:aws:iam::123456789012:role/sagemaker',
  instanceType: 'ml.m5.large',
  maxRuntime: hour,
};
const dist = join(import.meta.dirname, '../../../dist');
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await objects(stage.aws).ensureBucket('monitoring');
});
afterAll(async () => await stage.close());

const around = () => ({
  aws: stage.aws,
  log: stage.log,
  signal: new AbortController().signal,
  ledger: stage.ledger(),
});

/** Hours of the day, from `start` on; the same every time. */
const hours = (start: number, count: number) => Array.from({ length: count }, (_, i) => start + (i % 6));

/** Puts a version live that was trained on flights of these hours, without monitoring it yet. */
async function deployVersion(version: string, capturePercent: number | undefined) {
  const { rollout } = stage.settings(endpoint);
  const { outcome } = await deploy(
    stage.settings(endpoint, {
      environment: { VERSION: version },
      rollout: { ...rollout, strategy: 'all-at-once' },
      ...(capturePercent === undefined
        ? {}
        : { capture: { percent: capturePercent, destination: 's3://monitoring/capture' } }),
    }),
    around(),
  );
  return outcome!.version.endpointConfig;
}

async function monitorSettings(trainedOn: number[]): Promise<MonitorSettings> {
  const baselineUri = `s3://monitoring/baseline-${trainedOn[0]}.csv`;
  await objects(stage.aws).upload(baselineUri, { bytes: Buffer.from(`hour\n${trainedOn.join('\n')}\n`) });
  return {
    model: endpoint,
    endpoint,
    ...processing,
    artifactsUri: 's3://monitoring/flights',
    baselineUri,
    trainingJob: undefined,
    tags: {},
    analyser: {
      program: join(dist, 'analyser.mjs'),
      functionProgram: join(dist, 'analyser-function.mjs'),
      base: 'node:24-slim',
      repository: 'tidegate-analyser',
    },
    capture: { percent: 100, destination: 's3://monitoring/capture' },
    smoke: stage.settings(endpoint).smoke,
    runId: '1',
    timeout: hour,
    notice: undefined,
  };
}

const driftSettings = (change: Partial<DriftSettings> = {}): DriftSettings => ({
  model: endpoint,
  endpoint,
  ...processing,
  artifactsUri: 's3://monitoring/flights',
  thresholds: { measure: 'psi', warn: 0.1, fail: 0.2, minSamples: 300, features: [] },
  tags: {},
  window: 24 * hour,
  quorum: { needed: 1, of: 1 },
  onDrift: 'rollback-and-retrain',
  ...change,
});

/** Asks about flights of these hours, and waits until the requests have been captured. */
async function ask(flights: number[]) {
  const before = await capturedRecords();
  const requests = Math.ceil(flights.length / 50);
  for (let at = 0; at < flights.length; at += 50) {
    const instances = flights.slice(at, at + 50).map((each) => ({ hour: each }));
    const body = Buffer.from(JSON.stringify({ instances }));
    await invokeEndpoint(stage.aws, endpoint, { body, contentType: 'application/json' });
  }
  // Captures are written in batches, so the first of them is not all of them.
  await until(stage.aws, async () => ((await capturedRecords()) >= before + requests ? true : undefined));
}

async function capturedRecords(): Promise<number> {
  let records = 0;
  for await (const { uri } of objects(stage.aws).list(`s3://monitoring/capture/${endpoint}/`)) {
    records += (await objects(stage.aws).read(uri)).toString().trimEnd().split('\n').length;
  }
  return records;
}

test('setting up switches capture on where the deployment did not, and a second time changes nothing', async () => {
  const deployed = await deployVersion('1', undefined);
  const settings = await monitorSettings(hours(6, 1200));
  const first = await setUpMonitor(settings, around());
  expect(first).toMatchObject({ alarmName: 'flights-drift', reused: false });
  expect(first.endpointConfig).not.toBe(deployed);
  const statistics = await objects(stage.aws).read(first.binding.statisticsUri);
  expect(JSON.parse(statistics.toString())).toMatchObject({ dataset: { item_count: 1200 } });

  stage.proxy.forget();
  const again = await setUpMonitor(settings, around());
  expect(again).toEqual({ ...first, reused: true });
  expect(stage.proxy.mutations()).toEqual([]);
});

test('no traffic and too little traffic decide nothing', async () => {
  const none = await checkDrift(driftSettings({ window: 'last-deployment' }), around());
  // The smoke request of switching capture on may be there, or still be on its way to S3.
  expect(none.facts).toMatchObject({ verdict: 'inconclusive' });
  expect(none.facts.report?.rows.current ?? 0).toBeLessThanOrEqual(1);
  await ask(hours(14, 100));
  const little = await checkDrift(driftSettings(), around());
  expect(little.facts).toMatchObject({ verdict: 'inconclusive' });
  expect(little).toMatchObject({ retrain: false, rollBackTo: undefined, action: 'none' });
});

test('traffic like the training data is no drift, and the same question is answered once', async () => {
  // So many that those of the test before, which lie outside of the training data's range, are a small share.
  await ask(hours(6, 2500));
  const settings = driftSettings({ thresholds: { ...driftSettings().thresholds, warn: 2, fail: 3 } });
  const { facts } = await checkDrift(settings, around());
  expect(facts).toMatchObject({ verdict: 'none', endpoint });
  const again = await checkDrift(settings, around());
  expect(again).toMatchObject({ reused: true, facts: { verdict: 'none' } });
});

test('GitHub is told as soon as the alarm goes off', async () => {
  const { github, repository } = stage;
  const notice = {
    repository,
    apiUrl: github.apiUrl,
    token: github.token,
    eventType: 'tidegate-drift',
    roleArn: 'arn:aws:iam::123456789012:role/sagemaker',
  };
  const settings = { ...(await monitorSettings(hours(6, 1200))), notice };
  await setUpMonitor(settings, around());
  // A second time replaces what is there, and adds nothing.
  await setUpMonitor(settings, around());
  await metrics(stage.aws).put('Tidegate/Drift', [
    { name: 'Severity', dimensions: { Endpoint: endpoint }, value: 2 },
  ]);
  await until(stage.aws, async () => (github.runs(repository).length > 0 ? true : undefined));
  expect(github.runs(repository)).toMatchObject([{ event: 'repository_dispatch' }]);
  await github.idle();
});

test('traffic that moved is drift once enough windows say so; no older model fits, so it retrains', async () => {
  await ask(hours(14, 3000));
  const settings = driftSettings({ quorum: { needed: 2, of: 2 } });
  const first = await checkDrift(settings, around());
  expect(first.facts.verdict).toBe('warn');
  expect(first.facts.reason).toMatch(/in 1 of 2 windows; 2 of 2 are needed$/);
  await ask(hours(14, 500));
  const second = await checkDrift(settings, around());
  expect(second).toMatchObject({
    drifted: ['hour'],
    retrain: true,
    rollBackTo: undefined,
    action: 'no older model fits today’s traffic; retraining',
    facts: { verdict: 'drift', quorum: { drifted: 2, looked: 2 } },
  });
  expect(driftMarkdown(second.facts, second.action)).toContain('hour');
  expect(driftHtml(second.facts)).toContain('<html');
  await until(stage.aws, async () => {
    const [alarm] = await alarms(stage.aws).find(['flights-drift']);
    return alarm?.state === 'ALARM' ? true : undefined;
  });
  const to = stage.aws.time();
  const [measured] = await metrics(stage.aws).read(
    [
      {
        namespace: 'Tidegate/Drift',
        name: 'Drift',
        dimensions: { Endpoint: endpoint, Feature: 'hour' },
        statistic: 'Maximum',
      },
    ],
    { from: to - hour, to, periodSeconds: 3600 },
  );
  expect(Math.max(...(measured ?? []))).toBeGreaterThan(0.2);
});

test('an older model whose training data look like today’s traffic is what to come back to', async () => {
  const older = (await stage.ledger().latestSuccessful())!.payload.endpointConfig;
  await deployVersion('2', 100);
  await setUpMonitor(await monitorSettings(hours(14, 1200)), around());
  await ask(hours(6, 1200));
  const found = await checkDrift(driftSettings({ window: 'last-deployment', onDrift: 'rollback' }), around());
  expect(found).toMatchObject({
    facts: { verdict: 'drift' },
    retrain: false,
    rollBackTo: { endpointConfig: older },
    action: `rolling back to ${older}`,
  });

  const { rollbackOn, smoke, verification } = stage.settings(endpoint);
  const { outcome } = await rollback(
    {
      endpoint,
      to: older,
      rollout: { ...stage.settings(endpoint).rollout, strategy: 'all-at-once' },
      rollbackOn,
      rollbackAlarms: [],
      smoke,
      verification,
      expectedCurrent: undefined,
      tags: {},
      runId: '9',
      mode: 'apply',
      timeout: hour,
    },
    around(),
  );
  expect(outcome).toMatchObject({ verdict: 'promoted', version: { endpointConfig: older } });
});

test('on the runner nothing is made but files: no image, no job', async () => {
  const engine = 'runner' as const;
  const onRunner = { engine, roleArn: undefined };
  stage.proxy.forget();
  const settings = { ...(await monitorSettings(hours(6, 1200))), ...onRunner };
  const { binding, functionCodeUri } = await setUpMonitor(settings, around());
  expect([binding.analyserImage, functionCodeUri]).toEqual([undefined, undefined]);
  const { facts } = await checkDrift(driftSettings({ ...onRunner, onDrift: 'alert' }), around());
  expect(facts.report?.rows.current).toBeGreaterThan(1000);
  expect(new Set(stage.proxy.mutations())).toEqual(new Set(['S3 PUT', 'PutMetricData']));
  await expect(checkDrift(driftSettings(), around())).rejects.toThrow(
    'engine processing needs the analyser’s image, and setup-model-monitor ran with another engine: run it with engine processing.',
  );
});

test('a function that is not there yet is told with the command that makes it', async () => {
  const settings = {
    ...(await monitorSettings(hours(7, 1200))),
    engine: 'lambda' as const,
    roleArn: undefined,
  };
  await expect(setUpMonitor(settings, around())).rejects.toThrow(
    /^The function tidegate-analyser does not exist\. Make it once, with the role of docs\/iam\.md:\naws lambda create-function .* --code S3Bucket=monitoring,S3Key=flights\/monitor\/analyser-function\/[0-9a-f]{64}\.zip$/,
  );
});
