import { expect, test } from '@jest/globals';
import { readInputs } from '@tidegate/github';
import { contract } from './contract.ts';

const right = { model: 'flight-delay', 'base-image': 'python:3.12-slim', entry: 'inference.py' };

test('what is right as it is', () => {
  expect(
    read({ ...right, 'mirror-base': 'team/bases', 'instance-type': 'serverless', platform: 'linux/arm64' }),
  ).toMatchObject({
    mirrorBase: 'team/bases',
    instanceType: 'serverless',
    platform: { os: 'linux', architecture: 'arm64' },
    skipIfExists: false,
    target: undefined,
  });
});

test('what the manifest says of the deployment stands in for what is not given', () => {
  const manifest: Record<string, string> = { 'deploy.target': 'lambda', 'deploy.instance': 'ml.m7g.large' };
  const found = read(right, (key) => {
    const value = manifest[key];
    return value === undefined ? undefined : { value, place: 'tidegate.yml:1:1' };
  });
  expect(found).toMatchObject({ target: 'lambda', instanceType: 'ml.m7g.large' });
});

test.each<[Record<string, string>, string]>([
  [
    { 'mirror-base': '123456789012.dkr.ecr.us-east-1.amazonaws.com/bases' },
    'without its registry and without a tag',
  ],
  [{ 'mirror-base': 'bases', engine: 'buildah', dockerfile: 'Dockerfile' }, 'buildah reads its bases itself'],
  [{ 'instance-type': 'large' }, '"large" is not an instance type (ml.g5.xlarge, g5.xlarge) or serverless'],
  [{ target: 'heroku' }, '"heroku" is not one of sagemaker, lambda, ecs, eks, batch'],
  [{ 'skip-if-exists': 'true' }, 'needs tags: it asks whether the first of them names an image'],
])('%j is refused', (inputs, message) => {
  expect(() => read({ ...right, ...inputs })).toThrow(message);
});

function read(inputs: Record<string, string>, manifest?: Parameters<typeof readInputs>[2]) {
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return readInputs(contract, Object.fromEntries(variables) as Record<string, string>, manifest);
}
