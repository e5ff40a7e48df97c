import { normalQuantile } from '../math/normal.ts';
import { checkShare } from '../sequential/evidence.ts';
import { UserError } from '../user-error.ts';

export type Errors = {
  /** Two-sided; 0.05 when absent. */
  alpha?: number | undefined;
  /** The chance to see a difference that is there; 0.8 when absent. */
  power?: number | undefined;
};

function reach({ alpha = 0.05, power = 0.8 }: Errors): number {
  checkShare('alpha', alpha);
  checkShare('power', power);
  return normalQuantile(1 - alpha / 2) + normalQuantile(power);
}

/** Rows for each of two groups to tell rates apart, by the arcsine transformation (Cohen 1988; statsmodels' NormalIndPower). */
export function rowsForRates(first: number, second: number, errors: Errors = {}): number {
  checkShare('first rate', first);
  checkShare('second rate', second);
  const effect = 2 * Math.asin(Math.sqrt(first)) - 2 * Math.asin(Math.sqrt(second));
  if (effect === 0) throw new UserError(`both rates are ${first}; no number of rows tells them apart`);
  return Math.ceil(2 * (reach(errors) / effect) ** 2);
}

/** Rows on which both models are measured, to see a difference of means when differences a row deviate so much. */
export function rowsForPairedMeans(difference: number, deviation: number, errors: Errors = {}): number {
  if (!(difference !== 0 && deviation > 0)) {
    throw new UserError(`a difference of ${difference} with a deviation of ${deviation} cannot be planned`);
  }
  return Math.ceil(((reach(errors) * deviation) / difference) ** 2);
}

/**
 * Rows to see a difference of two AUCs on the same rows.
 * @param positives the share of 1s
 * @param correlation of the two AUCs' errors; 0.8 is usual for models of the same data (variances: Hanley and McNeil 1982)
 */
export function rowsForAuc(
  first: number,
  second: number,
  {
    positives = 0.5,
    correlation = 0.8,
    ...errors
  }: Errors & { positives?: number; correlation?: number } = {},
): number {
  checkShare('first AUC', first);
  checkShare('second AUC', second);
  checkShare('positives', positives);
  if (first === second) throw new UserError(`both AUCs are ${first}; no number of rows tells them apart`);
  // For n rows the variance is (θ(1 − θ) + (p·n − 1)(Q₁ − θ²) + …) / (p(1 − p)n²); its leading term in 1/n is what counts.
  const variance = (auc: number): number => {
    const q1 = auc / (2 - auc) - auc * auc;
    const q2 = (2 * auc * auc) / (1 + auc) - auc * auc;
    return q1 / (1 - positives) + q2 / positives;
  };
  const [a, b] = [variance(first), variance(second)];
  const ofDifference = a + b - 2 * correlation * Math.sqrt(a * b);
  return Math.ceil((reach(errors) ** 2 * ofDifference) / (first - second) ** 2);
}
