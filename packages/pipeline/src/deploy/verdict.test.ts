import { expect, test } from '@jest/globals';
import type { Endpoint } from '@tidegate/aws';
import { read } from './verdict.ts';

const serving = {
  name: 'primary',
  weight: 1,
  desiredWeight: 1,
  instanceCount: 2,
  desiredInstanceCount: 2,
  progress: [],
  images: [],
};

function endpoint(change: Partial<Endpoint>): Endpoint {
  return {
    name: 'flights',
    arn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights',
    status: 'InService',
    configName: 'old',
    variants: [serving],
    pending: null,
    failureReason: '',
    lastRollout: null,
    capture: null,
    createdAt: 0,
    modifiedAt: 2,
    ...change,
  };
}

const expected = { candidate: 'new', previous: 'old', untouchedSince: 1 };

test('only the candidate’s own config with all of the traffic is live', () => {
  expect(read(expected, endpoint({ configName: 'new' }))).toEqual({ state: 'live' });
  expect(read(expected, endpoint({ configName: 'new', variants: [{ ...serving, weight: 0 }] }))).toEqual({
    state: 'under-way',
    progress: 'the new fleet is settling',
  });
});

test('in service with the config of before is a roll-back, even when AWS gives no reason', () => {
  expect(read(expected, endpoint({}))).toEqual({ state: 'rolled-back', reason: '' });
});

test('in service and untouched means that AWS has not begun', () => {
  expect(read(expected, endpoint({ modifiedAt: 1 }))).toEqual({ state: 'not-begun' });
});

test('in service with somebody else’s config is superseded', () => {
  expect(read(expected, endpoint({ configName: 'theirs' }))).toEqual({ state: 'superseded', by: 'theirs' });
});

test('somebody else’s deployment under way is superseded', () => {
  const pending = { configName: 'theirs', startedAt: 0, variants: [] };
  expect(read(expected, endpoint({ status: 'Updating', pending }))).toEqual({
    state: 'superseded',
    by: 'theirs',
  });
});

test('an update under way says what AWS is doing', () => {
  const baking = { ...serving, progress: [{ status: 'Baking', message: 'Baking for 600 seconds' }] };
  const pending = { configName: 'new', startedAt: 0, variants: [baking] };
  expect(read(expected, endpoint({ status: 'Updating', pending }))).toEqual({
    state: 'under-way',
    progress: 'Updating: Baking for 600 seconds',
  });
});

test('a roll-back under way is not the end of it', () => {
  const pending = { configName: 'old', startedAt: 0, variants: [] };
  expect(read(expected, endpoint({ status: 'RollingBack', pending }))).toEqual({
    state: 'under-way',
    progress: 'RollingBack',
  });
});

test('a failed roll-back serves a mix, and is a failure', () => {
  expect(read(expected, endpoint({ status: 'UpdateRollbackFailed', failureReason: 'no capacity' }))).toEqual({
    state: 'failed',
    reason: 'the update failed and rolling it back failed too, so a mix of versions is serving: no capacity',
  });
});

test('a failed creation and a deleted endpoint are failures', () => {
  expect(read(expected, endpoint({ status: 'Failed', failureReason: 'no ping' }))).toEqual({
    state: 'failed',
    reason: 'the endpoint is Failed: no ping',
  });
  expect(read(expected, undefined)).toEqual({ state: 'failed', reason: 'the endpoint has been deleted' });
});
