import { ProductionVariantInstanceType } from '@aws-sdk/client-sagemaker';
import { expect, test } from '@jest/globals';
import { instanceFacts } from './instance-types.ts';

test.each([
  ['ml.m5.xlarge', { architecture: 'amd64', gpu: 'none' }],
  ['ml.m7g.xlarge', { architecture: 'arm64', gpu: 'none' }],
  ['ml.c6gn.xlarge', { architecture: 'arm64', gpu: 'none' }],
  ['ml.r7gd.xlarge', { architecture: 'arm64', gpu: 'none' }],
  ['g5g.xlarge', { architecture: 'arm64', gpu: { name: 'T4G', computeCapability: '7.5' } }],
  ['ml.g6e.xlarge', { architecture: 'amd64', gpu: { name: 'L40S', computeCapability: '8.9' } }],
  ['ml.g4dn.xlarge', { architecture: 'amd64', gpu: expect.objectContaining({ name: 'T4' }) }],
  ['ml.p6e-gb200.36xlarge', { architecture: 'arm64', gpu: { name: 'GB200', computeCapability: '10.0' } }],
  ['ml.inf2.xlarge', { architecture: 'amd64', gpu: 'none' }],
  ['ml.trn1.2xlarge', { architecture: 'amd64', gpu: 'none' }],
  ['ml.p9.48xlarge', { architecture: 'amd64', gpu: 'unknown' }],
])('%s', (instanceType, facts) => {
  expect(instanceFacts(instanceType)).toEqual(facts);
});

test('the GPU of every instance type that an endpoint may have is known', () => {
  const types = Object.values(ProductionVariantInstanceType);
  expect(types.filter((type) => instanceFacts(type).gpu === 'unknown')).toEqual([]);
  const withGpu = types.filter((type) => instanceFacts(type).gpu !== 'none');
  expect(new Set(withGpu.map((type) => type.split('.')[1]?.[0]))).toEqual(new Set(['g', 'p']));
});
