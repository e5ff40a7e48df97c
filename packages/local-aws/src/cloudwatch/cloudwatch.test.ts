import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { MetricDatum, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalAws } from '../index.ts';
import type { LocalAwsOptions } from '../index.ts';
import { recordMetric } from './metrics.ts';

const minute = 60_000;
const ten = new Date('2026-11-23T10:00:00Z');
const at = (seconds: number) => new Date(ten.getTime() + seconds * 1000);

async function start(options: LocalAwsOptions = {}) {
  const aws = await startLocalAws({ clock: { manual: true, start: ten }, ...options });
  const cloudwatch = new CloudWatchClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  return {
    aws,
    cloudwatch,
    put: (...data: MetricDatum[]) =>
      cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Flights', MetricData: data })),
    putAlarm: (settings: Partial<PutMetricAlarmInput> = {}) =>
      cloudwatch.send(
        new PutMetricAlarmCommand({
          AlarmName: 'late',
          Namespace: 'Flights',
          MetricName: 'Delay',
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 15,
          ComparisonOperator: 'GreaterThanThreshold',
          ...settings,
        }),
      ),
    async alarm(name = 'late') {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      );
      return [...MetricAlarms, ...CompositeAlarms][0];
    },
    async [Symbol.asyncDispose]() {
      cloudwatch.destroy();
      await aws.close();
    },
  };
}

test('values, statistic sets and counted values are put together by period, aligned to the clock', async () => {
  await using server = await start();
  await server.put(
    { MetricName: 'Delay', Value: 10, Timestamp: at(5), Unit: 'Seconds' },
    { MetricName: 'Delay', Values: [20, 30], Counts: [2, 1], Timestamp: at(50), Unit: 'Seconds' },
    {
      MetricName: 'Delay',
      StatisticValues: { SampleCount: 4, Sum: 40, Minimum: 1, Maximum: 30 },
      Timestamp: at(70),
      Unit: 'Seconds',
    },
  );
  const { Datapoints = [] } = await server.cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'Flights',
      MetricName: 'Delay',
      StartTime: at(0),
      EndTime: at(120),
      Period: 60,
      Statistics: ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'],
      ExtendedStatistics: ['p50'],
    }),
  );
  expect(Datapoints).toEqual([
    {
      Timestamp: at(0),
      SampleCount: 4,
      Average: 20,
      Sum: 80,
      Minimum: 10,
      Maximum: 30,
      Unit: 'Seconds',
      ExtendedStatistics: { p50: 20 },
    },
    {
      Timestamp: at(60),
      SampleCount: 4,
      Average: 10,
      Sum: 40,
      Minimum: 1,
      Maximum: 30,
      Unit: 'Seconds',
      ExtendedStatistics: {},
    },
  ]);
});

test('high-resolution values keep their second; the others their minute', async () => {
  await using server = await start();
  await server.put(
    { MetricName: 'Fast', Value: 1, Timestamp: at(12), StorageResolution: 1 },
    { MetricName: 'Fast', Value: 2, Timestamp: at(25), StorageResolution: 1 },
    { MetricName: 'Slow', Value: 3, Timestamp: at(25) },
  );
  const query = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Flights', MetricName }, Period: 10, Stat: 'Sum' },
  });
  const { MetricDataResults } = await server.cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: at(0),
      EndTime: at(60),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [query('fast', 'Fast'), query('slow', 'Slow')],
    }),
  );
  expect(MetricDataResults).toMatchObject([
    { Id: 'fast', Timestamps: [at(10), at(20)], Values: [1, 2], StatusCode: 'Complete' },
    { Id: 'slow', Timestamps: [at(0)], Values: [3] },
  ]);
});

test('metric math computes a rate of errors, newest first', async () => {
  await using server = await start();
  await server.put(
    { MetricName: 'Errors', Value: 1, Timestamp: at(0) },
    { MetricName: 'Requests', Value: 50, Timestamp: at(0) },
    { MetricName: 'Requests', Value: 50, Timestamp: at(60) },
  );
  const metric = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'Flights', MetricName }, Period: 60, Stat: 'Sum' },
  });
  const { MetricDataResults } = await server.cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: at(0),
      EndTime: at(120),
      MetricDataQueries: [
        { Id: 'rate', Expression: '100 * FILL(errors, 0) / requests', Label: 'percent' },
        metric('errors', 'Errors'),
        metric('requests', 'Requests'),
      ],
    }),
  );
  expect(MetricDataResults).toEqual([
    { Id: 'rate', Label: 'percent', Timestamps: [at(60), at(0)], Values: [0, 2], StatusCode: 'Complete' },
  ]);
});

test('metrics are listed by namespace, name and dimensions', async () => {
  await using server = await start();
  const Dimensions = [{ Name: 'Origin', Value: 'DEN' }];
  await server.put({ MetricName: 'Delay', Value: 1, Dimensions }, { MetricName: 'Delay', Value: 1 });
  const list = await server.cloudwatch.send(
    new ListMetricsCommand({ Namespace: 'Flights', Dimensions: [{ Name: 'Origin' }] }),
  );
  expect(list.Metrics).toEqual([{ Namespace: 'Flights', MetricName: 'Delay', Dimensions }]);
});

test('what cannot be a metric is refused, and nothing of the request is kept', async () => {
  await using server = await start();
  const good = { MetricName: 'Delay', Value: 1 };
  await expect(
    server.put(good, {
      MetricName: 'Delay',
      Value: 1,
      StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 },
    }),
  ).rejects.toThrow(
    'The parameters MetricData.member.2.Value and MetricData.member.2.StatisticValues are mutually exclusive and you have specified both.',
  );
  await expect(
    server.put(good, { MetricName: 'Delay', Value: 1, Timestamp: at(-30 * 86_400) }),
  ).rejects.toThrow('two weeks before');
  await expect(
    server.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/Lies', MetricData: [good] })),
  ).rejects.toThrow('The value AWS/ for parameter Namespace is invalid.');
  expect((await server.cloudwatch.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
});

test("an alarm goes to ALARM and back on the server's clock, and its history and event say why", async () => {
  await using server = await start();
  await server.putAlarm();
  expect(await server.alarm()).toMatchObject({
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
  });
  await server.put({ MetricName: 'Delay', Value: 20 });
  await server.aws.clock.advance(minute);
  expect(await server.alarm()).toMatchObject({
    StateValue: 'ALARM',
    StateReason:
      'Threshold Crossed: 1 out of the last 1 datapoint [20.0 (23/11/26 10:00:00)] was greater than the threshold (15.0) (minimum 1 datapoint for OK -> ALARM transition).',
    StateUpdatedTimestamp: at(60),
  });
  await server.put({ MetricName: 'Delay', Value: 5 });
  await server.aws.clock.advance(minute);
  expect((await server.alarm())?.StateValue).toBe('OK');
  const { AlarmHistoryItems } = await server.cloudwatch.send(
    new DescribeAlarmHistoryCommand({
      AlarmName: 'late',
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
    }),
  );
  expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
    'Alarm updated from INSUFFICIENT_DATA to ALARM',
    'Alarm updated from ALARM to OK',
  ]);
});

test.each([
  ['missing', 'INSUFFICIENT_DATA'],
  ['ignore', 'ALARM'],
  ['breaching', 'ALARM'],
  ['notBreaching', 'OK'],
])('once data has stopped, an alarm that treats it as %s is %s', async (TreatMissingData, state) => {
  await using server = await start();
  await server.putAlarm({ TreatMissingData });
  await server.put({ MetricName: 'Delay', Value: 20 });
  await server.aws.clock.advance(minute);
  expect((await server.alarm())?.StateValue).toBe('ALARM');
  await server.aws.clock.advance(10 * minute);
  expect((await server.alarm())?.StateValue).toBe(state);
});

test('two of three periods must breach', async () => {
  await using server = await start();
  await server.putAlarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
  const states: unknown[] = [];
  for (const value of [20, 5, 20, 5, 5]) {
    await server.put({ MetricName: 'Delay', Value: value });
    await server.aws.clock.advance(minute);
    states.push((await server.alarm())?.StateValue);
  }
  expect(states).toEqual(['INSUFFICIENT_DATA', 'OK', 'ALARM', 'OK', 'OK']);
});

test('an alarm of ten seconds sees values of ten seconds', async () => {
  await using server = await start();
  await server.putAlarm({ Period: 10 });
  recordMetric(server.aws.world, {
    namespace: 'Flights',
    name: 'Delay',
    dimensions: {},
    value: 99,
    resolution: 1,
  });
  await server.aws.clock.advance(10_000);
  expect((await server.alarm())?.StateValue).toBe('ALARM');
});

test('a composite alarm follows its children', async () => {
  await using server = await start();
  await server.putAlarm({ AlarmName: 'a' });
  await server.putAlarm({ AlarmName: 'b', MetricName: 'Other' });
  await server.cloudwatch.send(
    new PutCompositeAlarmCommand({
      AlarmName: 'both',
      AlarmRule: 'ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(b))',
    }),
  );
  expect((await server.alarm('both'))?.StateValue).toBe('OK');
  const set = (AlarmName: string) =>
    server.cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'drill' }),
    );
  await set('a');
  expect((await server.alarm('both'))?.StateValue).toBe('OK');
  await set('b');
  expect((await server.alarm('both'))?.StateValue).toBe('ALARM');
  await expect(server.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] }))).rejects.toThrow(
    'both',
  );
});

test('a state that was set by hand holds until the next evaluation', async () => {
  await using server = await start();
  await server.putAlarm({ TreatMissingData: 'notBreaching' });
  await server.cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: 'late', StateValue: 'ALARM', StateReason: 'drill' }),
  );
  expect(await server.alarm()).toMatchObject({ StateValue: 'ALARM', StateReason: 'drill' });
  await server.aws.clock.advance(minute);
  expect((await server.alarm())?.StateValue).toBe('OK');
});

test('alarms are found by their metric, and their actions can be switched off', async () => {
  await using server = await start();
  await server.putAlarm();
  await server.cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['late'] }));
  const { MetricAlarms } = await server.cloudwatch.send(
    new DescribeAlarmsForMetricCommand({ Namespace: 'Flights', MetricName: 'Delay' }),
  );
  expect(MetricAlarms).toMatchObject([{ AlarmName: 'late', ActionsEnabled: false }]);
});

test('alarms that could never work are refused', async () => {
  await using server = await start();
  await expect(server.putAlarm({ Period: 45 })).rejects.toThrow(
    'Period must be 10, 20, 30 or a multiple of 60',
  );
  await expect(server.putAlarm({ DatapointsToAlarm: 2 })).rejects.toThrow('DatapointsToAlarm');
  await expect(server.putAlarm({ Statistic: 'Mean' as 'Sum' })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(
      "Value 'Mean' at 'statistic' failed to satisfy constraint: Member must satisfy enum value set",
    ),
  });
  await expect(server.putAlarm({ TreatMissingData: 'maybe' })).rejects.toThrow(
    'Option maybe is not supported',
  );
  await expect(server.putAlarm({ ThresholdMetricId: 'band' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
});

test('months without data cost nothing', async () => {
  await using server = await start();
  await server.putAlarm();
  await server.put({ MetricName: 'Delay', Value: 20 });
  const before = performance.now();
  await server.aws.clock.advance(90 * 86_400_000);
  expect(performance.now() - before).toBeLessThan(1000);
  expect((await server.alarm())?.StateValue).toBe('INSUFFICIENT_DATA');
});

test('data points, alarms and their states are there after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidegate-cloudwatch-'));
  const read = async (server: Awaited<ReturnType<typeof start>>) => ({
    points: (
      await server.cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Flights',
          MetricName: 'Delay',
          StartTime: at(0),
          EndTime: at(600),
          Period: 60,
          Statistics: ['Sum', 'SampleCount'],
          ExtendedStatistics: ['p90'],
        }),
      )
    ).Datapoints,
    state: (await server.alarm())?.StateValue,
  });
  let before: unknown;
  {
    await using server = await start({ directory });
    await server.putAlarm();
    await server.put({ MetricName: 'Delay', Values: [10, 20, 30] });
    recordMetric(server.aws.world, { namespace: 'Flights', name: 'Delay', dimensions: {}, value: 40 });
    await server.aws.clock.advance(minute);
    before = await read(server);
    expect(before).toMatchObject({ points: [{ Sum: 100, SampleCount: 4 }], state: 'ALARM' });
  }
  {
    await using server = await start({ directory });
    expect(await read(server)).toEqual(before);
    await server.aws.clock.advance(10 * minute);
    expect((await server.alarm())?.StateValue).toBe('INSUFFICIENT_DATA');
  }
  rmSync(directory, { recursive: true });
});
