import { logGamma } from '../math/gamma.ts';
import { quantileBucket } from '../profile/buckets.ts';
import type { Buckets } from '../profile/buckets.ts';
import { UserError } from '../user-error.ts';
import { checkShare } from './evidence.ts';

/** An interval that covers the truth at every look with probability 1 − α, however often one looks. */
export type AnytimeInterval = { estimate: number; low: number; high: number };

export type MeanSequence = { observe(value: number): AnytimeInterval };

/**
 * The mean of values between `least` and `most`: the predictable plug-in empirical Bernstein confidence sequence
 * (Waudby-Smith and Ramdas 2024, theorem 2), intersected over time.
 * @throws UserError for a value outside of the bounds
 */
export function meanSequence({
  least = 0,
  most = 1,
  alpha = 0.05,
}: {
  least?: number;
  most?: number;
  alpha?: number;
} = {}): MeanSequence {
  checkShare('alpha', alpha);
  const log = Math.log(2 / alpha);
  let n = 0;
  let sum = 0;
  let squares = 0.25;
  let mean = 0.5;
  let variance = 0.25;
  let weights = 0;
  let weighted = 0;
  let penalty = 0;
  let low = 0;
  let high = 1;
  return {
    observe(value) {
      if (!(value >= least && value <= most)) {
        throw new UserError(`the value is ${value}; one between ${least} and ${most} is needed`);
      }
      const x = (value - least) / (most - least);
      n++;
      const bet = Math.min(0.5, Math.sqrt((2 * log) / (variance * n * Math.log(1 + n))));
      penalty += (x - mean) ** 2 * (-Math.log(1 - bet) - bet);
      weights += bet;
      weighted += bet * x;
      sum += x;
      mean = (0.5 + sum) / (n + 1);
      squares += (x - mean) ** 2;
      variance = squares / (n + 1);
      const reach = (log + penalty) / weights;
      low = Math.max(low, weighted / weights - reach);
      high = Math.min(high, weighted / weights + reach);
      const scale = (share: number): number => least + share * (most - least);
      return { estimate: scale(sum / n), low: scale(low), high: scale(high) };
    },
  };
}

/**
 * The ranks between which the p-quantile of n values lies: those k for which the beta-binomial mixture's e-value against
 * "a share p is below" stays under 1/α (Robbins 1970; Howard and Ramdas 2022). Rank 0 and n + 1 mean no bound.
 */
export function quantileRanks(n: number, p: number, alpha = 0.05): { low: number; high: number } {
  checkShare('p', p);
  checkShare('alpha', alpha);
  const limit = Math.log(1 / alpha);
  const evidence = (k: number): number =>
    logBeta(k + p, n - k + 1 - p) - logBeta(p, 1 - p) - k * Math.log(p) - (n - k) * Math.log(1 - p);
  const middle = Math.round(p * n);
  const first = bisect(0, middle, (k) => evidence(k) < limit);
  const last = n - bisect(0, n - middle, (k) => evidence(n - k) < limit);
  // The quantile is at least the value of rank `first` and at most the one after rank `last`.
  return { low: first, high: last + 1 };
}

/** The least k in [from, to] for which `holds`, which once true stays so; `to` holds. */
function bisect(from: number, to: number, holds: (k: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** The p-quantile of the values behind a histogram (latencies, say), at any time. */
export function quantileInterval(buckets: Buckets, p: number, alpha = 0.05): AnytimeInterval {
  const n = buckets.total;
  const ranks = quantileRanks(n, p, alpha);
  const estimate = quantileBucket(buckets, p);
  return {
    estimate: (estimate.lower + estimate.upper) / 2,
    low: ranks.low === 0 ? -Infinity : quantileBucket(buckets, ranks.low / n).lower,
    high: ranks.high > n ? Infinity : quantileBucket(buckets, ranks.high / n).upper,
  };
}
