import { placements } from '../compare/delong.ts';
import { studentQuantile } from '../math/student.ts';
import type { Scored } from '../metrics/scored.ts';
import { NO_INTERVAL } from './interval.ts';
import type { Interval } from './interval.ts';

/**
 * DeLong's interval (1988) of a ROC AUC, on the scale of its logit so that it stays within 0 and 1 (Qin and Hotilovac 2008), with Student's
 * quantile by Welch's degrees of freedom for few rows of a class. None where the classes are divided completely: no variance is seen then.
 */
export function aucInterval({ labels, scores }: Scored, confidence: number): Interval {
  const { ones, zeros } = placements(labels, scores);
  const auc = meanOf(ones);
  const [a, b] = [varianceOfMean(ones, auc), varianceOfMean(zeros, auc)];
  const error = Math.sqrt(a + b) / (auc * (1 - auc));
  if (!(error > 0 && error < Infinity)) return NO_INTERVAL;
  const freedom = (a + b) ** 2 / (a ** 2 / (ones.length - 1) + b ** 2 / (zeros.length - 1));
  const reach = error * studentQuantile((1 + confidence) / 2, freedom);
  const logit = Math.log(auc / (1 - auc));
  return { low: expit(logit - reach), high: expit(logit + reach), method: 'delong' };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOfMean(values: Float64Array, mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}

function expit(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
