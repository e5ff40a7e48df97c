import { describe, expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { bucketsOf } from '../profile/buckets.ts';
import { addNumbers, noNumbers } from '../profile/numbers.ts';
import { blockTest } from './blocks.ts';
import { canaryEvidence } from './canary.ts';
import { meanSequence, quantileInterval, quantileRanks } from './confidence-sequence.ts';
import { errorRateEvidence } from './error-rate.ts';
import { combineEvidence, decide } from './evidence.ts';
import { divergence, planErrorRate } from './plan.ts';

const ALPHA = 0.05;

describe('an error rate against a limit', () => {
  test('a version at the limit is rejected no more often than α, with a look after every request', () => {
    const plan = planErrorRate(0.01, { limit: 0.01 }, { replays: 300, longest: 3000, seed: 3 });
    expect(plan.decisions.reject).toBeLessThanOrEqual(ALPHA);
    expect(plan.decisions.reject + plan.decisions.accept + plan.decisions.continue).toBeCloseTo(1, 9);
  });

  test('a version that is worse is accepted no more often than β', () => {
    const plan = planErrorRate(
      0.02,
      { limit: 0.01, worse: 0.02 },
      { replays: 250, longest: 20_000, seed: 4 },
    );
    expect(plan.decisions.accept).toBeLessThanOrEqual(0.08);
    expect(plan.decisions.reject).toBeGreaterThan(0.9);
  });

  test('1 % → 5 % errors takes less than 2.2 times what information allows', () => {
    const plan = planErrorRate(0.05, { limit: 0.01 }, { replays: 500, seed: 5 });
    expect(plan.limit).toBeCloseTo(Math.log(20) / divergence(0.05, 0.01), 9);
    expect(plan.mean / plan.limit).toBeLessThan(2.2);
    expect(plan.decisions.reject).toBeGreaterThan(0.99);
  });

  test('a broken version is rejected within a few requests, but never for a single error', () => {
    expect(errorRateEvidence({ requests: 1, errors: 1 }, { limit: 0.001 }).decision).toBe('continue');
    expect(errorRateEvidence({ requests: 2, errors: 2 }, { limit: 0.01 }).decision).toBe('reject');
  });

  test('nothing is decided before anything is seen', () => {
    expect(errorRateEvidence({ requests: 0, errors: 0 }, { limit: 0.01 })).toEqual({
      decision: 'continue',
      worse: expect.closeTo(1, 9),
      fine: expect.closeTo(1, 9),
    });
  });

  test.each([
    [{ requests: 1, errors: 2 }, { limit: 0.01 }, 'there are 2 errors in 1 requests'],
    [{ requests: Number.NaN, errors: 0 }, { limit: 0.01 }, 'there are 0 errors in NaN requests'],
    [{ requests: 1, errors: 0 }, { limit: 0 }, 'limit is 0; a number between 0 and 1 is needed'],
    [
      { requests: 1, errors: 0 },
      { limit: 0.02, worse: 0.01 },
      'worse is 0.01; it has to be above the limit of 0.02',
    ],
  ])('%j under %j is refused', (counts, settings, message) => {
    expect(() => errorRateEvidence(counts, settings)).toThrow(message);
  });
});

describe('a canary beside the live version', () => {
  function replay(canaryRate: number, liveRate: number, seed: number): string {
    const random = seeded(seed);
    const counts = { share: 0.1, canaryErrors: 0, liveErrors: 0 };
    for (let request = 0; request < 15_000; request++) {
      const isCanary = random.next() < counts.share;
      if (random.next() >= (isCanary ? canaryRate : liveRate)) continue;
      counts[isCanary ? 'canaryErrors' : 'liveErrors']++;
      const { decision } = canaryEvidence([counts]);
      if (decision !== 'continue') return decision;
    }
    return 'continue';
  }

  function shareOf(decision: string, canaryRate: number, liveRate: number): number {
    const replays = Array.from({ length: 200 }, (_, i) => replay(canaryRate, liveRate, 1000 + i));
    return replays.filter((each) => each === decision).length / replays.length;
  }

  test('is not rejected more often than α when it is as good, whatever the live error rate', () => {
    expect(shareOf('reject', 0.01, 0.01)).toBeLessThanOrEqual(ALPHA + 0.03);
    expect(shareOf('reject', 0.2, 0.2)).toBeLessThanOrEqual(ALPHA + 0.03);
    expect(shareOf('reject', 0.005, 0.01)).toBeLessThanOrEqual(ALPHA);
  });

  test('is rejected when it fails five times as often', () => {
    expect(shareOf('reject', 0.05, 0.01)).toBeGreaterThan(0.97);
  });

  test('stages with other shares of the traffic add up', () => {
    const stages = [
      { share: 0.1, canaryErrors: 3, liveErrors: 10 },
      { share: 0.5, canaryErrors: 6, liveErrors: 2 },
    ];
    const alone = stages.map((stage) => canaryEvidence([stage]).worse);
    expect(canaryEvidence(stages).worse).toBeGreaterThan(Math.max(...alone));
  });

  test('a share of 0 is refused', () => {
    expect(() => canaryEvidence([{ share: 0, canaryErrors: 0, liveErrors: 0 }])).toThrow('share is 0');
  });
});

describe('blocks of requests, for routing that is not by chance', () => {
  function rejects(canaryRate: number, liveRate: number, replays: number): number {
    const random = seeded(77);
    let rejected = 0;
    for (let replay = 0; replay < replays; replay++) {
      const blocks = blockTest({ livePerCanary: 4 });
      for (let i = 0; i < 600; i++) {
        for (let j = 0; j < 4; j++) blocks.observe('live', random.next() < liveRate);
        if (blocks.observe('canary', random.next() < canaryRate).decision !== 'reject') continue;
        rejected++;
        break;
      }
    }
    return rejected / replays;
  }

  test('hold α, and find what is worse', () => {
    expect(rejects(0.05, 0.05, 100)).toBeLessThanOrEqual(ALPHA + 0.02);
    expect(rejects(0.02, 0.05, 40)).toBeLessThanOrEqual(ALPHA);
    expect(rejects(0.2, 0.02, 40)).toBeGreaterThan(0.97);
  });
});

test('a mean stays in its confidence sequence at every look', () => {
  const random = seeded(8);
  let missed = 0;
  let last = { estimate: 0, low: 0, high: 0 };
  for (let replay = 0; replay < 300; replay++) {
    const sequence = meanSequence({ least: 0, most: 10 });
    let isMissed = false;
    for (let i = 0; i < 500; i++) {
      last = sequence.observe(10 * random.next() ** 2);
      isMissed ||= last.low > 10 / 3 || last.high < 10 / 3;
    }
    if (isMissed) missed++;
  }
  expect(missed / 300).toBeLessThanOrEqual(ALPHA);
  expect(last.high - last.low).toBeLessThan(1.6);
  expect(() => meanSequence().observe(2)).toThrow('the value is 2; one between 0 and 1 is needed');
});

test('a quantile stays in its confidence sequence at every look', () => {
  const random = seeded(9);
  let missed = 0;
  for (let replay = 0; replay < 150; replay++) {
    let below = 0;
    let isMissed = false;
    for (let n = 1; n <= 600; n++) {
      if (random.next() < 0.9) below++;
      if (n % 7 !== 0) continue;
      const { low, high } = quantileRanks(n, 0.9, ALPHA);
      isMissed ||= below < low || below >= high;
    }
    if (isMissed) missed++;
  }
  expect(missed / 150).toBeLessThanOrEqual(ALPHA + 0.01);
});

test('latencies: the 99th percentile with an interval, without a bound while there is too little', () => {
  const random = seeded(10);
  const latencies = noNumbers(false);
  addNumbers(
    latencies,
    Float64Array.from({ length: 50_000 }, () => -50 * Math.log(1 - random.next())),
  );
  const { estimate, low, high } = quantileInterval(bucketsOf(latencies.histogram), 0.99);
  const truth = 50 * Math.log(100);
  expect(low).toBeLessThan(truth);
  expect(high).toBeGreaterThan(truth);
  expect(high - low).toBeLessThan(0.25 * truth);
  expect(estimate).toBeCloseTo(truth, -1);
  expect(quantileRanks(5, 0.99)).toEqual({ low: expect.any(Number), high: 6 });
});

test('evidence of several metrics is averaged, and all have to be fine', () => {
  const bad = decide(100, 0.1, ALPHA, ALPHA);
  const good = decide(0.1, 100, ALPHA, ALPHA);
  expect(combineEvidence([bad, good, good])).toEqual({
    decision: 'reject',
    worse: expect.closeTo(33.4, 1),
    fine: 0.1,
  });
  expect(combineEvidence([good, good]).decision).toBe('accept');
  expect(combineEvidence([good, decide(1, 1, ALPHA, ALPHA)]).decision).toBe('continue');
  expect(() => combineEvidence([])).toThrow('there is no evidence to combine');
});
