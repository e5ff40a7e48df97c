/**
 * What is known of the values of one metric in one period. Values are kept one by one (with how often each came), so
 * that percentiles are exact; beyond `mostValues` different ones they are rounded to three significant digits, which
 * bounds the memory and moves a percentile by less than 0.5 %.
 */
export type Tally = {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Value → how often; `undefined` where a statistic set came in, of which only the sums are known. */
  values: Map<number, number> | undefined;
  rounded: boolean;
};

/** Sum, count and extremes of values that were put together by the sender. */
export type StatisticSet = { count: number; sum: number; min: number; max: number };

const mostValues = 4096;

export const emptyTally = (): Tally => ({
  count: 0,
  sum: 0,
  min: Infinity,
  max: -Infinity,
  values: new Map(),
  rounded: false,
});

export function addValue(tally: Tally, value: number, times = 1): void {
  extend(tally, { count: times, sum: value * times, min: value, max: value });
  if (tally.values) keep(tally, tally.values, value, times);
}

/** A set of one value, or of equal values, is those values; of any other the percentiles are unknown, as in CloudWatch. */
export function addSet(tally: Tally, set: StatisticSet): void {
  if (set.min === set.max) return addValue(tally, set.min, set.count);
  extend(tally, set);
  tally.values = undefined;
}

export function merge(into: Tally, from: Tally): void {
  if (from.values === undefined) return addSet(into, from);
  for (const [value, times] of from.values) {
    if (into.values) keep(into, into.values, value, times);
  }
  extend(into, from);
}

/** @returns the statistic by CloudWatch's name (`Sum`, `p99.9`, …), or nothing where it is unknown */
export function statistic(tally: Tally, name: string): number | undefined {
  if (tally.count === 0) return undefined;
  switch (name) {
    case 'SampleCount':
      return tally.count;
    case 'Sum':
      return tally.sum;
    case 'Average':
      return tally.sum / tally.count;
    case 'Minimum':
      return tally.min;
    case 'Maximum':
      return tally.max;
    default: {
      const fraction = percentileFraction(name);
      return fraction === undefined ? undefined : percentile(tally, fraction);
    }
  }
}

const plainStatistics = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'];

export const isStatistic = (name: string): boolean =>
  plainStatistics.includes(name) || percentileFraction(name) !== undefined;

/** `p99.9` → 0.999 */
function percentileFraction(name: string): number | undefined {
  const percent = /^p(\d{1,2}(\.\d{1,10})?|100)$/.exec(name)?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/** Linear between the two nearest ranks (Hyndman and Fan 1996, definition 7; the default of NumPy and R). */
function percentile(tally: Tally, fraction: number): number | undefined {
  if (tally.values === undefined) return undefined;
  const sorted = [...tally.values].sort(([a], [b]) => a - b);
  const rank = fraction * (tally.count - 1);
  const below = valueAt(sorted, Math.floor(rank));
  const above = valueAt(sorted, Math.ceil(rank));
  return below + (above - below) * (rank - Math.floor(rank));
}

function valueAt(sorted: readonly (readonly [number, number])[], rank: number): number {
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (rank < seen) return value;
  }
  return sorted.at(-1)?.[0] ?? NaN;
}

function extend(tally: Tally, set: StatisticSet) {
  tally.count += set.count;
  tally.sum += set.sum;
  tally.min = Math.min(tally.min, set.min);
  tally.max = Math.max(tally.max, set.max);
}

function keep(tally: Tally, values: Map<number, number>, value: number, times: number) {
  const kept = tally.rounded ? Number(value.toPrecision(3)) : value;
  values.set(kept, (values.get(kept) ?? 0) + times);
  if (tally.rounded || values.size <= mostValues) return;
  tally.rounded = true;
  const exact = [...values];
  values.clear();
  for (const [old, count] of exact) keep(tally, values, old, count);
}
