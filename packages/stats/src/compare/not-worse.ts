import { UserError } from '../user-error.ts';
import type { Comparison } from './compare.ts';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/**
 * Whether the candidate is not worse than the baseline by more than `margin`, in the metric's unit: a pass when the whole interval says so, a
 * fail when none of it does, else inconclusive. NaN is inconclusive.
 * @throws UserError for a margin that is negative or not a number
 */
export function notWorse({ low, high, greaterIsBetter }: Comparison, margin: number): Verdict {
  if (!(margin >= 0)) throw new UserError(`the margin is ${margin}; a number from 0 is needed`);
  const [worst, best] = greaterIsBetter ? [low, high] : [-high, -low];
  if (worst >= -margin) return 'pass';
  return best < -margin ? 'fail' : 'inconclusive';
}
