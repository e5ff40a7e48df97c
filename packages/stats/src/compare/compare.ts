import { seeded } from '../math/random.ts';
import type { Random } from '../math/random.ts';
import { orderOf } from '../math/order.ts';
import { checkRows, evaluator, metricOf } from '../metrics/metrics.ts';
import type { MetricOptions } from '../metrics/metrics.ts';
import { unitWeights } from '../metrics/scored.ts';
import type { Evaluator } from '../metrics/scored.ts';
import { UserError } from '../user-error.ts';

/** What two models say of the same rows. */
export type Paired = {
  labels: Float64Array;
  candidate: Float64Array;
  baseline: Float64Array;
  weights?: Float64Array | undefined;
};

export type CompareOptions = MetricOptions & {
  /** 1000 when absent. */
  resamples?: number | undefined;
  /** 0.95 when absent. */
  confidence?: number | undefined;
  /** The same seed gives the same interval; 1 when absent. */
  seed?: number | undefined;
};

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
  const { resamples = 1000, confidence = 0.95, seed = 1 } = options;
  if (!(Number.isInteger(resamples) && resamples >= 20)) {
    throw new UserError(`resamples is ${resamples}; an integer of at least 20 is needed`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new UserError(`confidence is ${confidence}; a number between 0 and 1 is needed, like 0.95`);
  }
  for (const scores of [rows.candidate, rows.baseline]) checkRows(name, { ...rows, scores });
  const { labels, weights: given, candidate: first, baseline: second } = inOrder(rows);
  const weights = given ?? unitWeights(labels.length);
  const ofCandidate = evaluator(name, { labels, scores: first, weights }, options);
  const ofBaseline = evaluator(name, { labels, scores: second, weights }, options);
  const candidate = ofCandidate(weights);
  const baseline = ofBaseline(weights);
  const differences = resampled(ofCandidate, ofBaseline, given, labels.length, resamples, seeded(seed));
  const tail = (1 - confidence) / 2;
  const usable = differences.filter((difference) => !Number.isNaN(difference)).sort();
  const enough = usable.length >= 0.95 * resamples && Number.isFinite(candidate - baseline);
  return {
    candidate,
    baseline,
    difference: candidate - baseline,
    low: enough ? percentile(usable, tail) : Number.NaN,
    high: enough ? percentile(usable, 1 - tail) : Number.NaN,
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

function resampled(
  ofCandidate: Evaluator,
  ofBaseline: Evaluator,
  weights: Float64Array | undefined,
  rows: number,
  resamples: number,
  random: Random,
): Float64Array {
  const counts = new Uint8Array(rows);
  const drawn = weights ? new Float64Array(rows) : counts;
  return Float64Array.from({ length: resamples }, () => {
    random.resample(counts);
    if (weights) for (let i = 0; i < rows; i++) drawn[i] = counts[i]! * weights[i]!;
    return ofCandidate(drawn) - ofBaseline(drawn);
  });
}

/** Linear interpolation between order statistics (numpy.percentile's default). */
export function percentile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
