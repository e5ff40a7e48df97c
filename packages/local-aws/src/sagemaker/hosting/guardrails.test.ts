import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsEvent } from '../../kernel/world.ts';
import { timeline } from '../../kernel/timeline.ts';
import { answersOf, bakes, canary, putErrorAlarm, settles, update } from './testing/deployments.ts';
import { startStage } from './testing/stage.ts';
import type { Stage } from './testing/stage.ts';

const minute = 60_000;

/** The last bake of a rolling update of two instances. */
const bakesAll = (stage: Stage) =>
  stage.until(
    'flights',
    ({ PendingDeploymentSummary }) =>
      PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.StatusMessage ===
      'Baking for 60 seconds (WaitIntervalInSeconds) with traffic enabled on full capacity of 2 instance(s).',
  );

test('a canary that does well gets its share, then everything, then the old fleet ends', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  await putErrorAlarm(server, 'flights', 'flights-2');
  await update(server, 'flights', { deploy: canary(['flights-5xx']) });

  expect(await bakes(server, 'flights')).toMatchObject({
    EndpointStatus: 'Updating',
    EndpointConfigName: 'flights-1',
    PendingDeploymentSummary: {
      EndpointConfigName: 'flights-2',
      ProductionVariants: [
        {
          CurrentInstanceCount: 2,
          VariantStatus: [
            {
              Status: 'Baking',
              StatusMessage:
                'Baking for 300 seconds (WaitIntervalInSeconds) with traffic enabled on canary capacity of 1 instance(s).',
            },
          ],
        },
      ],
    },
  });
  expect(await answersOf(server, 'flights', 100)).toEqual({ 'flights-1': 90, 'flights-2': 10 });
  await server.aws.clock.advance(5 * minute);
  expect(await answersOf(server, 'flights', 20)).toEqual({ 'flights-2': 20 });
  expect((await server.describe('flights')).EndpointStatus).toBe('Updating');
  await server.aws.clock.advance(2 * minute);
  expect(await server.describe('flights')).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'flights-2',
    LastDeploymentConfig: canary(['flights-5xx']),
  });
  const traffic = timeline(server.aws.world)
    .filter(({ kind }) => kind === 'endpoint')
    .map((entry) => entry.traffic?.['flights-2'] ?? 0);
  expect([...new Set(traffic)]).toEqual([0, 0.1, 1]);
});

test('a canary whose requests fail is rolled back by the alarm, and the reason names it', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  await putErrorAlarm(server, 'flights', 'flights-2');
  await update(server, 'flights', { environment: { FAIL: '1' }, deploy: canary(['flights-5xx']) });
  await bakes(server, 'flights');
  expect(await answersOf(server, 'flights', 50)).toEqual({ 'flights-1': 45, ModelError: 5 });
  await server.aws.clock.advance(minute);
  const description = await settles(server, 'flights');
  expect(description).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'flights-1',
    FailureReason: expect.stringContaining('flights-5xx'),
  });
  expect(description.PendingDeploymentSummary).toBeUndefined();
  expect(await answersOf(server, 'flights', 20)).toEqual({ 'flights-1': 20 });
});

test('an alarm in the very last evaluation of the last bake still takes everything back', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  await putErrorAlarm(server, 'flights', 'flights-2');
  await update(server, 'flights', { environment: { FAIL: '1' }, deploy: canary(['flights-5xx']) });
  await bakes(server, 'flights');
  await server.aws.clock.advance(6 * minute);
  expect(await answersOf(server, 'flights', 5)).toEqual({ ModelError: 5 });
  await server.aws.clock.advance(minute);
  expect(await settles(server, 'flights')).toMatchObject({
    EndpointConfigName: 'flights-1',
    FailureReason: expect.stringContaining('flights-5xx'),
  });
});

test('linear shifts go up step by step', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  const policy = {
    TrafficRoutingConfiguration: {
      Type: 'LINEAR' as const,
      LinearStepSize: { Type: 'CAPACITY_PERCENT' as const, Value: 50 },
      WaitIntervalInSeconds: 60,
    },
    TerminationWaitInSeconds: 60,
  };
  await update(server, 'flights', { deploy: { BlueGreenUpdatePolicy: policy } });
  await bakes(server, 'flights');
  expect(await answersOf(server, 'flights', 20)).toEqual({ 'flights-1': 10, 'flights-2': 10 });
  await server.aws.clock.advance(minute);
  expect(await answersOf(server, 'flights', 20)).toEqual({ 'flights-2': 20 });
  await server.aws.clock.advance(minute);
  expect(await server.describe('flights')).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'flights-2',
  });
});

test('a rolling update replaces instances batch by batch, and starts the old ones again when it goes back', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  await server.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'by-hand',
      Namespace: 'Tests',
      MetricName: 'none',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
  const rolling: DeploymentConfig = {
    RollingUpdatePolicy: {
      MaximumBatchSize: { Type: 'INSTANCE_COUNT', Value: 1 },
      WaitIntervalInSeconds: 60,
    },
    AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'by-hand' }] },
  };
  await update(server, 'flights', { deploy: rolling });
  await bakes(server, 'flights');
  expect(await answersOf(server, 'flights', 20)).toEqual({ 'flights-1': 10, 'flights-2': 10 });
  await server.aws.clock.advance(minute);
  await bakesAll(server);
  expect(await server.describe('flights')).toMatchObject({
    ProductionVariants: [{ CurrentInstanceCount: 1 }],
  });
  await server.cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: 'by-hand', StateValue: 'ALARM', StateReason: 'drill' }),
  );
  expect(await settles(server, 'flights')).toMatchObject({
    EndpointConfigName: 'flights-1',
    FailureReason: expect.stringContaining('by-hand'),
    ProductionVariants: [{ CurrentInstanceCount: 2, DesiredInstanceCount: 2 }],
  });
  expect(await answersOf(server, 'flights', 10)).toEqual({ 'flights-1': 10 });
});

test('without a policy everything shifts at once; a new fleet that is not healthy never gets a request', async () => {
  await using server = await startStage();
  await server.serve('flights');
  await update(server, 'flights', { environment: { CRASH: '1' }, count: 1 });
  expect(await answersOf(server, 'flights', 10)).toEqual({ 'flights-1': 10 });
  await server.aws.clock.advance(8 * minute);
  expect(await settles(server, 'flights')).toMatchObject({
    EndpointConfigName: 'flights-1',
    FailureReason:
      'The primary container for production variant main did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
  });
});

test('a silent roll-back looks like a success to those who only look at the status', async () => {
  await using server = await startStage();
  await server.serve('flights');
  server.aws.faults.add({ effect: 'silent-rollback', operation: 'UpdateEndpoint', times: 1 });
  await update(server, 'flights', { count: 1 });
  const description = await settles(server, 'flights');
  expect(description).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'flights-1' });
  expect(description.FailureReason).toBeUndefined();
});

test('no request is lost while traffic shifts under load', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2, environment: { DELAY: '0.02' } });
  await update(server, 'flights', {
    environment: { DELAY: '0.02' },
    deploy: {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
      },
    },
  });
  const counts: Record<string, number> = {};
  const done = new AbortController();
  const client = async () => {
    while (!done.signal.aborted) {
      for (const [model, count] of Object.entries(await answersOf(server, 'flights', 5)))
        counts[model] = (counts[model] ?? 0) + count;
    }
  };
  const clients = Array.from({ length: 8 }, client);
  await settles(server, 'flights');
  for (let more = 0; more < 10; more++) await server.describe('flights');
  done.abort();
  await Promise.all(clients);
  expect(Object.keys(counts).sort()).toEqual(['flights-1', 'flights-2']);
});

test('a deployment that is not done within its time goes back', async () => {
  await using server = await startStage();
  await server.serve('flights');
  await update(server, 'flights', {
    environment: { HANG: '1' },
    count: 1,
    deploy: {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
        MaximumExecutionTimeoutInSeconds: 600,
      },
    },
  });
  await server.aws.clock.advance(10 * minute);
  expect(await settles(server, 'flights')).toMatchObject({
    EndpointConfigName: 'flights-1',
    FailureReason:
      'The deployment did not finish within MaximumExecutionTimeoutInSeconds and was rolled back.',
  });
});

test('a roll-back that fails leaves both fleets serving, and says so', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  await putErrorAlarm(server, 'flights', 'flights-2');
  await update(server, 'flights', {
    deploy: {
      RollingUpdatePolicy: {
        MaximumBatchSize: { Type: 'INSTANCE_COUNT', Value: 1 },
        WaitIntervalInSeconds: 60,
      },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'flights-5xx' }] },
    },
  });
  await bakes(server, 'flights');
  await server.aws.clock.advance(minute);
  await bakesAll(server);
  // The old instance that has ended cannot be started again: its model is gone.
  rmSync(join(server.aws.world.directory, 'sagemaker', 'models'), { recursive: true });
  await server.cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: 'flights-5xx', StateValue: 'ALARM', StateReason: 'drill' }),
  );
  await server.until('flights', ({ EndpointStatus }) => EndpointStatus === 'RollingBack');
  await server.aws.clock.advance(8 * minute);
  expect(
    await server.until('flights', ({ EndpointStatus }) => EndpointStatus !== 'RollingBack'),
  ).toMatchObject({
    EndpointStatus: 'UpdateRollbackFailed',
    FailureReason: expect.stringMatching(/flights-5xx.* The rollback failed: .*ping health check/),
  });
  expect(Object.keys(await answersOf(server, 'flights', 20)).sort()).toEqual(['flights-1', 'flights-2']);
});

test("EventBridge hears of the endpoint and of its deployment in SageMaker's spelling", async () => {
  await using server = await startStage();
  const heard: [unknown, unknown, unknown][] = [];
  const { world } = server.aws;
  Object.assign(world, {
    emit: ({ detail, ...event }: AwsEvent) => {
      const pending = detail['PendingDeploymentSummary'] as
        { ProductionVariants: { VariantStatus: { Status: string }[] }[] } | undefined;
      heard.push([
        event['detail-type'],
        detail['EndpointStatus'],
        pending?.ProductionVariants[0]?.VariantStatus[0]?.Status,
      ]);
    },
  });
  await server.serve('flights');
  await update(server, 'flights', { count: 1 });
  await settles(server, 'flights');
  const state = 'SageMaker Endpoint State Change';
  const deployment = 'SageMaker Endpoint Deployment State Change';
  expect(heard.filter(([type]) => String(type).startsWith('SageMaker Endpoint'))).toEqual([
    [state, 'CREATING', undefined],
    [state, 'IN_SERVICE', undefined],
    [state, 'UPDATING', 'Creating'],
    [deployment, 'UPDATING', 'Creating'],
    [deployment, 'UPDATING', 'ActivatingTraffic'],
    [deployment, 'UPDATING', 'Baking'],
    [state, 'IN_SERVICE', undefined],
  ]);
});
