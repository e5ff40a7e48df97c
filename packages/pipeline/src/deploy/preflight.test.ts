import { expect, test } from '@jest/globals';
import {
  alarm,
  asked,
  liveConfig,
  problemsWith,
  withAlarm,
  withLive,
  withRollout,
  withVariants,
  type Change,
} from '../testing/preflight-facts.ts';
import { refuse } from './preflight.ts';
import { rolloutOf } from './rollout.ts';

const minute = 60_000;

test('an ordinary canary is let through', () => {
  expect(problemsWith({})).toEqual([]);
  expect(problemsWith(withAlarm({}))).toEqual([]);
});

test('a first deployment needs no guardrail, for there is nothing to come back to', () => {
  expect(
    problemsWith({ asked: { instanceCount: 1 }, facts: { live: undefined, liveConfig: undefined } }),
  ).toEqual([]);
});

const refusals: [why: string, change: Change, input: string, sentence: RegExp][] = [
  [
    'a canary on one instance, which AWS would turn into all at once',
    withVariants({ desiredInstanceCount: 1 }),
    'instance-count',
    /would run 1 instance, and a share of one cannot be shifted/,
  ],
  [
    'a rolling update of one instance',
    {
      asked: {
        rollout: { ...asked.rollout, strategy: 'rolling' },
        instanceCount: 1,
        retainLive: false,
      },
    },
    'instance-count',
    /cannot be shifted/,
  ],
  [
    'Inf1, which guardrails leave out',
    { asked: { instanceType: 'ml.inf1.xlarge' } },
    'instance-type',
    /excluded from deployment guardrails/,
  ],
  ['a Marketplace model', { facts: { marketplace: true } }, 'model-package-arn', /Marketplace/],
  [
    'a serverless endpoint',
    {
      facts: {
        liveConfig: { ...liveConfig, variants: [{ ...liveConfig.variants[0]!, instanceType: null }] },
      },
    },
    'endpoint-name',
    /serverless: guardrails do not apply/,
  ],
  [
    'a bake that is shorter than the alarm’s window',
    withRollout({ bake: minute }),
    'bake',
    /1m is shorter than the 2m that alarm flights-5xx needs/,
  ],
  [
    'a bake that is shorter than the window of the user’s own alarm',
    {
      asked: { ...withAlarm({}).asked, rollout: { ...asked.rollout, bake: 5 * minute } },
      facts: withAlarm({ periodSeconds: 300, evaluationPeriods: 2 }).facts!,
    },
    'bake',
    /5m is shorter than the 11m that alarm business needs \(its window of 10m/,
  ],
  [
    'a final bake in which no alarm could fire',
    withRollout({ finalBake: 30_000 }),
    'final-bake',
    /30s is shorter/,
  ],
  [
    'all at once without any bake',
    withRollout({ strategy: 'all-at-once', bake: 0 }),
    'bake',
    /0s is shorter than the 2m/,
  ],
  [
    'an alarm that is in ALARM',
    withAlarm({ state: 'ALARM', reason: 'too slow' }),
    'rollback-alarms',
    /too slow/,
  ],
  [
    'an alarm that does not exist',
    { asked: { rollbackAlarms: ['ghost'] } },
    'rollback-alarms',
    /ghost does not exist/,
  ],
  [
    'an alarm without data that can never fire',
    withAlarm({ state: 'INSUFFICIENT_DATA', missingData: 'missing' }),
    'rollback-alarms',
    /has no data \(INSUFFICIENT_DATA, missing data: missing\)/,
  ],
  [
    'an alarm on the new fleet that fires for want of data',
    withAlarm({ missingData: 'breaching', dimensions: { EndpointConfigName: 'flights-new' } }),
    'rollback-alarms',
    /would fire at once/,
  ],
  [
    'more alarms than AWS takes',
    {
      asked: { rollbackAlarms: Array.from({ length: 9 }, (_, index) => `a${index}`) },
      facts: { alarms: Array.from({ length: 9 }, (_, index) => ({ ...alarm, name: `a${index}` })) },
    },
    'rollback-alarms',
    /11 alarms together/,
  ],
  [
    'a canary that nothing could take back',
    {
      asked: { rollbackOn: { ...asked.rollbackOn, errorRate: undefined, p99Latency: undefined } },
      facts: { ourAlarms: [], armed: rolloutOf(asked.rollout, asked.rollbackOn, []) },
    },
    'rollback-on',
    /nothing could take a canary back/,
  ],
  [
    'a canary of more than half',
    withRollout({ canaryPercent: 60 }),
    'canary-percent',
    /60 is not above 0 and at most 50/,
  ],
  [
    'a linear step that is too small',
    withRollout({ strategy: 'linear', stepPercent: 5 }),
    'step-percent',
    /5 is not between 10 and 50/,
  ],
  [
    'a rolling batch that is too large',
    withRollout({ strategy: 'rolling', stepPercent: 60 }),
    'step-percent',
    /60 is not between 5 and 50/,
  ],
  ['a bake of more than an hour', withRollout({ bake: 61 * minute }), 'bake', /1h1m is more than 1h/],
  [
    'waits that are longer than the whole deployment may take',
    withRollout({ strategy: 'linear', stepPercent: 10, bake: 10 * minute, maxExecution: 60 * minute }),
    'max-execution',
    /1h is not more than the waits of the rollout together \(1h32m\)/,
  ],
  [
    'a limit that AWS does not take',
    withRollout({ maxExecution: 5 * minute }),
    'max-execution',
    /5m is not between 10m and 8h/,
  ],
  [
    'a period that endpoints do not report in',
    { asked: { rollbackOn: { ...asked.rollbackOn, period: 10_000 } } },
    'alarm-period',
    /10s is not a whole number of minutes/,
  ],
  [
    'a live image that is gone',
    { facts: { gone: ['the live image x@sha256:1 is no longer in its repository'] } },
    'endpoint-name',
    /so a roll-back of flights could not succeed/,
  ],
  [
    'somebody else’s deployment',
    withLive({ status: 'Updating', pending: { configName: 'theirs', startedAt: 0, variants: [] } }),
    'endpoint-name',
    /is Updating, going to theirs by somebody else/,
  ],
  [
    'an endpoint that failed to be created',
    withLive({ status: 'Failed', failureReason: 'no ping' }),
    'endpoint-name',
    /failed to be created \(no ping\) and can only be deleted/,
  ],
  [
    'an endpoint of mixed versions',
    withLive({ status: 'UpdateRollbackFailed' }),
    'endpoint-name',
    /mix of versions/,
  ],
  [
    'an endpoint that is going away',
    withLive({ status: 'Deleting' }),
    'endpoint-name',
    /takes no deployment/,
  ],
  [
    'an endpoint with several variants',
    withVariants({ name: 'a' }, { name: 'b' }),
    'endpoint-name',
    /splits its traffic over a, b/,
  ],
  [
    'another variant name',
    { asked: { variant: 'blue' } },
    'variant-name',
    /is blue, but the live variant is primary/,
  ],
  [
    'a role that does not exist',
    { facts: { role: 'missing' } },
    'role-arn',
    /does not exist \(iam:CreateRole/,
  ],
  [
    'another live config than expected',
    { asked: { expectedCurrent: 'flights-older' } },
    'expected-current',
    /is flights-older, but flights-old is live/,
  ],
  [
    'a rejected package',
    { asked: { approve: true }, facts: { approval: 'Rejected' } },
    'model-package-arn',
    /Rejected/,
  ],
  [
    'a package that nobody approved',
    { facts: { approval: 'PendingManualApproval' } },
    'model-package-arn',
    /approve it in the registry, or give approve: true/,
  ],
  ['an image by tag', { asked: { imageUri: 'repo:latest' } }, 'image-uri', /repo:latest is a tag/],
];

test.each(refusals)('refuses %s', (_why, change, input, sentence) => {
  expect(problemsWith(change)).toEqual([[input, expect.stringMatching(sentence)]]);
});

test('a limit that leaves all at once as it is refuses nothing more', () => {
  expect(problemsWith(withRollout({ strategy: 'all-at-once' }))).toEqual([]);
});

test('every problem is in one message', () => {
  expect(() =>
    refuse('flights', [
      ['bake', 'is too short'],
      ['role-arn', 'does not exist'],
    ]),
  ).toThrow(
    '2 things stand in the way of deploying to flights; nothing was changed:\n  bake      is too short\n  role-arn  does not exist',
  );
});
