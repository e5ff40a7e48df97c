import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type MetricAlarm,
  type MetricDataQuery,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { given, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { dimensionList, type Query } from './metrics.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

export type AlarmSpec = {
  name: string;
  description: string;
  /** One metric, or an expression over several that are named by its letters: `100 * errors / requests`. */
  watch: Query | { expression: string; label: string; queries: Record<string, Query> };
  periodSeconds: number;
  evaluationPeriods: number;
  /** Consecutive datapoints above it put the alarm into ALARM. */
  above: number;
  missingData: MissingData;
  tags: Record<string, string>;
};

export type Alarm = {
  name: string;
  state: AlarmState;
  reason: string;
  since: number;
  /** 0 for a composite alarm, whose window is that of the alarms below it. */
  periodSeconds: number;
  evaluationPeriods: number;
  missingData: MissingData;
  threshold: number | undefined;
  /** Of the metric it watches, or of all the metrics of its expression. */
  dimensions: Record<string, string>;
};

/** Names per call. */
const namesPerCall = 100;

export function alarms(aws: Aws) {
  const client = () => aws.client(CloudWatchClient);
  return {
    /** Creates or replaces. A new alarm is in INSUFFICIENT_DATA; a replaced one keeps its state until it is evaluated. */
    async put(spec: AlarmSpec): Promise<void> {
      await client().send(new PutMetricAlarmCommand(request(spec)));
    },

    /** Those of the named alarms that exist, metric and composite. */
    async find(names: readonly string[]): Promise<Alarm[]> {
      const found: Alarm[] = [];
      for (let at = 0; at < names.length; at += namesPerCall) {
        const page = await client().send(
          new DescribeAlarmsCommand({
            AlarmNames: names.slice(at, at + namesPerCall),
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          }),
        );
        found.push(...(page.MetricAlarms ?? []).map(fromAws));
        for (const composite of page.CompositeAlarms ?? []) found.push(fromAws({ ...composite, Period: 0 }));
      }
      return found;
    },

    /** When and why an alarm went into ALARM between two instants, oldest first. */
    async firings(
      name: string,
      { from, to }: { from: number; to: number },
    ): Promise<{ at: number; summary: string }[]> {
      const firings: { at: number; summary: string }[] = [];
      let token: string | undefined;
      do {
        const page = await client().send(
          new DescribeAlarmHistoryCommand({
            AlarmName: name,
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            HistoryItemType: 'StateUpdate',
            StartDate: new Date(from),
            EndDate: new Date(to),
            ScanBy: 'TimestampAscending',
            NextToken: token,
          }),
        );
        for (const { Timestamp, HistorySummary = '' } of page.AlarmHistoryItems ?? [])
          if (/to ALARM$/i.test(HistorySummary))
            firings.push({ at: Timestamp?.getTime() ?? 0, summary: HistorySummary });
        token = page.NextToken;
      } while (token !== undefined);
      return firings;
    },
  };
}

function request(spec: AlarmSpec): PutMetricAlarmCommandInput {
  const { name, description, watch, periodSeconds, evaluationPeriods, above, missingData, tags } = spec;
  return {
    AlarmName: name,
    AlarmDescription: description,
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: evaluationPeriods,
    Threshold: above,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: missingData,
    Tags: tagList(tags),
    ...('expression' in watch
      ? { Metrics: expressionQueries(watch, periodSeconds) }
      : {
          Namespace: watch.namespace,
          MetricName: watch.name,
          Dimensions: dimensionList(watch.dimensions),
          Period: periodSeconds,
          ...(/^p\d/.test(watch.statistic)
            ? { ExtendedStatistic: watch.statistic }
            : { Statistic: watch.statistic as 'Sum' }),
        }),
  };
}

function expressionQueries(
  watch: Extract<AlarmSpec['watch'], { expression: string }>,
  periodSeconds: number,
): MetricDataQuery[] {
  const inputs = Object.entries(watch.queries).map(([id, { namespace, name, dimensions, statistic }]) => ({
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionList(dimensions) },
      Period: periodSeconds,
      Stat: statistic,
    },
  }));
  return [{ Id: 'watched', Expression: watch.expression, Label: watch.label, ReturnData: true }, ...inputs];
}

function fromAws(alarm: MetricAlarm): Alarm {
  const stats = (alarm.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat ?? []);
  const dimensions = [
    ...(alarm.Dimensions ?? []),
    ...stats.flatMap(({ Metric }) => Metric?.Dimensions ?? []),
  ];
  return {
    name: given(alarm.AlarmName, 'AlarmName'),
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    reason: alarm.StateReason ?? '',
    since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0,
    periodSeconds: alarm.Period ?? Math.max(0, ...stats.map(({ Period }) => Period ?? 0)),
    evaluationPeriods: alarm.EvaluationPeriods ?? 1,
    missingData: (alarm.TreatMissingData as MissingData | undefined) ?? 'missing',
    threshold: alarm.Threshold,
    dimensions: Object.fromEntries(dimensions.map(({ Name = '', Value = '' }) => [Name, Value])),
  };
}
