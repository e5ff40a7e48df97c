import { expect, test } from '@jest/globals';
import { profileFromStatistics, profileToStatistics } from '../monitor-files/statistics.ts';
import { profile } from '../profile/profile.ts';
import { tableOf, textColumn } from '../table.ts';
import { drift } from './drift.ts';

/** 300 airports, the first of which are busiest. */
function airports(rows: number, seed: number) {
  let state = seed;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const names = Array.from({ length: rows }, () => `A${Math.floor(300 * next() ** 3)}`);
  return profile(tableOf([textColumn('airport', names)]));
}

test('a baseline that came through statistics.json does not take rare categories for new ones', () => {
  const baseline = profileFromStatistics(profileToStatistics(airports(50_000, 1)));
  const [airport] = drift(baseline, airports(5_000, 2), { measure: 'psi', warn: 0.1, fail: 0.2 }).features;
  expect({ verdict: airport!.verdict, appeared: airport!.appeared }).toEqual({
    verdict: 'none',
    appeared: [],
  });
});
