import { UserError } from '../user-error.ts';
import { checkShare, decide, logSumExp } from './evidence.ts';
import type { Evidence } from './evidence.ts';

export type BlockTest = {
  /** Takes in one request; returns the evidence after it. */
  observe(version: 'canary' | 'live', failed: boolean): Evidence;
};

/**
 * Whether a canary fails more often than the live version where routing is not by chance (sticky sessions, round robin): requests are
 * taken in blocks of one of the canary's and `livePerCanary` of the live version's, in the order in which they come.
 *
 * The e-variable of a block is Π p_a(y) Π p_b(y) / Π p₀(y) with p₀ = (p_a + m·p_b)/(1 + m), for any p_a ≥ p_b fixed before the block
 * (Turner, Ly and Grünwald 2024). p_b is estimated from what came before, p_a is a mixture of multiples of it.
 */
export function blockTest({
  livePerCanary,
  timesWorse = 2,
  alpha = 0.05,
  beta = 0.05,
}: {
  livePerCanary: number;
  timesWorse?: number;
  alpha?: number;
  beta?: number;
}): BlockTest {
  if (!(Number.isInteger(livePerCanary) && livePerCanary >= 1)) {
    throw new UserError(`livePerCanary is ${livePerCanary}; a whole number from 1 is needed`);
  }
  checkShare('alpha', alpha);
  checkShare('beta', beta);
  const multiples = [1, 2, 4, 8, 16, 64].map((factor) => timesWorse * factor);
  const worse = multiples.map((_, i) => Math.log(i === 0 ? 1 / 3 : 2 / 3 / (multiples.length - 1)));
  const waiting = { canary: [] as boolean[], live: [] as boolean[] };
  let seen = 0;
  let failures = 0;
  let decision = decide(0, 0, alpha, beta);
  const takeBlock = (): void => {
    const canaryFailed = waiting.canary.shift()!;
    const live = waiting.live.splice(0, livePerCanary);
    const liveFailures = live.filter(Boolean).length;
    const rate = (failures + 0.2) / (seen + 20);
    multiples.forEach((times, i) => {
      const canaryRate = Math.min(0.98, times * rate);
      const both = (canaryRate + livePerCanary * rate) / (1 + livePerCanary);
      worse[i]! +=
        logRatio(canaryFailed ? 1 : 0, 1, canaryRate, both) + logRatio(liveFailures, live.length, rate, both);
    });
    seen += live.length;
    failures += liveFailures;
    // There is no e-variable for "as bad as r times an unknown rate" of this form: it rejects, and never accepts.
    decision = decide(Math.exp(logSumExp(worse)), 0, alpha, beta);
  };
  return {
    observe(version, failed) {
      waiting[version].push(failed);
      while (waiting.canary.length >= 1 && waiting.live.length >= livePerCanary) {
        if (decision.decision === 'reject') break;
        takeBlock();
      }
      return decision;
    },
  };
}

function logRatio(failed: number, requests: number, rate: number, nullRate: number): number {
  return failed * Math.log(rate / nullRate) + (requests - failed) * Math.log((1 - rate) / (1 - nullRate));
}
