import { calibrationBins } from '../metrics/averaged.ts';
import type { Scored } from '../metrics/scored.ts';
import type { Interval } from './interval.ts';
import { wilson } from './wilson.ts';

/**
 * An interval of the expected calibration error: Wilson's for the share of 1s in every bin, all of them at once (Bonferroni), and from these
 * the least and the largest error. It is wide, and right: resampling an error that chance can only raise would leave the truth out.
 */
export function calibrationInterval(rows: Scored, weights: ArrayLike<number>, confidence: number): Interval {
  const bins = calibrationBins(rows, weights).filter(({ weight }) => weight > 0);
  const total = bins.reduce((sum, { weight }) => sum + weight, 0);
  let least = 0;
  let most = 0;
  for (const { weight, squares, score, share } of bins) {
    const { low, high } = wilson(share, weight ** 2 / squares, 1 - (1 - confidence) / bins.length);
    least += (weight / total) * Math.max(0, low - score, score - high);
    most += (weight / total) * Math.max(score - low, high - score);
  }
  return { low: least, high: most, method: 'simultaneous' };
}
