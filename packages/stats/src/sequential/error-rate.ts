import { UserError } from '../user-error.ts';
import { checkShare, decide, logSumExp } from './evidence.ts';
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

/**
 * Whether a version's error rate is above a limit, from its counts so far; may be asked after every request.
 *
 * The e-value is a mixture of likelihood ratios: each alternative rate p against the limit p₀ multiplies p/p₀ for an error and
 * (1 − p)/(1 − p₀) for a success, which for every rate ≤ p₀ is a supermartingale (Wald 1945; Robbins 1970). Since it depends on the
 * counts alone, nothing has to be remembered between looks but the decision.
 * @throws UserError for counts or settings that cannot be
 */
export function errorRateEvidence(
  { requests, errors }: { requests: number; errors: number },
  settings: ErrorRateSettings,
): Evidence {
  const { limit, leastErrors = 2, alpha = 0.05, beta = 0.05 } = settings;
  const worse = settings.worse ?? Math.min(2 * limit, (1 + limit) / 2);
  checkRates(limit, worse, alpha, beta);
  checkCounts(requests, errors);
  const successes = requests - errors;
  const ratio = (p: number, p0: number): number =>
    (errors === 0 ? 0 : errors * Math.log(p / p0)) +
    (successes === 0 ? 0 : successes * Math.log((1 - p) / (1 - p0)));
  const against = logSumExp(
    alternatives(limit, worse).map(({ rate, weight }) => Math.log(weight) + ratio(rate, limit)),
  );
  // Against "worse": the best that can be true is the limit, or less where no errors come at all.
  const inFavour = logSumExp([limit, limit / 3].map((rate) => Math.log(0.5) + ratio(rate, worse)));
  const evidence = decide(Math.exp(against), Math.exp(inFavour), alpha, beta);
  return evidence.decision === 'reject' && errors < leastErrors
    ? { ...evidence, decision: 'continue' }
    : evidence;
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
