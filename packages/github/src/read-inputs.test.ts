import { expect, test } from '@jest/globals';
import { defineAction } from './contract.ts';
import { arn, duration, flag, instanceType, integer, list, map, percent, text } from './inputs/kinds.ts';
import { readInputs } from './read-inputs.ts';

const contract = defineAction({
  name: 'sagemaker-train',
  description: 'Trains.',
  inputs: {
    'role-arn': arn('iam role', { description: 'The job’s role.', required: true, manifest: 'role' }),
    'max-runtime': duration({ description: 'How long.', default: '1h', manifest: 'train.max-runtime' }),
    'use-spot': flag({ description: 'Spot.', default: 'false' }),
    'checkpoint-s3-uri': text({ description: 'Checkpoints.' }),
    hyperparameters: map({ description: 'Settings.', manifest: 'train.hyperparameters' }),
    instance: instanceType({ description: 'Machine.', default: 'ml.m5.xlarge' }),
    count: integer({ description: 'Machines.', default: '1', min: 1, max: 20 }),
    alarms: list({ description: 'Alarms.' }),
    share: percent({ description: 'Share.', default: '20%' }),
  },
  outputs: { 'training-job-name': 'The job.' },
  check: (inputs) =>
    inputs.useSpot && inputs.checkpointS3Uri === undefined
      ? [['use-spot', 'needs checkpoint-s3-uri: an interrupted job would start from nothing']]
      : [],
});

const role = 'arn:aws:iam::123456789012:role/trainer';

test('inputs become what they mean, from the step, the manifest and the defaults, in that order', () => {
  const manifest = (key: string) =>
    ({
      'train.max-runtime': { value: '2h', place: 'tidegate.yml:7:3' },
      'train.hyperparameters': { value: { 'max-iter': 200 }, place: 'tidegate.yml:8:3' },
      role: { value: 'nonsense', place: 'tidegate.yml:1:1' },
    })[key];
  const environment = { 'INPUT_ROLE-ARN': role, 'INPUT_MAX-RUNTIME': '1h', INPUT_ALARMS: 'a, b\nc' };
  expect(readInputs(contract, environment, manifest)).toEqual({
    roleArn: role,
    maxRuntime: 7_200_000,
    useSpot: false,
    checkpointS3Uri: undefined,
    hyperparameters: { 'max-iter': '200' },
    instance: 'ml.m5.xlarge',
    count: 1,
    alarms: ['a', 'b', 'c'],
    share: 0.2,
    manifest: 'tidegate.yml',
    awsRegion: undefined,
    roleToAssume: undefined,
    githubToken: '${{ github.token }}',
  });
});

test('every bad input is named in one message, with what was found and what would be right', () => {
  const manifest = (key: string) =>
    key === 'train.max-runtime' ? { value: 'soon', place: 'tidegate.yml:7:16' } : undefined;
  expect(() => readInputs(contract, { 'INPUT_ROLE-ARN': 'flight-role', INPUT_COUNT: '0' }, manifest)).toThrow(
    [
      '3 inputs of sagemaker-train cannot be used:',
      '  role-arn     "flight-role" is not an IAM role ARN (arn:aws:iam::<12 digits>:role/<name>)',
      '  max-runtime  "soon" is not a duration (90s, 45m, 2h), in tidegate.yml:7:16',
      '  count        "0" is not a whole number between 1 and 20',
    ].join('\n'),
  );
});

test('inputs that are only wrong together are refused once each is right alone', () => {
  expect(() => readInputs(contract, { 'INPUT_ROLE-ARN': role, 'INPUT_USE-SPOT': 'true' })).toThrow(
    'an input of sagemaker-train cannot be used:\n  use-spot  needs checkpoint-s3-uri: an interrupted job would start from nothing',
  );
});

test('a missing input says where else it may be given', () => {
  expect(() => readInputs(contract, {})).toThrow(
    '  role-arn  is missing: give an IAM role ARN (arn:aws:iam::<12 digits>:role/<name>), here or as role in the manifest',
  );
});
