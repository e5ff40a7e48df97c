import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Instant } from '../kernel/world.ts';
import type { Expression, Operator } from './expression.ts';

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

/**
 * Computes metric math. As in CloudWatch, an operation on two series has a value only where both have one, and a division
 * by zero has none.
 */
export function evaluate(expression: Expression, context: MathContext): Value {
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value;
    case 'name':
      return keyword(expression.name) ?? context.resolve(expression.name);
    case 'list':
      return expression.items.flatMap((item) => asSeriesList(evaluate(item, context), context));
    case 'negate':
      return mapValue(evaluate(expression.operand, context), (value) => -value);
    case 'binary':
      return combine(
        evaluate(expression.left, context),
        evaluate(expression.right, context),
        expression.operator,
      );
    case 'call':
      return call(expression, context);
  }
}

function call(expression: Extract<Expression, { kind: 'call' }>, context: MathContext): Value {
  const { name } = expression;
  const args = expression.args.map((arg) => evaluate(arg, context));
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

function combine(left: Value, right: Value, operator: Operator): Value {
  if (typeof left === 'string' || typeof right === 'string') {
    throw new AwsError('ValidationError', `${operator} takes numbers and metrics, not text`);
  }
  if (Array.isArray(left)) return left.map((one) => combine(one, right, operator) as TimeSeries);
  if (Array.isArray(right)) return right.map((one) => combine(left, one, operator) as TimeSeries);
  if (typeof left === 'number' && typeof right === 'number') return operate(left, right, operator);
  const instants = (left instanceof Map ? left : (right as TimeSeries)).keys();
  const result: TimeSeries = new Map();
  for (const at of instants) {
    const a = typeof left === 'number' ? left : left.get(at);
    const b = typeof right === 'number' ? right : right.get(at);
    if (a === undefined || b === undefined) continue;
    const value = operate(a, b, operator);
    if (Number.isFinite(value)) result.set(at, value);
  }
  return result;
}

function operate(a: number, b: number, operator: Operator): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '^':
      return a ** b;
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '<':
      return Number(a < b);
    case '<=':
      return Number(a <= b);
    case '>':
      return Number(a > b);
    case '>=':
      return Number(a >= b);
    case 'AND':
    case '&&':
      return Number(a !== 0 && b !== 0);
    case 'OR':
    case '||':
      return Number(a !== 0 || b !== 0);
  }
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

const mapValue = (value: Value, change: (value: number) => number): Value =>
  typeof value === 'number'
    ? change(value)
    : mapSeries(value, (series) => new Map([...series].map(([at, one]) => [at, change(one)])));

function mapSeries(value: Value, change: (series: TimeSeries) => TimeSeries): Value {
  if (Array.isArray(value)) return value.map(change);
  if (value instanceof Map) return change(value);
  throw new AwsError('ValidationError', `Expected a metric, found ${JSON.stringify(value)}`);
}

function asSeriesList(value: Value, context: MathContext): TimeSeries[] {
  if (Array.isArray(value)) return value;
  return [value instanceof Map ? value : constant(Number(value), context)];
}

const constant = (value: number, context: MathContext): TimeSeries =>
  new Map(context.grid.map((at) => [at, value]));

/** Words that stand where a value is expected. */
const keyword = (name: string): Value | undefined =>
  ({ REPEAT: 'REPEAT', LINEAR: 'LINEAR', TRUE: 1, FALSE: 0 })[name];

function need(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new AwsError('ValidationError', `${name} needs another argument`);
  return value;
}
