import { between } from '../math/between.ts';
import { distinctTexts, topTexts, addCategory } from '../profile/categories.ts';
import { bucketsOf } from '../profile/buckets.ts';
import type { Buckets } from '../profile/buckets.ts';
import type { Moments } from '../profile/moments.ts';
import { addNumber, centreOf } from '../profile/numbers.ts';
import { inferredType, missingIn, newColumnProfile, presentIn } from '../profile/profile.ts';
import type { ColumnProfile, InferredType, Profile } from '../profile/profile.ts';
import { UserError } from '../user-error.ts';

/** statistics.json of SageMaker Model Monitor. */
export type Statistics = {
  version: number;
  dataset: { item_count: number };
  features: FeatureStatistics[];
};

type Common = { num_present: number; num_missing: number };
export type FeatureStatistics = {
  name: string;
  inferred_type: InferredType;
  numerical_statistics?: {
    common: Common;
    mean: number;
    sum: number;
    std_dev: number;
    min: number;
    max: number;
    distribution: {
      kll: {
        buckets: { lower_bound: number; upper_bound: number; count: number }[];
        sketch: { parameters: { c: number; k: number }; data: number[][] };
      };
    };
  };
  string_statistics?: {
    common: Common;
    distinct_count: number;
    distribution: { categorical: { buckets: { value: string; count: number }[] } };
  };
};

export function profileToStatistics(profile: Profile): Statistics {
  return {
    version: 0,
    dataset: { item_count: profile.rows },
    features: profile.columns.map(featureStatistics),
  };
}

const TOP_VALUES = 100;
const WIDTHS = 10;
/** The size at which Deequ's KLL sketch compacts; ours is a sketch of the same form with the same weights. */
const KLL = { c: 0.64, k: 2048 };

function featureStatistics(column: ColumnProfile): FeatureStatistics {
  const type = inferredType(column);
  const common = { num_present: presentIn(column), num_missing: missingIn(column) };
  const hasNumbers = column.numbers.moments.count > 0;
  if (type === 'Unknown' || (type !== 'String' && !hasNumbers)) {
    return { name: column.name, inferred_type: type };
  }
  if (type === 'String') {
    return {
      name: column.name,
      inferred_type: type,
      string_statistics: {
        common,
        distinct_count: distinctTexts(column.texts).value,
        distribution: {
          categorical: {
            buckets: topTexts(column.texts, TOP_VALUES).map(({ text, count }) => ({ value: text, count })),
          },
        },
      },
    };
  }
  const { moments, histogram } = column.numbers;
  const buckets = bucketsOf(histogram);
  const { mean, deviation } = centreOf(column.numbers);
  return {
    name: column.name,
    inferred_type: type,
    numerical_statistics: {
      common,
      mean,
      sum: finiteSum(mean, moments),
      std_dev: deviation,
      min: moments.min,
      max: moments.max,
      distribution: {
        kll: {
          buckets: equalWidths(buckets, moments.min, moments.max),
          sketch: { parameters: KLL, data: kllLevels(buckets) },
        },
      },
    },
  };
}

/** JSON knows no infinity: a sum beyond the largest double is that one. */
function finiteSum(mean: number, { sum, correction }: Moments): number {
  if (Number.isFinite(sum)) return sum + correction;
  return mean < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
}

function equalWidths(
  buckets: Buckets,
  min: number,
  max: number,
): { lower_bound: number; upper_bound: number; count: number }[] {
  const width = max / WIDTHS - min / WIDTHS;
  const made = Array.from({ length: WIDTHS }, (_, i) => ({
    lower_bound: between(min, max, i / WIDTHS),
    upper_bound: i === WIDTHS - 1 ? max : between(min, max, (i + 1) / WIDTHS),
    count: 0,
  }));
  buckets.counts.forEach((count, i) => {
    const middle = buckets.lower[i]! / 2 + buckets.upper[i]! / 2;
    const at = width > 0 ? Math.floor((middle - min) / width) : 0;
    made[Math.min(WIDTHS - 1, Math.max(0, at))]!.count += count;
  });
  return made;
}

/** A KLL sketch: a value on level l stands for 2^l values. n's binary digits say how many are on each level below the top. */
function kllLevels(buckets: Buckets): number[][] {
  const n = buckets.total;
  const top = Math.max(0, Math.ceil(Math.log2(n / KLL.k)));
  const levels: number[][] = Array.from({ length: top + 1 }, () => []);
  let bucket = 0;
  let before = 0;
  let taken = 0;
  const takeAt = (level: number): void => {
    const rank = taken + 2 ** level / 2;
    while (bucket < buckets.counts.length - 1 && before + buckets.counts[bucket]! <= rank) {
      before += buckets.counts[bucket++]!;
    }
    levels[level]!.push(buckets.lower[bucket]! / 2 + buckets.upper[bucket]! / 2);
    taken += 2 ** level;
  };
  for (let level = 0; level < top; level++) if (Math.floor(n / 2 ** level) % 2 === 1) takeAt(level);
  const onTop = Math.floor(n / 2 ** top);
  for (let i = 0; i < onTop; i++) takeAt(top);
  return levels;
}

/**
 * A profile from statistics.json: numbers from the sketch (an error of about 1 / k of the rank), texts from the buckets, the texts that
 * have none together as one.
 * @throws UserError when it is not such a file
 */
export function profileFromStatistics(statistics: Statistics, file?: string): Profile {
  if (!Array.isArray(statistics?.features) || typeof statistics.dataset?.item_count !== 'number') {
    throw new UserError('is not a statistics.json: "features" and "dataset.item_count" are needed', { file });
  }
  const rows = numberIn(statistics.dataset.item_count, 'dataset.item_count');
  return {
    rows,
    columns: statistics.features.map((feature) => {
      if (typeof feature?.name !== 'string')
        throw new UserError('is not a statistics.json: a feature has no name', { file });
      try {
        return columnFrom(feature, rows);
      } catch (cause) {
        const { message } = cause as Error;
        throw new UserError(
          `is not as statistics.json is: ${message}`,
          { file, column: feature.name },
          { cause },
        );
      }
    }),
  };
}

/** @throws UserError when it is no finite number */
function numberIn(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UserError(`${what} is ${JSON.stringify(value)}; a number is needed`);
}

function columnFrom(feature: FeatureStatistics, rows: number): ColumnProfile {
  const column = newColumnProfile(feature.name, { distinct: false });
  column.rows = rows;
  // What production sends is read as the texts that they are, whatever they look like.
  if (feature.inferred_type === 'String') column.given = 'text';
  const { numerical_statistics: numerical, string_statistics: string } = feature;
  if (numerical) {
    numerical.distribution.kll.sketch.data.forEach((values, level) => {
      if (level > 52) throw new UserError(`the sketch has ${level} levels`);
      for (const value of values)
        addNumber(column.numbers, numberIn(value, 'a value of the sketch'), 2 ** level);
    });
    const kind = feature.inferred_type === 'Integral' ? 'integral' : 'fractional';
    const count = numberIn(numerical.common.num_present, 'num_present');
    column.types[kind] = count;
    const { min, max, std_dev: deviation, sum } = numerical;
    column.numbers.moments = {
      count,
      sum: numberIn(sum, 'sum'),
      correction: 0,
      squares: numberIn(deviation, 'std_dev') ** 2 * count,
      min: numberIn(min, 'min'),
      max: numberIn(max, 'max'),
    };
  }
  if (string) {
    const present = numberIn(string.common.num_present, 'num_present');
    let rest = present;
    for (const { value, count } of string.distribution.categorical.buckets) {
      if (typeof value !== 'string')
        throw new UserError(`a category is ${JSON.stringify(value)}; a text is needed`);
      addCategory(column.texts, value, numberIn(count, 'count'));
      rest -= count;
    }
    if (rest > 0) addCategory(column.texts, '(other)', rest);
    column.types.text = present;
  }
  return column;
}
