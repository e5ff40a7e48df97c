import { compareMetric } from '../compare/compare-metric.ts';
import { estimateMetrics } from '../intervals/estimate.ts';
import type { Estimate, EstimateOptions } from '../intervals/estimate.ts';
import type { Interval } from '../intervals/interval.ts';
import { metricOf } from '../metrics/metrics.ts';
import { checkScored } from '../metrics/scored.ts';
import type { Scored } from '../metrics/scored.ts';
import { rowsAt, rowsBySlice } from '../metrics/slices.ts';
import { curvesOf } from './curves.ts';
import type { Curves } from './curves.ts';

export type Estimated = { value: number } & Interval;

export type EvaluatedMetric = {
  metric: string;
  greaterIsBetter: boolean;
  candidate: Estimated;
  /** Another model's on the same rows, and the paired difference candidate − baseline; null where there is none. */
  baseline: Estimated | null;
  difference: Estimated | null;
};

export type EvaluatedSlice = {
  by: string;
  /** Null: the rows without a value. */
  slice: string | null;
  rows: number;
  metrics: EvaluatedMetric[];
};

/** All that is known of a model from its predictions, for a report or a program. */
export type Evaluation = {
  rows: number;
  /** Rows of class 1; null where labels are numbers. */
  positives: number | null;
  confidence: number;
  metrics: EvaluatedMetric[];
  /** Largest first, for each column by which they are made. */
  slices: EvaluatedSlice[];
  /** Of probabilities of two classes. */
  curves: { candidate: Curves; baseline: Curves | null } | null;
};

export type EvaluationOptions = EstimateOptions & {
  metrics: readonly string[];
  /** What another model says of the same rows. */
  baseline?: Float64Array | undefined;
  /** Values by which slices are made, one a row. */
  slices?: Readonly<Record<string, readonly (string | undefined)[]>> | undefined;
  /** Smaller slices are left out; 1 when absent. */
  minSamples?: number | undefined;
};

/** @throws UserError for rows that a metric is not made for, and settings that cannot be meant */
export function evaluatePredictions(rows: Scored, options: EvaluationOptions): Evaluation {
  const { metrics, baseline, slices = {}, minSamples = 1, confidence = 0.95 } = options;
  checkScored(rows);
  const of = (part: Scored, theirs: Float64Array | undefined): EvaluatedMetric[] =>
    evaluatePart(part, theirs, metrics, options);
  const isBinary = rows.labels.every((label) => label === 0 || label === 1);
  const areProbabilities = [rows.scores, baseline].every(
    (scores) => scores?.every((score) => score >= 0 && score <= 1) ?? true,
  );
  const positives = isBinary ? rows.labels.reduce((sum, label) => sum + label, 0) : null;
  const hasCurves = areProbabilities && positives !== null && positives > 0 && positives < rows.labels.length;
  return {
    rows: rows.labels.length,
    positives,
    confidence,
    metrics: of(rows, baseline),
    slices: Object.entries(slices).flatMap(([by, values]) =>
      rowsBySlice(values, rows.labels.length)
        .filter(({ indices }) => indices.length >= minSamples)
        .map(({ slice, indices }) => ({
          by,
          slice: slice ?? null,
          rows: indices.length,
          metrics: of(rowsAt(rows, indices), baseline && Float64Array.from(indices, (row) => baseline[row]!)),
        })),
    ),
    curves: hasCurves
      ? {
          candidate: curvesOf(rows, confidence),
          baseline: baseline ? curvesOf({ ...rows, scores: baseline }, confidence) : null,
        }
      : null,
  };
}

function evaluatePart(
  rows: Scored,
  baseline: Float64Array | undefined,
  names: readonly string[],
  options: EvaluationOptions,
): EvaluatedMetric[] {
  const own = estimateMetrics(rows, names, options);
  const theirs = baseline && estimateMetrics({ ...rows, scores: baseline }, names, options);
  return names.map((metric) => ({
    metric,
    greaterIsBetter: metricOf(metric).greaterIsBetter,
    candidate: estimated(own[metric]!),
    baseline: theirs ? estimated(theirs[metric]!) : null,
    difference: baseline ? difference(rows, baseline, metric, options) : null,
  }));
}

function estimated({ value, low, high, method }: Estimate): Estimated {
  return { value, low, high, method };
}

function difference(
  { scores: candidate, ...rows }: Scored,
  baseline: Float64Array,
  metric: string,
  options: EvaluationOptions,
): Estimated {
  const found = compareMetric({ ...rows, candidate, baseline }, metric, options);
  const { difference: value, low, high, method } = found;
  return { value, low, high, method: Number.isNaN(low) ? 'none' : method };
}
