import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';

/** What a metric alarm computes, as queries: an alarm on one plain metric is a list of one. */
export function alarmQueries(settings: PutMetricAlarmInput): MetricDataQuery[] {
  if (settings.Metrics) return settings.Metrics;
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic, Unit } = settings;
  return [
    {
      Id: 'm1',
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions },
        Period,
        Stat: Statistic ?? ExtendedStatistic,
        Unit,
      },
    },
  ];
}

/** The id of the one query whose result is compared with the threshold. */
export const watchedId = (queries: readonly MetricDataQuery[]): string =>
  (queries.find((query) => query.ReturnData ?? true) ?? queries[0])?.Id ?? '';
