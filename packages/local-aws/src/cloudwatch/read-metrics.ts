import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { allSeries, seriesOf } from './metrics.ts';
import { pageOf } from './page.ts';
import { aligned, checkPeriod, checkQueries, metricId, runQueries } from './queries.ts';
import { tallies } from './series.ts';
import type { Series } from './series.ts';
import { isStatistic, statistic } from './tally.ts';

const mostDatapoints = 100_800;
const mostStatisticsDatapoints = 1440;

export function getMetricData(world: World, input: GetMetricDataInput): GetMetricDataOutput {
  const queries = input.MetricDataQueries ?? [];
  checkQueries(queries);
  const range = timeRange(input);
  const results = runQueries(world, queries, range);
  const returned = queries.filter((query) => query.ReturnData ?? true);
  const newestFirst = input.ScanBy !== 'TimestampAscending';
  const size = Math.max(
    1,
    Math.floor((input.MaxDatapoints ?? mostDatapoints) / Math.max(1, returned.length)),
  );
  const from = input.NextToken === undefined ? 0 : offsetOf(input.NextToken);
  let more = false as boolean;
  const MetricDataResults = returned.map((query) => {
    const points = [...(results.get(query.Id ?? '') ?? new Map<number, number>())].sort(([a], [b]) =>
      newestFirst ? b - a : a - b,
    );
    const page = points.slice(from, from + size);
    const cut = points.length > from + size;
    more ||= cut;
    return {
      Id: query.Id,
      Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
      Timestamps: page.map(([at]) => new Date(at)),
      Values: page.map(([, value]) => value),
      StatusCode: cut ? ('PartialData' as const) : ('Complete' as const),
    };
  });
  return { MetricDataResults, Messages: [], ...(more && { NextToken: String(from + size) }) };
}

export function getMetricStatistics(
  world: World,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput {
  const names = [...(input.Statistics ?? []), ...(input.ExtendedStatistics ?? [])];
  if (names.length === 0) {
    throw new AwsError(
      'MissingParameter',
      'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
    );
  }
  const unknown = names.find((name) => !isStatistic(name));
  if (unknown !== undefined) throw notBuilt(`The statistic ${unknown}`);
  checkPeriod(input.Period);
  const { from, to } = timeRange(input);
  const periodMs = (input.Period ?? 60) * 1000;
  const asked = Math.ceil((to - from) / periodMs);
  if (asked > mostStatisticsDatapoints) {
    throw new AwsError(
      'InvalidParameterCombination',
      `You have requested up to ${asked} datapoints, which exceeds the limit of ${mostStatisticsDatapoints}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const range = { from: aligned(from, periodMs), to, periodMs, unit: input.Unit };
  const Datapoints = [...tallies(seriesOf(world, metricId(input)), range)].map(([at, tally]) => ({
    Timestamp: new Date(at),
    Unit: input.Unit ?? unitOf(seriesOf(world, metricId(input))),
    ...Object.fromEntries((input.Statistics ?? []).map((name) => [name, statistic(tally, name)])),
    ...(input.ExtendedStatistics && {
      ExtendedStatistics: Object.fromEntries(
        input.ExtendedStatistics.flatMap((name) => {
          const value = statistic(tally, name);
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    }),
  }));
  return { Label: input.MetricName, Datapoints };
}

export function listMetrics(world: World, input: ListMetricsInput): ListMetricsOutput {
  const recentMs = 3 * 3600 * 1000;
  const matching = allSeries(world).filter(
    ({ id, lastRecorded }) =>
      (input.Namespace === undefined || id.namespace === input.Namespace) &&
      (input.MetricName === undefined || id.name === input.MetricName) &&
      (input.RecentlyActive === undefined || lastRecorded > world.clock.now() - recentMs) &&
      (input.Dimensions ?? []).every(
        ({ Name, Value }) =>
          Name !== undefined &&
          Name in id.dimensions &&
          (Value === undefined || id.dimensions[Name] === Value),
      ),
  );
  const { items, NextToken } = pageOf(matching, 500, input.NextToken);
  return {
    Metrics: items.map(({ id }) => ({
      Namespace: id.namespace,
      MetricName: id.name,
      Dimensions: Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(NextToken !== undefined && { NextToken }),
  };
}

const unitOf = (series: Series) => (series.points.at(-1)?.unit ?? 'None') as 'None';

function timeRange(input: { StartTime?: Date | undefined; EndTime?: Date | undefined }) {
  const from = input.StartTime?.getTime() ?? NaN;
  const to = input.EndTime?.getTime() ?? NaN;
  if (!(from < to))
    throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  return { from, to };
}

function offsetOf(token: string): number {
  if (/^\d+$/.test(token)) return Number(token);
  throw new AwsError('InvalidNextToken', `The token ${token} is not one that this server handed out.`);
}
