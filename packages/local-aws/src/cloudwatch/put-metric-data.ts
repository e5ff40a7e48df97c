import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Instant, World } from '../kernel/world.ts';
import { putTally } from './metrics.ts';
import { addSet, addValue, emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

const hourMs = 3600 * 1000;
const mostValues = 150;
const mostDimensions = 30;
const mostMetrics = 1000;

/** Everything in the request is checked before any of it is kept. */
export function putMetricData(world: World, input: PutMetricDataInput): Record<string, never> {
  if (input.EntityMetricData?.length) throw notBuilt('PutMetricData with EntityMetricData');
  const namespace = input.Namespace ?? '';
  if (namespace.startsWith('AWS/')) {
    throw invalidValue(`The value AWS/ for parameter Namespace is invalid.`);
  }
  if (!/^[0-9a-zA-Z.\-_/#: ]{1,255}$/.test(namespace)) {
    throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  }
  const data = input.MetricData ?? [];
  if (data.length > mostMetrics)
    throw invalidValue(`The collection MetricData must not have a size greater than ${mostMetrics}.`);
  const now = world.clock.now();
  const checked = data.map((datum, index) => readDatum(datum, `MetricData.member.${index + 1}`, now));
  for (const { name, dimensions, at, unit, tally } of checked) {
    putTally(world, { namespace, name, dimensions }, at, unit, tally);
  }
  return {};
}

function readDatum(datum: MetricDatum, where: string, now: Instant) {
  const name = datum.MetricName ?? '';
  if (name === '') throw missing(`The parameter ${where}.MetricName is required.`);
  const dimensions = datum.Dimensions ?? [];
  if (dimensions.length > mostDimensions) {
    throw invalidValue(
      `The collection ${where}.Dimensions must not have a size greater than ${mostDimensions}.`,
    );
  }
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidValue(`The value ${resolution} for parameter ${where}.StorageResolution must be 1 or 60.`);
  }
  const timestamp = datum.Timestamp?.getTime() ?? now;
  if (timestamp > now + 2 * hourMs || timestamp < now - 14 * 24 * hourMs) {
    throw invalidValue(
      `The parameter ${where}.Timestamp must be within two weeks before and two hours after now, not ${new Date(timestamp).toISOString()}.`,
    );
  }
  const slotMs = resolution * 1000;
  return {
    name,
    dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name ?? '', Value ?? ''])),
    at: Math.floor(timestamp / slotMs) * slotMs,
    unit: datum.Unit ?? 'None',
    tally: readTally(datum, where),
  };
}

function readTally(datum: MetricDatum, where: string): Tally {
  const given = (['Value', 'StatisticValues', 'Values'] as const).filter(
    (member) => datum[member] !== undefined,
  );
  const [first, second] = given;
  if (second !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameters ${where}.${first} and ${where}.${second} are mutually exclusive and you have specified both.`,
    );
  }
  const tally = emptyTally();
  if (datum.Value !== undefined) {
    addValue(tally, checked(datum.Value, `${where}.Value`));
  } else if (datum.StatisticValues) {
    const { SampleCount, Sum, Minimum, Maximum } = datum.StatisticValues;
    const at = `${where}.StatisticValues`;
    const set = {
      count: checked(SampleCount, `${at}.SampleCount`),
      sum: checked(Sum, `${at}.Sum`),
      min: checked(Minimum, `${at}.Minimum`),
      max: checked(Maximum, `${at}.Maximum`),
    };
    if (set.min > set.max)
      throw invalidValue(`The parameter ${at}.Maximum must be greater than ${at}.Minimum.`);
    addSet(tally, set);
  } else if (datum.Values) {
    const counts = datum.Counts ?? datum.Values.map(() => 1);
    if (datum.Values.length > mostValues) {
      throw invalidValue(`The collection ${where}.Values must not have a size greater than ${mostValues}.`);
    }
    if (counts.length !== datum.Values.length) {
      throw invalidValue(`The parameters ${where}.Values and ${where}.Counts must be of the same size.`);
    }
    for (const [index, value] of datum.Values.entries()) {
      addValue(
        tally,
        checked(value, `${where}.Values.member.${index + 1}`),
        checked(counts[index], `${where}.Counts`),
      );
    }
  } else {
    throw missing(
      `At least one of the parameters ${where}.Value, ${where}.Values and ${where}.StatisticValues must be given.`,
    );
  }
  return tally;
}

function checked(value: number | undefined, where: string): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw invalidValue(`The value ${value} for parameter ${where} is invalid: it must be a finite number.`);
}

const invalidValue = (message: string) => new AwsError('InvalidParameterValue', message);
const missing = (message: string) => new AwsError('MissingParameter', message);
