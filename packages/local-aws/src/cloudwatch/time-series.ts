import { AwsError } from '../kernel/errors.ts';
import type { Instant } from '../kernel/world.ts';

/** Period start → value; a period without data has no entry. */
export type TimeSeries = Map<Instant, number>;
/** A number, a series, several series, or the text that some functions take. */
export type Value = number | TimeSeries | TimeSeries[] | string;

export type MathContext = {
  /** Every period start of the range, ascending. */
  readonly grid: readonly Instant[];
  readonly periodSeconds: number;
  /** By id, in the order of the query; metrics only (not expressions) are what `METRICS()` means. */
  resolve(id: string): Value;
  metrics(): { id: string; series: TimeSeries }[];
};

/** The same change to every number of a value. */
export const mapValue = (value: Value, change: (value: number) => number): Value =>
  typeof value === 'number'
    ? change(value)
    : mapSeries(value, (series) => new Map([...series].map(([at, one]) => [at, change(one)])));

export function mapSeries(value: Value, change: (series: TimeSeries) => TimeSeries): Value {
  if (Array.isArray(value)) return value.map(change);
  if (value instanceof Map) return change(value);
  throw new AwsError('ValidationError', `Expected a metric, found ${JSON.stringify(value)}`);
}

export function asSeriesList(value: Value, context: MathContext): TimeSeries[] {
  if (Array.isArray(value)) return value;
  return [value instanceof Map ? value : constant(Number(value), context)];
}

export const constant = (value: number, context: MathContext): TimeSeries =>
  new Map(context.grid.map((at) => [at, value]));
