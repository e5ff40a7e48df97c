import { checkResampling, percentiles, resample } from '../intervals/bootstrap.ts';
import type { ResamplingOptions } from '../intervals/bootstrap.ts';
import { orderOf } from '../math/order.ts';
import { checkRows, evaluator, metricOf } from '../metrics/metrics.ts';
import type { MetricOptions } from '../metrics/metrics.ts';
import { unitWeights } from '../metrics/scored.ts';

/** What two models say of the same rows. */
export type Paired = {
  labels: Float64Array;
  candidate: Float64Array;
  baseline: Float64Array;
  weights?: Float64Array | undefined;
};

export type CompareOptions = MetricOptions & ResamplingOptions;

export type Comparison = {
  candidate: number;
  baseline: number;
  /** candidate − baseline, in the metric's own direction. NaN when either is not defined. */
  difference: number;
  /** The interval of the difference. NaN when it is not defined on the rows or on more than one in twenty resamples of them. */
  low: number;
  high: number;
  greaterIsBetter: boolean;
};

/**
 * The difference of two models by the paired bootstrap: rows are drawn with replacement, both models are measured on the same draw,
 * and the interval is the percentiles of the differences (Efron and Tibshirani 1993, chapter 13).
 * @throws UserError for rows that the metric is not made for or settings that cannot be meant
 */
export function compare(rows: Paired, name: string, options: CompareOptions = {}): Comparison {
  const resampling = checkResampling(options);
  for (const scores of [rows.candidate, rows.baseline]) checkRows(name, { ...rows, scores });
  const { labels, weights: given, candidate: first, baseline: second } = inOrder(rows);
  const weights = given ?? unitWeights(labels.length);
  const ofCandidate = evaluator(name, { labels, scores: first, weights }, options);
  const ofBaseline = evaluator(name, { labels, scores: second, weights }, options);
  const candidate = ofCandidate(weights);
  const baseline = ofBaseline(weights);
  const difference = (drawn: ArrayLike<number>): number => ofCandidate(drawn) - ofBaseline(drawn);
  const [differences] = resample([difference], labels.length, given, resampling);
  const isDefined = Number.isFinite(candidate - baseline);
  return {
    candidate,
    baseline,
    difference: candidate - baseline,
    ...(isDefined ? percentiles(differences!, resampling.confidence) : { low: Number.NaN, high: Number.NaN }),
    greaterIsBetter: metricOf(name).greaterIsBetter,
  };
}

/** The rows by the candidate's scores: what sorts them then looks at them one after another, not all over the memory. */
function inOrder(rows: Paired): Paired {
  const order = orderOf(rows.candidate);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(order, (row) => values[row]!);
  return {
    labels: pick(rows.labels),
    candidate: pick(rows.candidate),
    baseline: pick(rows.baseline),
    weights: rows.weights && pick(rows.weights),
  };
}
