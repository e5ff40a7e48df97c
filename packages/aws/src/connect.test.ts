import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import type { Clock } from './clock.ts';
import { connect, type Aws } from './connect.ts';
import { identity } from './identity.ts';
import { trainingImage } from './image-families.ts';
import { logs } from './logs.ts';
import { modelPackages } from './model-packages.ts';
import { trainingJobs } from './training-jobs.ts';
import { pollIntervalMs, until } from './until.ts';
import { UserError } from './user-error.ts';

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws({ clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') } });
  Object.assign(process.env, local.environment);
});
afterAll(async () => await local.close());
beforeEach(() => {
  local.faults.clear();
  Object.assign(process.env, local.environment);
});

/** A clock that never waits: it says how long it would have. */
function readyClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}

test('a region is needed, and its absence is said before anything is called', () => {
  const { AWS_REGION: region } = process.env;
  delete process.env['AWS_REGION'];
  delete process.env['AWS_DEFAULT_REGION'];
  expect(() => connect()).toThrow(
    'No AWS region: give aws-region, or set AWS_REGION (for example us-east-1).',
  );
  process.env['AWS_REGION'] = region;
});

test('AWS’s time is learnt from its answers, and our clock counts on between them', async () => {
  const clock = readyClock();
  const aws = connect({ clock });
  expect(aws.time()).toBe(0);
  await identity(aws).caller();
  expect(new Date(aws.time()).toISOString()).toBe('2026-11-23T10:00:00.000Z');
  await clock.sleep(90_000);
  expect(new Date(aws.time()).toISOString()).toBe('2026-11-23T10:01:30.000Z');
});

test('throttling is outwaited by the clock, not by a number of attempts', async () => {
  const clock = readyClock();
  const aws = connect({ clock, random: () => 1 });
  local.faults.add({ service: 'sts', effect: 'throttle', times: 9 });
  expect(await identity(aws).caller()).toMatchObject({ account: local.account });
  expect(clock.slept).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('patience ends: what stays throttled fails in AWS’s words', async () => {
  const aws = connect({ clock: readyClock(), random: () => 1, patienceMs: 250 });
  local.faults.add({ service: 'sts', effect: 'throttle' });
  await expect(identity(aws).caller()).rejects.toThrow(/Rate exceeded/);
});

test.each([
  [
    {
      code: 'AccessDeniedException',
      status: 400,
      message: 'User is not authorized to perform: iam:PassRole on resource: x',
    },
    'the role in use needs iam:PassRole',
  ],
  [
    { code: 'AccessDeniedException', status: 400, message: 'no' },
    'AWS refused DescribeTrainingJob: the role in use needs sagemaker:DescribeTrainingJob. AWS said: no',
  ],
  [
    { code: 'ExpiredTokenException', status: 400, message: 'expired' },
    'AWS does not accept the credentials (ExpiredTokenException: expired). Give role-to-assume',
  ],
])('%j becomes what a person can do', async (fault, sentence) => {
  local.faults.add({ service: 'sagemaker', effect: 'error', ...fault });
  const failure = trainingJobs(connect())
    .find('x')
    .catch((error: unknown) => error);
  expect(await failure).toBeInstanceOf(UserError);
  expect(((await failure) as Error).message).toContain(sentence);
});

test('failures of AWS and lost connections are passed over, but not for long', async () => {
  const clock = readyClock();
  const aws = connect({ clock, random: () => 1 });
  local.faults.add({ service: 'sts', effect: 'reset', times: 2 });
  local.faults.add({ service: 'sts', effect: 'error', times: 1 });
  expect(await identity(aws).caller()).toMatchObject({ account: local.account });
  expect(clock.slept).toEqual([100, 200, 400]);
  local.faults.add({ service: 'sts', effect: 'error' });
  await expect(identity(connect({ clock, outageMs: 1000 })).caller()).rejects.toThrow(/^GetCallerIdentity: /);
});

test('an endpoint nobody listens on is said to be out of reach', async () => {
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
  const unreachable = connect({ clock: readyClock() });
  await expect(identity(unreachable).caller()).rejects.toThrow(
    /^AWS cannot be reached for GetCallerIdentity .*check AWS_ENDPOINT_URL/,
  );
});

test('what is not there is an answer, not an error', async () => {
  const aws = connect();
  expect(await trainingJobs(aws).find('none')).toBeUndefined();
  expect(
    await modelPackages(aws).find(`arn:aws:sagemaker:us-east-1:${local.account}:model-package/none/1`),
  ).toBeUndefined();
  expect(await logs(aws).follow('/aws/sagemaker/TrainingJobs', 'none/').next()).toEqual([]);
  expect(await identity(aws).roleExists(`arn:aws:iam::${local.account}:role/none`)).toBe('missing');
  await trainingJobs(aws).stop('none');
});

test('looking is paced by the round trip, and never lasts beyond an abort or a time-out', async () => {
  const clock = readyClock();
  const paced = (roundTrip: number) =>
    ({ ...connect({ clock }), roundTripMs: () => roundTrip }) satisfies Aws;
  expect([paced(0.5), paced(5), paced(100), paced(5000)].map((aws) => pollIntervalMs(aws, 0))).toEqual([
    25, 100, 2000, 15_000,
  ]);
  expect(pollIntervalMs(paced(1), 3_600_000)).toBe(3600);

  let looks = 0;
  expect(await until(paced(5), async () => ((looks += 1) === 3 ? 'done' : undefined))).toBe('done');
  await expect(until(paced(5), async () => undefined, { timeoutMs: 1000 })).rejects.toMatchObject({
    name: 'TimedOut',
  });

  const cancel = new AbortController();
  const hung = until(paced(5), () => new Promise<undefined>(() => {}), { signal: cancel.signal });
  cancel.abort(new Error('cancelled'));
  await expect(hung).rejects.toThrow('cancelled');
});

test.each([
  [
    'scikit-learn:1.4',
    'us-east-1',
    'ml.m5.xlarge',
    '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3',
  ],
  [
    'pytorch:2.8',
    'eu-south-1',
    'ml.g5.xlarge',
    '692866216735.dkr.ecr.eu-south-1.amazonaws.com/pytorch-training:2.8.0-gpu-py312',
  ],
  [
    'pytorch:2.8',
    'cn-north-1',
    'ml.m5.xlarge',
    '727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch-training:2.8.0-cpu-py312',
  ],
  [
    '1.dkr.ecr.x.amazonaws.com/mine@sha256:0',
    'us-east-1',
    'ml.m5.xlarge',
    '1.dkr.ecr.x.amazonaws.com/mine@sha256:0',
  ],
])('%s in %s on %s is %s', (image, region, instance, expected) => {
  expect(trainingImage(image, region, instance)).toBe(expected);
});

test.each([
  ['sklearn:1.4', 'neither a full image URI nor a known family: scikit-learn, xgboost, pytorch, tensorflow'],
  ['scikit-learn:1.5', 'scikit-learn has no version "1.5" here; known: 1.0, 1.2, 1.4, 1.9'],
])('%s is refused with what is known', (image, sentence) => {
  expect(() => trainingImage(image, 'us-east-1', 'ml.m5.xlarge')).toThrow(sentence);
});
