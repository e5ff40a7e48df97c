import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Instant } from '../kernel/world.ts';
import { asSeriesList, constant, mapSeries, mapValue } from './time-series.ts';
import type { MathContext, TimeSeries, Value } from './time-series.ts';

/** A function of metric math, by its name and its computed arguments. */
export function callFunction(name: string, args: readonly Value[], context: MathContext): Value {
  const [first, second, third] = args;
  const aggregate = aggregates[name];
  if (aggregate) return aggregated(need(first, name), aggregate);
  const plain = elementwise[name];
  if (plain) return mapValue(need(first, name), plain);
  const along = alongTime[name];
  if (along) return mapSeries(need(first, name), (series) => along(series, context));
  switch (name) {
    case 'METRICS':
      return context
        .metrics()
        .filter(({ id }) => first === undefined || (typeof first === 'string' && id.includes(first)))
        .map(({ series }) => series);
    case 'METRIC_COUNT':
      return asSeriesList(need(first, name), context).length;
    case 'PERIOD':
      return context.periodSeconds;
    case 'TIME_SERIES':
      return constant(Number(need(first, name)), context);
    case 'FILL':
      return mapSeries(need(first, name), (series) => fill(series, need(second, name), context));
    case 'IF':
      return choose(need(first, name), need(second, name), third, context);
    default:
      throw notBuilt(`The metric math function ${name}`);
  }
}

type Fold = (values: readonly number[]) => number;
const sum: Fold = (values) => values.reduce((total, value) => total + value, 0);
const mean: Fold = (values) => sum(values) / values.length;

/** Of one series: a number. Of several: a series, over those that have a value in the period. */
const aggregates: Record<string, Fold> = {
  SUM: sum,
  AVG: mean,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
  STDDEV: (values) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))),
};

const elementwise: Record<string, (value: number) => number> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

const alongTime: Record<string, (series: TimeSeries, context: MathContext) => TimeSeries> = {
  DIFF: (series) => pairwise(series, (value, before) => value - before),
  RATE: (series) => pairwise(series, (value, before, seconds) => (value - before) / seconds),
  RUNNING_SUM: (series) => {
    let total = 0;
    return new Map([...series].map(([at, value]) => [at, (total += value)]));
  },
};

function aggregated(value: Value, fold: Fold): Value {
  if (typeof value === 'number') return value;
  if (value instanceof Map) return value.size === 0 ? NaN : fold([...value.values()]);
  if (typeof value === 'string') throw new AwsError('ValidationError', `"${value}" is not a metric`);
  const instants = [...new Set(value.flatMap((series) => [...series.keys()]))].sort((a, b) => a - b);
  return new Map(
    instants.map((at) => [
      at,
      fold(value.map((series) => series.get(at)).filter((one) => one !== undefined)),
    ]),
  );
}

/** Where the condition has no value, neither has the result; a branch that is missing leaves a gap. */
function choose(condition: Value, yes: Value, no: Value | undefined, context: MathContext): Value {
  if (typeof condition === 'number') return condition === 0 ? (no ?? new Map<Instant, number>()) : yes;
  const branch = (value: Value | undefined, at: Instant) =>
    value instanceof Map ? value.get(at) : (value as number | undefined);
  return mapSeries(condition, (series) => {
    const result: TimeSeries = new Map();
    for (const at of context.grid) {
      const decided = series.get(at);
      if (decided === undefined) continue;
      const value = branch(decided === 0 ? no : yes, at);
      if (value !== undefined) result.set(at, value);
    }
    return result;
  });
}

function fill(series: TimeSeries, filler: Value, context: MathContext): TimeSeries {
  const result: TimeSeries = new Map();
  let last: number | undefined;
  for (const at of context.grid) {
    const own = series.get(at);
    const value = own ?? (filler === 'REPEAT' ? last : filler instanceof Map ? filler.get(at) : filler);
    if (value === undefined) continue;
    if (typeof value !== 'number') throw notBuilt(`FILL with ${JSON.stringify(value)}`);
    result.set(at, (last = value));
  }
  return result;
}

function pairwise(
  series: TimeSeries,
  change: (value: number, before: number, seconds: number) => number,
): TimeSeries {
  const entries = [...series].sort(([a], [b]) => a - b);
  return new Map(
    entries.slice(1).map(([at, value], index) => {
      const [before, old] = entries[index] as [Instant, number];
      return [at, change(value, old, (at - before) / 1000)];
    }),
  );
}

function need(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new AwsError('ValidationError', `${name} needs another argument`);
  return value;
}
