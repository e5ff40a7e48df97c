import type {
  CompositeAlarm,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { alarmTable } from './alarm-records.ts';
import type { AlarmRecord } from './alarm-records.ts';
import { alarmQueries } from './alarm-queries.ts';
import { alarmsIn, parseRule } from './composite-rule.ts';
import { alarmHistory } from './history.ts';
import { pageOf } from './page.ts';
import { metricId } from './queries.ts';
import { metricKey } from './series.ts';

/** Metric alarms only, unless AlarmTypes says otherwise: as AWS does. */
export function describeAlarms(world: World, input: DescribeAlarmsInput): DescribeAlarmsOutput {
  if (input.ParentsOfAlarmName !== undefined) throw notBuilt('DescribeAlarms with ParentsOfAlarmName');
  const types: readonly string[] = input.AlarmTypes ?? ['MetricAlarm'];
  const children =
    input.ChildrenOfAlarmName === undefined ? undefined : childrenOf(world, input.ChildrenOfAlarmName);
  const matching = alarmTable(world)
    .values()
    .filter(
      (alarm) =>
        (children !== undefined ||
          types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm')) &&
        (children?.includes(alarm.name) ?? true) &&
        (input.AlarmNames?.includes(alarm.name) ?? true) &&
        alarm.name.startsWith(input.AlarmNamePrefix ?? '') &&
        (input.StateValue === undefined || alarm.state === input.StateValue) &&
        (input.ActionPrefix === undefined ||
          actionsOf(alarm).some((action) => action.startsWith(input.ActionPrefix ?? ''))),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, NextToken } = pageOf(matching, input.MaxRecords ?? 50, input.NextToken);
  return {
    MetricAlarms: items.flatMap((alarm) => (alarm.kind === 'metric' ? [metricAlarm(alarm)] : [])),
    CompositeAlarms: items.flatMap((alarm) => (alarm.kind === 'composite' ? [compositeAlarm(alarm)] : [])),
    ...(NextToken !== undefined && { NextToken }),
  };
}

export function describeAlarmsForMetric(
  world: World,
  input: DescribeAlarmsForMetricInput,
): DescribeAlarmsForMetricOutput {
  const key = metricKey(metricId(input));
  const statistic = input.Statistic ?? input.ExtendedStatistic;
  const matching = alarmTable(world)
    .values()
    .filter((alarm) => alarm.kind === 'metric')
    .filter(({ settings }) =>
      alarmQueries(settings).some(
        ({ MetricStat: stat }) =>
          stat !== undefined &&
          metricKey(metricId(stat.Metric)) === key &&
          (statistic === undefined || stat.Stat === statistic) &&
          (input.Period === undefined || stat.Period === input.Period),
      ),
    );
  return { MetricAlarms: matching.map(metricAlarm) };
}

export function describeAlarmHistory(
  world: World,
  input: DescribeAlarmHistoryInput,
): DescribeAlarmHistoryOutput {
  const types: readonly string[] = input.AlarmTypes ?? ['MetricAlarm'];
  const matching = alarmHistory(world).filter(
    (item) =>
      types.includes(item.alarmType) &&
      (input.AlarmName === undefined || item.alarm === input.AlarmName) &&
      (input.HistoryItemType === undefined || item.type === input.HistoryItemType) &&
      item.at >= (input.StartDate?.getTime() ?? -Infinity) &&
      item.at <= (input.EndDate?.getTime() ?? Infinity),
  );
  if (input.ScanBy !== 'TimestampAscending') matching.reverse();
  const { items, NextToken } = pageOf(matching, input.MaxRecords ?? 100, input.NextToken);
  return {
    AlarmHistoryItems: items.map((item) => ({
      AlarmName: item.alarm,
      AlarmType: item.alarmType,
      Timestamp: new Date(item.at),
      HistoryItemType: item.type,
      HistorySummary: item.summary,
      HistoryData: item.data,
    })),
    ...(NextToken !== undefined && { NextToken }),
  };
}

function metricAlarm(alarm: AlarmRecord & { kind: 'metric' }): MetricAlarm {
  const { Tags: _, ...settings } = alarm.settings;
  return { ...common(alarm), ...settings, ActionsEnabled: alarm.actionsEnabled };
}

function compositeAlarm(alarm: AlarmRecord & { kind: 'composite' }): CompositeAlarm {
  const { Tags: _, ...settings } = alarm.settings;
  return { ...common(alarm), ...settings, ActionsEnabled: alarm.actionsEnabled };
}

const common = (alarm: AlarmRecord) => ({
  AlarmArn: alarm.arn,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  StateValue: alarm.state,
  StateReason: alarm.reason,
  ...(alarm.reasonData !== undefined && { StateReasonData: alarm.reasonData }),
  StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
  StateTransitionedTimestamp: new Date(alarm.stateChangedAt),
  OKActions: [],
  AlarmActions: [],
  InsufficientDataActions: [],
  Dimensions: [],
});

const actionsOf = ({ settings }: AlarmRecord) => [
  ...(settings.OKActions ?? []),
  ...(settings.AlarmActions ?? []),
  ...(settings.InsufficientDataActions ?? []),
];

function childrenOf(world: World, name: string): string[] {
  const alarm = alarmTable(world).get(name);
  return alarm?.kind === 'composite' ? alarmsIn(parseRule(alarm.settings.AlarmRule ?? '')) : [];
}
