import { seeded } from '../math/random.ts';
import type { Evaluator } from '../metrics/scored.ts';
import { UserError } from '../user-error.ts';

export type ResamplingOptions = {
  /** 1000 when absent. */
  resamples?: number | undefined;
  /** 0.95 when absent. */
  confidence?: number | undefined;
  /** The same seed gives the same interval; 1 when absent. */
  seed?: number | undefined;
};

type Resampling = { resamples: number; confidence: number; seed: number };

/** @throws UserError for settings that cannot be meant */
export function checkResampling(options: ResamplingOptions): Resampling {
  const { resamples = 1000, confidence = 0.95, seed = 1 } = options;
  if (!(Number.isInteger(resamples) && resamples >= 20)) {
    throw new UserError(`resamples is ${resamples}; an integer of at least 20 is needed`);
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw new UserError(`confidence is ${confidence}; a number between 0 and 1 is needed, like 0.95`);
  }
  return { resamples, confidence, seed };
}

/** What each evaluator gives for rows drawn with replacement, all of them for the same draws. */
export function resample(
  evaluators: readonly Evaluator[],
  rows: number,
  weights: Float64Array | undefined,
  { resamples, seed }: Resampling,
): Float64Array[] {
  const random = seeded(seed);
  const counts = new Uint8Array(rows);
  const drawn = weights ? new Float64Array(rows) : counts;
  const values = evaluators.map(() => new Float64Array(resamples));
  for (let draw = 0; draw < resamples; draw++) {
    random.resample(counts);
    if (weights) for (let i = 0; i < rows; i++) drawn[i] = counts[i]! * weights[i]!;
    evaluators.forEach((evaluate, i) => (values[i]![draw] = evaluate(drawn)));
  }
  return values;
}

/**
 * The percentiles of what a bootstrap drew (Efron and Tibshirani 1993, chapter 13); NaN where more than one in twenty draws is not defined.
 */
export function percentiles(drawn: Float64Array, confidence: number): { low: number; high: number } {
  const tail = (1 - confidence) / 2;
  const usable = drawn.filter((value) => !Number.isNaN(value)).sort();
  if (usable.length < 0.95 * drawn.length) return { low: Number.NaN, high: Number.NaN };
  return { low: percentile(usable, tail), high: percentile(usable, 1 - tail) };
}

/** Linear interpolation between order statistics (numpy.percentile's default). */
function percentile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
