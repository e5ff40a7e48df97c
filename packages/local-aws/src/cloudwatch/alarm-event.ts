import type { AwsEvent } from '../kernel/world.ts';
import type { AlarmRecord } from './alarm-records.ts';
import { alarmQueries } from './alarm-queries.ts';
import { awsTime } from './evaluation.ts';

/** The EventBridge event of an alarm that changed, in CloudWatch's own spelling. */
export function alarmChangeEvent(before: AlarmRecord, after: AlarmRecord): AwsEvent {
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [after.arn],
    detail: {
      alarmName: after.name,
      state: stateDetail(after),
      previousState: stateDetail(before),
      configuration: {
        ...(after.settings.AlarmDescription !== undefined && {
          description: after.settings.AlarmDescription,
        }),
        ...(after.kind === 'metric'
          ? { metrics: alarmQueries(after.settings).map(metricDetail) }
          : { alarmRule: after.settings.AlarmRule }),
      },
    },
  };
}

const stateDetail = (alarm: AlarmRecord) => ({
  value: alarm.state,
  reason: alarm.reason,
  ...(alarm.reasonData !== undefined && { reasonData: alarm.reasonData }),
  timestamp: awsTime(alarm.stateUpdatedAt),
});

function metricDetail(query: ReturnType<typeof alarmQueries>[number]) {
  const { Id: id, Expression: expression, Label: label, MetricStat: stat } = query;
  const dimensions = Object.fromEntries(
    (stat?.Metric?.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
  );
  const metric = { namespace: stat?.Metric?.Namespace, name: stat?.Metric?.MetricName, dimensions };
  return {
    id,
    ...(expression !== undefined && { expression }),
    ...(label !== undefined && { label }),
    ...(stat && { metricStat: { metric, period: stat.Period, stat: stat.Stat } }),
    returnData: query.ReturnData ?? true,
  };
}
