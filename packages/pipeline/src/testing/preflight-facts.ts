import type { Alarm, Endpoint, EndpointConfig } from '@tidegate/aws';
import type { Asked, Facts } from '../deploy/preflight-facts.ts';
import { preflight } from '../deploy/preflight.ts';
import { rolloutOf } from '../deploy/rollout.ts';

/* A deployment that nothing stands in the way of, and ways to put something there. */

const minute = 60_000;

export const asked: Asked = {
  endpoint: 'flights',
  instanceType: 'ml.m5.large',
  instanceCount: 2,
  variant: undefined,
  roleArn: 'arn:aws:iam::123456789012:role/sagemaker',
  rollout: {
    strategy: 'canary',
    canaryPercent: 10,
    stepPercent: 25,
    bake: 10 * minute,
    finalBake: undefined,
    maxExecution: undefined,
  },
  rollbackOn: { errorRate: 0.01, p95Latency: undefined, p99Latency: 250, period: minute, periods: 1 },
  rollbackAlarms: [],
  expectedCurrent: undefined,
  approve: false,
  retainLive: true,
  imageUri: undefined,
};

export const live: Endpoint = {
  name: 'flights',
  arn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights',
  status: 'InService',
  configName: 'flights-old',
  variants: [
    {
      name: 'primary',
      weight: 1,
      desiredWeight: 1,
      instanceCount: 2,
      desiredInstanceCount: 2,
      progress: [],
      images: [],
    },
  ],
  pending: null,
  failureReason: '',
  lastRollout: null,
  capture: null,
  createdAt: 0,
  modifiedAt: 0,
};

export const liveConfig: EndpointConfig = {
  name: 'flights-old',
  arn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/flights-old',
  createdAt: 0,
  kmsKeyId: null,
  capture: null,
  variants: [
    {
      name: 'primary',
      modelName: 'flights-model',
      instanceType: 'ml.m5.large',
      instanceCount: 2,
      weight: 1,
      startupTimeoutSeconds: null,
      downloadTimeoutSeconds: null,
    },
  ],
};

export const alarm: Alarm = {
  name: 'business',
  state: 'OK',
  reason: '',
  since: 0,
  periodSeconds: 60,
  evaluationPeriods: 1,
  missingData: 'notBreaching',
  threshold: 1,
  dimensions: {},
};

export type Change = { asked?: Partial<Asked>; facts?: Partial<Facts> };

export function problemsWith({ asked: change = {}, facts = {} }: Change) {
  const settings = { ...asked, ...change };
  const ourAlarms = ['flights-5xx', 'flights-p99'];
  return preflight(settings, {
    candidate: 'flights-new',
    live,
    liveConfig,
    alarms: [],
    ourAlarms,
    armed: rolloutOf(settings.rollout, settings.rollbackOn, [...ourAlarms, ...settings.rollbackAlarms]),
    gone: [],
    role: 'exists',
    approval: 'Approved',
    attestation: { origin: undefined, problems: [] },
    marketplace: false,
    ...facts,
  });
}

export const withRollout = (change: Partial<Asked['rollout']>): Change => ({
  asked: { rollout: { ...asked.rollout, ...change } },
});
export const withLive = (change: Partial<Endpoint>): Change => ({ facts: { live: { ...live, ...change } } });
export const withVariants = (...variants: Partial<Endpoint['variants'][number]>[]): Change =>
  withLive({ variants: variants.map((each) => ({ ...live.variants[0]!, ...each })) });
export const withAlarm = (change: Partial<Alarm>): Change => ({
  asked: { rollbackAlarms: ['business'] },
  facts: { alarms: [{ ...alarm, ...change }] },
});
