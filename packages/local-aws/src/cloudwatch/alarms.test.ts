import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  PutCompositeAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import { recordMetric } from './metrics.ts';
import { at, minute, start } from './testing/server.ts';

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
