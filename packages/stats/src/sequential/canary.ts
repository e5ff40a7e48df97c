import { UserError } from '../user-error.ts';
import { checkShare, decide, logSumExp } from './evidence.ts';
import type { Evidence } from './evidence.ts';

export type CanarySettings = {
  /** How many times the live version's error rate has to be noticed and must not be accepted; 2 when absent. */
  timesWorse?: number | undefined;
  alpha?: number | undefined;
  beta?: number | undefined;
};

/** Errors of both versions while a share of the requests went to the canary. */
export type ErrorCounts = {
  /** The canary's share of the traffic, each request routed by chance; between 0 and 1. */
  share: number;
  canaryErrors: number;
  liveErrors: number;
};

/**
 * Whether a canary fails more often than the live version beside it, whatever the live version's error rate is.
 *
 * Requests are routed by chance. If both versions fail equally often, each error is the canary's with probability `share`; if the canary
 * fails r times as often, with r·share / (r·share + 1 − share). So errors alone, one after another, are draws of one
 * coin without any unknown rate, and a mixture of likelihood ratios over r is an e-process for "not worse". (The conditional test of
 * two Poisson rates, Przyborowski and Wilenski 1940, made sequential.) A stage of the rollout with another share is another element of `stages`.
 * @throws UserError for counts or settings that cannot be
 */
export function canaryEvidence(stages: readonly ErrorCounts[], settings: CanarySettings = {}): Evidence {
  const { timesWorse = 2, alpha = 0.05, beta = 0.05 } = settings;
  if (!(timesWorse > 1 && timesWorse < Infinity)) {
    throw new UserError(`timesWorse is ${timesWorse}; a number above 1 is needed`);
  }
  checkShare('alpha', alpha);
  checkShare('beta', beta);
  stages.forEach(checkStage);
  const ratio = (times: number, null_: number): number =>
    stages.reduce((sum, stage) => sum + logRatio(stage, times, null_), 0);
  const multiples = [1, 2, 4, 8, 16, 64].map((factor) => timesWorse * factor);
  const against = logSumExp(
    multiples.map((times, i) => Math.log(i === 0 ? 1 / 3 : 2 / 3 / (multiples.length - 1)) + ratio(times, 1)),
  );
  const inFavour = logSumExp([1, 1 / 3].map((times) => Math.log(0.5) + ratio(times, timesWorse)));
  return decide(Math.exp(against), Math.exp(inFavour), alpha, beta);
}

function logRatio(stage: ErrorCounts, times: number, nullTimes: number): number {
  const q = attributed(stage.share, times);
  const q0 = attributed(stage.share, nullTimes);
  return stage.canaryErrors * Math.log(q / q0) + stage.liveErrors * Math.log((1 - q) / (1 - q0));
}

/** The chance that an error is the canary's when it fails `times` as often. */
function attributed(share: number, times: number): number {
  return (times * share) / (times * share + 1 - share);
}

function checkStage({ share, canaryErrors, liveErrors }: ErrorCounts): void {
  checkShare('share', share);
  for (const [name, count] of Object.entries({ canaryErrors, liveErrors })) {
    if (!(Number.isInteger(count) && count >= 0))
      throw new UserError(`${name} is ${count}; a count is needed`);
  }
}
