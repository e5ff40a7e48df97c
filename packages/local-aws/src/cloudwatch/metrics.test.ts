import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import { at, start } from './testing/server.ts';

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
