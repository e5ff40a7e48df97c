import { UserError } from '../user-error.ts';
import { checkShare, decide } from './evidence.ts';
import type { Evidence } from './evidence.ts';

export type ErrorRateSettings = {
  /** The share of errors that is still fine. */
  limit: number;
  /** The share of errors that has to be noticed and must not be accepted; twice the limit when absent. */
  worse?: number | undefined;
  /** Fewer errors than this reject nothing, so that one unlucky request ends no rollout; 2 when absent. */
  leastErrors?: number | undefined;
  /** The chance to ever reject what is fine; 0.05 when absent. */
  alpha?: number | undefined;
  /** The chance to ever accept what is worse; 0.05 when absent. */
  beta?: number | undefined;
};

/** How often requests were seen and failed. */
export type RequestCounts = { requests: number; errors: number };

/**
 * Whether a version's error rate is above a limit, from its counts so far; may be asked after every request.
 *
 * The e-value is a mixture of likelihood ratios: each alternative rate p against the limit p₀ multiplies p/p₀ for an error
 * and (1 − p)/(1 − p₀) for a success, which for every rate ≤ p₀ is a supermartingale (Wald 1945; Robbins 1970). Since it
 * depends on the counts alone, nothing has to be remembered between looks but the decision.
 * @throws UserError for counts or settings that cannot be
 */
export function errorRateEvidence(counts: RequestCounts, settings: ErrorRateSettings): Evidence {
  return errorRateTest(settings)(counts);
}

/** The same test, prepared for many looks. @throws UserError for settings, and then for counts, that cannot be */
export function errorRateTest(settings: ErrorRateSettings): (counts: RequestCounts) => Evidence {
  const { limit, leastErrors = 2, alpha = 0.05, beta = 0.05 } = settings;
  const worse = settings.worse ?? Math.min(2 * limit, (1 + limit) / 2);
  checkRates(limit, worse, alpha, beta);
  const against = alternatives(limit, worse).map(({ rate, weight }) => ratioOf(rate, limit, weight));
  // Against "worse": the best that can be true is the limit, or less where hardly an error comes.
  const inFavour = [limit, limit / 3].map((rate) => ratioOf(rate, worse, 0.5));
  return ({ requests, errors }) => {
    checkCounts(requests, errors);
    const evidence = decide(
      mixture(against, requests, errors),
      mixture(inFavour, requests, errors),
      alpha,
      beta,
    );
    const isOneAccident = evidence.decision === 'reject' && errors < leastErrors;
    return isOneAccident ? { ...evidence, decision: 'continue' } : evidence;
  };
}

/** Logarithms of what an error and a success multiply a likelihood ratio by, and of its weight in the mixture. */
type Ratio = { weight: number; error: number; success: number };

function ratioOf(rate: number, nullRate: number, weight: number): Ratio {
  return {
    weight: Math.log(weight),
    error: Math.log(rate / nullRate),
    success: Math.log((1 - rate) / (1 - nullRate)),
  };
}

function mixture(ratios: readonly Ratio[], requests: number, errors: number): number {
  let sum = 0;
  for (const { weight, error, success } of ratios) {
    sum += Math.exp(weight + errors * error + (requests - errors) * success);
  }
  return sum;
}

/**
 * Where the mass of the mixture lies: a third on the rate that has to be noticed, the rest evenly in the logarithm of the odds from
 * there to certain failure, so that a broken version is found in a handful of requests.
 */
function alternatives(limit: number, worse: number): { rate: number; weight: number }[] {
  const odds = (p: number): number => Math.log(p / (1 - p));
  const from = odds(worse);
  const to = Math.max(from + 2, odds(0.98));
  const steps = Math.max(2, Math.ceil(to - from));
  const others = Array.from({ length: steps }, (_, i) => {
    const rate = 1 / (1 + Math.exp(-(from + ((i + 1) * (to - from)) / steps)));
    return { rate, weight: 2 / 3 / steps };
  });
  return [{ rate: worse, weight: 1 / 3 }, ...others].filter(({ rate }) => rate > limit);
}

function checkRates(limit: number, worse: number, alpha: number, beta: number): void {
  checkShare('limit', limit);
  checkShare('worse', worse);
  checkShare('alpha', alpha);
  checkShare('beta', beta);
  if (worse <= limit) throw new UserError(`worse is ${worse}; it has to be above the limit of ${limit}`);
}

function checkCounts(requests: number, errors: number): void {
  if (Number.isInteger(requests) && Number.isInteger(errors) && errors >= 0 && requests >= errors) return;
  throw new UserError(
    `there are ${errors} errors in ${requests} requests; whole numbers are needed, errors among the requests`,
  );
}
