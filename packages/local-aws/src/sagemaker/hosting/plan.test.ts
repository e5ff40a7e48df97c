import { expect, test } from '@jest/globals';
import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { planOf } from './plan.ts';

const canary: DeploymentConfig = {
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'CANARY',
      CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
      WaitIntervalInSeconds: 600,
    },
    TerminationWaitInSeconds: 300,
  },
};
const linear: DeploymentConfig = {
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'LINEAR',
      LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 33 },
      WaitIntervalInSeconds: 60,
    },
    TerminationWaitInSeconds: 120,
  },
};
const rolling: DeploymentConfig = {
  RollingUpdatePolicy: { MaximumBatchSize: { Type: 'INSTANCE_COUNT', Value: 2 }, WaitIntervalInSeconds: 60 },
};

/** Share of the new fleet and the seconds it bakes there. */
function shape(config: DeploymentConfig | undefined, count: number, type = 'ml.m5.xlarge') {
  const fleets = { blue: { v: count }, green: { v: count }, instanceTypes: [type] };
  return planOf(config, fleets).map(({ share, bakeSeconds }) => [share, bakeSeconds]);
}

test('without a policy everything shifts at once and nothing bakes', () => {
  expect(shape(undefined, 2)).toEqual([[1, 0]]);
});

test('a canary takes exactly its percentage, then everything', () => {
  expect(shape(canary, 2)).toEqual([
    [0.1, 600],
    [1, 300],
  ]);
});

test('linear steps wait between shifts, and the last one bakes for TerminationWait', () => {
  expect(shape(linear, 3)).toEqual([
    [0.33, 60],
    [0.66, 60],
    [0.99, 60],
    [1, 120],
  ]);
});

test('a rolling update replaces a batch at a time and ends as many old instances after each bake', () => {
  expect(planOf(rolling, { blue: { v: 5 }, green: { v: 5 }, instanceTypes: [] })).toMatchObject([
    { share: 0.4, green: { v: 2 }, blue: { v: 5 }, blueAfter: { v: 3 }, bakeSeconds: 60 },
    { share: 0.8, green: { v: 4 }, blue: { v: 3 }, blueAfter: { v: 1 }, bakeSeconds: 60 },
    { share: 1, green: { v: 5 }, blue: { v: 1 }, blueAfter: { v: 0 }, bakeSeconds: 60 },
  ]);
});

test('one instance cannot be divided: its canary is everything, and only the final bake is left', () => {
  expect(shape(canary, 1)).toEqual([[1, 300]]);
});

test('what guardrails exclude shifts at once without a final bake', () => {
  expect(shape(canary, 2, 'ml.inf1.xlarge')).toEqual([[1, 0]]);
  const variants = { a: 2, b: 2 };
  expect(planOf(rolling, { blue: variants, green: variants, instanceTypes: [] })).toMatchObject([
    { share: 1, bakeSeconds: 0 },
  ]);
});
