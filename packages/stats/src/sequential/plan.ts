import { seeded } from '../math/random.ts';
import type { Random } from '../math/random.ts';
import { errorRateTest } from './error-rate.ts';
import type { ErrorRateSettings, RequestCounts } from './error-rate.ts';
import type { Decision, Evidence } from './evidence.ts';

/** How many requests a decision takes. */
export type RequestPlan = {
  /** log(1/α) / KL: no test with these errors needs fewer on average. */
  limit: number;
  mean: number;
  median: number;
  /** Nine in ten replays had decided by then. */
  p90: number;
  /** The share of replays with each decision; `continue` when the longest replay had none. */
  decisions: Record<Decision, number>;
};

export type PlanOptions = { replays?: number; longest?: number; seed?: number };

/** Replays the error-rate test on requests that fail with `rate`, with a look after every request. */
export function planErrorRate(
  rate: number,
  settings: ErrorRateSettings,
  { replays = 1000, longest = 100_000, seed = 1 }: PlanOptions = {},
): RequestPlan {
  const random = seeded(seed);
  const test = errorRateTest(settings);
  const decisions: Record<Decision, number> = { reject: 0, accept: 0, continue: 0 };
  const needed = Float64Array.from({ length: replays }, () => {
    const { requests, decision } = replay(rate, test, longest, random);
    decisions[decision] += 1 / replays;
    return requests;
  }).sort();
  const log = Math.log(1 / (settings.alpha ?? 0.05));
  return {
    limit: rate > settings.limit ? log / divergence(rate, settings.limit) : Number.NaN,
    mean: needed.reduce((sum, requests) => sum + requests, 0) / replays,
    median: needed[Math.floor(replays / 2)]!,
    p90: needed[Math.floor(replays * 0.9)]!,
    decisions,
  };
}

function replay(
  rate: number,
  test: (counts: RequestCounts) => Evidence,
  longest: number,
  random: Random,
): { requests: number; decision: Decision } {
  let errors = 0;
  for (let requests = 1; requests <= longest; requests++) {
    if (random.next() < rate) errors++;
    const { decision } = test({ requests, errors });
    if (decision !== 'continue') return { requests, decision };
  }
  return { requests: longest, decision: 'continue' };
}

/** Kullback–Leibler divergence of two coins, in nats. */
export function divergence(p: number, q: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return part(p, q) + part(1 - p, 1 - q);
}
