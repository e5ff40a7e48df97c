import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Instant, World } from '../kernel/world.ts';
import { parseExpression } from './expression.ts';
import { evaluate } from './math.ts';
import type { TimeSeries, Value } from './time-series.ts';
import { seriesOf } from './metrics.ts';
import { tallies } from './series.ts';
import type { MetricId, Series } from './series.ts';
import { isStatistic, statistic } from './tally.ts';

export type Range = { from: Instant; to: Instant };
/** `offset` shifts the periods off the clock's own: alarms look back from the moment they are evaluated. */
export type PeriodRange = Range & { offset?: number };

/** Queries are refused before anything is computed, in CloudWatch's words where those are known. */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  const ids = new Set<string>();
  for (const query of queries) {
    const id = query.Id ?? '';
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(id)) {
      throw invalid(
        `The value ${id} for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    }
    if (ids.has(id)) throw invalid(`The values for parameter id in MetricDataQueries are not unique.`);
    ids.add(id);
    if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
      throw invalid(`Query ${id} must have either MetricStat or Expression, and not both.`);
    }
    if (query.MetricStat) checkStat(query.MetricStat);
    if (query.Expression !== undefined) {
      if (
        /\b(SEARCH|ANOMALY_DETECTION_BAND|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS|SELECT)\b/i.test(
          query.Expression,
        )
      ) {
        throw notBuilt(`The metric expression ${query.Expression}`);
      }
      parseExpression(query.Expression);
    }
  }
}

function checkStat({ Stat, Period }: MetricStat) {
  if (!isStatistic(Stat ?? '')) throw notBuilt(`The statistic ${Stat}`);
  checkPeriod(Period);
}

export function checkPeriod(period: number | undefined): void {
  if (period === undefined || !([1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0))) {
    throw invalid(`The value ${period} for parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.`);
  }
}

/** Computes every query of a request; the answer has them by id, in their order. */
export function runQueries(
  world: World,
  queries: readonly MetricDataQuery[],
  range: PeriodRange,
): Map<string, TimeSeries> {
  const periodSeconds = longestPeriod(queries);
  const periodMs = periodSeconds * 1000;
  const done = new Map<string, Value>();
  const underway = new Set<string>();

  const resolve = (id: string): Value => {
    const known = done.get(id);
    if (known !== undefined) return known;
    const query = queries.find((one) => one.Id === id);
    if (query === undefined) throw invalid(`The expression uses ${id}, which is no Id of this request.`);
    if (underway.has(id)) throw invalid(`The expression ${id} depends on itself.`);
    underway.add(id);
    const value = query.MetricStat
      ? measured(world, query.MetricStat, range)
      : evaluate(parseExpression(query.Expression ?? ''), context);
    underway.delete(id);
    done.set(id, value);
    return value;
  };
  const grid: Instant[] = [];
  for (let at = aligned(range.from, periodMs, range.offset); at < range.to; at += periodMs) grid.push(at);
  const context = {
    grid,
    periodSeconds,
    resolve,
    metrics: () =>
      queries
        .filter((query) => query.MetricStat)
        .map((query) => ({ id: query.Id ?? '', series: resolve(query.Id ?? '') as TimeSeries })),
  };
  return new Map(
    queries.map((query) => [query.Id ?? '', asSeries(resolve(query.Id ?? ''), query.Id ?? '', grid)]),
  );
}

export function longestPeriod(queries: readonly MetricDataQuery[]): number {
  return Math.max(1, ...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 1));
}

/** The metrics that a list of queries reads. */
export const seriesRead = (world: World, queries: readonly MetricDataQuery[]): Series[] =>
  queries.flatMap((query) => (query.MetricStat ? [seriesOf(world, metricId(query.MetricStat.Metric))] : []));

export function metricId(
  metric:
    | {
        Namespace?: string | undefined;
        MetricName?: string | undefined;
        Dimensions?: { Name?: string | undefined; Value?: string | undefined }[] | undefined;
      }
    | undefined,
): MetricId {
  return {
    namespace: metric?.Namespace ?? '',
    name: metric?.MetricName ?? '',
    dimensions: Object.fromEntries(
      (metric?.Dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']),
    ),
  };
}

function measured(world: World, stat: MetricStat, range: PeriodRange): TimeSeries {
  const periodMs = (stat.Period ?? 60) * 1000;
  const from = aligned(range.from, periodMs, range.offset);
  const found = tallies(seriesOf(world, metricId(stat.Metric)), {
    ...range,
    from,
    periodMs,
    unit: stat.Unit,
  });
  const values: TimeSeries = new Map();
  for (const [at, tally] of found) {
    const value = statistic(tally, stat.Stat ?? '');
    if (value !== undefined) values.set(at, value);
  }
  return values;
}

export const aligned = (at: Instant, periodMs: number, offset = 0): Instant =>
  Math.floor((at - offset) / periodMs) * periodMs + offset;

function asSeries(value: Value, id: string, grid: readonly Instant[]): TimeSeries {
  if (value instanceof Map) return value;
  if (typeof value === 'number') return new Map(Number.isFinite(value) ? grid.map((at) => [at, value]) : []);
  throw invalid(`The result of ${id} is not one time series.`);
}

const invalid = (message: string) => new AwsError('ValidationError', message);
