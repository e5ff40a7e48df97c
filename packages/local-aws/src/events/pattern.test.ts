import { expect, test } from '@jest/globals';
import { parsePattern } from './pattern.ts';

const event = {
  source: 'aws.sagemaker',
  'detail-type': 'SageMaker Model Package State Change',
  resources: ['arn:aws:sagemaker:us-east-1:123456789012:model-package/flight/7'],
  detail: {
    group: 'flight',
    version: 7,
    status: 'Approved',
    empty: null,
    address: '10.0.3.9',
    tags: ['a', 'b'],
    parts: [{ n: 1 }, { n: 2 }],
  },
};

const detail = (pattern: object) => parsePattern(JSON.stringify({ detail: pattern }))(event);

test.each<[string, object, boolean]>([
  ['a value', { status: ['Approved'] }, true],
  ['another value', { status: ['Rejected'] }, false],
  ['any of several', { status: ['Rejected', 'Approved'] }, true],
  ['null', { empty: [null] }, true],
  ['an element of a list', { tags: ['b'] }, true],
  ['a field of a list of objects', { parts: { n: [2] } }, true],
  ['all fields', { status: ['Approved'], group: ['other'] }, false],
  ['prefix', { group: [{ prefix: 'fli' }] }, true],
  ['prefix, any case', { group: [{ prefix: { 'equals-ignore-case': 'FLI' } }] }, true],
  ['suffix', { group: [{ suffix: 'ght' }] }, true],
  ['equals-ignore-case', { group: [{ 'equals-ignore-case': 'FLIGHT' }] }, true],
  ['wildcard', { group: [{ wildcard: 'f*g*t' }] }, true],
  ['wildcard that must match to the end', { group: [{ wildcard: 'f*g' }] }, false],
  ['anything-but one', { status: [{ 'anything-but': 'Rejected' }] }, true],
  ['anything-but several', { status: [{ 'anything-but': ['Rejected', 'Approved'] }] }, false],
  ['anything-but a prefix', { status: [{ 'anything-but': { prefix: 'App' } }] }, false],
  ['anything-but of a field that is not there', { nothing: [{ 'anything-but': 'x' }] }, false],
  ['numeric', { version: [{ numeric: ['>', 5, '<=', 7] }] }, true],
  ['numeric beyond', { version: [{ numeric: ['>', 7] }] }, false],
  ['exists', { version: [{ exists: true }] }, true],
  ['does not exist', { nothing: [{ exists: false }] }, true],
  ['exists and should not', { version: [{ exists: false }] }, false],
  ['cidr', { address: [{ cidr: '10.0.0.0/22' }] }, true],
  ['cidr outside', { address: [{ cidr: '10.0.4.0/22' }] }, false],
  ['$or', { $or: [{ status: ['Rejected'] }, { version: [7] }] }, true],
  ['$or with none', { $or: [{ status: ['Rejected'] }, { version: [8] }] }, false],
])('%s', (_name, pattern, expected) => {
  expect(detail(pattern)).toBe(expected);
});

test.each([
  ['not JSON', '{'],
  ['a value outside an array', '{"source":"aws.s3"}'],
  ['an empty array', '{"source":[]}'],
  ['nothing at all', '{}'],
  ['an unknown matcher', '{"source":[{"sounds-like":"x"}]}'],
])('%s is no pattern', (_name, text) => {
  expect(() => parsePattern(text)).toThrow('Event pattern is not valid. Reason: ');
});
