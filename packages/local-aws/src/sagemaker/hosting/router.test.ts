import { expect, test } from '@jest/globals';
import { array, assert, integer, property } from 'fast-check';
import { pickServer, pickTarget } from './router.ts';
import type { Target } from './router.ts';

const target = (variant: string, share: number, part = 1): Target<never> => ({
  fleet: variant,
  configName: variant,
  variant,
  share,
  part,
  routing: 'RANDOM',
  servers: [],
  credit: 0,
});

test('of any number of requests each target has its share, give or take one for each target', () => {
  assert(
    property(
      array(integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
      integer({ min: 1, max: 300 }),
      (weights, requests) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const targets = weights.map((weight, index) => target(String(index), weight / total));
        const counts = weights.map(() => 0);
        for (let sent = 0; sent < requests; sent++) counts[Number(pickTarget(targets)?.variant)]!++;
        for (const [index, weight] of weights.entries()) {
          const due = (requests * weight) / total;
          expect(Math.abs((counts[index] as number) - due)).toBeLessThanOrEqual(weights.length);
        }
      },
    ),
  );
});

test('a canary of a tenth gets every tenth request', () => {
  const targets = [target('old', 0.9), target('new', 0.1)];
  const picks = Array.from({ length: 20 }, () => pickTarget(targets)?.variant);
  expect(picks.filter((variant) => variant === 'new')).toHaveLength(2);
});

test("a variant that is named is taken by its fleets' shares, even if its own weight is nothing", () => {
  const targets = [target('a', 1, 1), target('b', 1, 0)];
  expect(pickTarget(targets)?.variant).toBe('a');
  expect(pickTarget(targets, 'b')?.variant).toBe('b');
  expect(pickTarget(targets, 'c')).toBeUndefined();
});

test('least outstanding requests takes the idlest healthy instance; random takes any healthy one', () => {
  const servers = [
    { serving: true, outstanding: 3 },
    { serving: true, outstanding: 1 },
    { serving: false, outstanding: 0 },
  ];
  expect(pickServer(servers, 'LEAST_OUTSTANDING_REQUESTS', () => 0)).toBe(servers[1]);
  expect(pickServer(servers, 'RANDOM', () => 0)).toBe(servers[0]);
  expect(pickServer(servers, 'RANDOM', () => 0.99)).toBe(servers[1]);
  expect(pickServer(servers, 'RANDOM', () => 0.99, servers[1])).toBe(servers[0]);
  expect(pickServer([], 'RANDOM', () => 0)).toBeUndefined();
});
