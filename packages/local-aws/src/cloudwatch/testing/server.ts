import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  type MetricDatum,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { startLocalAws, type LocalAwsOptions } from '../../index.ts';

export const minute = 60_000;
export const ten = new Date('2026-11-23T10:00:00Z');
export const at = (seconds: number) => new Date(ten.getTime() + seconds * 1000);

/** A local AWS on a clock that stands at ten, and what tests of metrics and alarms do over and over. */
export async function start(options: LocalAwsOptions = {}) {
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
