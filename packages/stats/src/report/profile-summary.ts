import { bucketsOf, quantileBucket } from '../profile/buckets.ts';
import { distinctTexts, topTexts } from '../profile/categories.ts';
import { centreOf, distinctNumbers } from '../profile/numbers.ts';
import { inferredType, isNumeric, missingIn } from '../profile/profile.ts';
import type { ColumnProfile, InferredType, Profile } from '../profile/profile.ts';

/** A column in a line. */
export type ColumnSummary = {
  name: string;
  type: InferredType;
  /** Shares of the rows. */
  missing: number;
  wrong: number;
  distinct: number | null;
  distinctIsExact: boolean;
  /** Least, median and largest value; null where the column is compared as categories. */
  numbers: {
    mean: number;
    deviation: number;
    quantiles: [least: number, median: number, most: number];
  } | null;
  /** The most frequent texts. */
  top: { text: string; count: number }[];
};

export function profileSummary({ columns }: Profile): ColumnSummary[] {
  return columns.map(summaryOf);
}

function summaryOf(column: ColumnProfile): ColumnSummary {
  const { name, rows, numbers, texts, types } = column;
  const isNumbers = isNumeric(column);
  const distinct = isNumbers ? distinctNumbers(numbers) : distinctTexts(texts);
  const { min, max } = numbers.moments;
  const median = quantileBucket(bucketsOf(numbers.histogram), 0.5);
  return {
    name,
    type: inferredType(column),
    missing: rows === 0 ? 0 : missingIn(column) / rows,
    wrong: rows === 0 ? 0 : types.wrong / rows,
    distinct: distinct?.value ?? null,
    distinctIsExact: distinct?.exact ?? false,
    numbers: isNumbers
      ? {
          ...centreOf(numbers),
          quantiles: [min, median.lower / 2 + median.upper / 2, max],
        }
      : null,
    top: topTexts(texts, 3),
  };
}
