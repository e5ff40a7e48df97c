import { describe, expect, test } from '@jest/globals';
import { checkCuda } from './check-cuda.ts';
import { cudaOfConfig, cudaOfPackage } from './cuda-of.ts';
import { unsupported } from './gpu-support.ts';

const python = based({});
const a10g = { named: 'ml.g5.xlarge', gpu: { name: 'A10G', computeCapability: '8.6' } };
const v100 = { named: 'ml.p3.2xlarge', gpu: { name: 'V100', computeCapability: '7.0' } };
const b200 = { named: 'ml.p6-b200.48xlarge', gpu: { name: 'B200', computeCapability: '10.0' } };
const noGpu = { named: 'ml.m5.large', gpu: undefined };

test.each([
  ['nvidia-cuda-runtime-cu12==12.4.127', { major: 12, minor: 4 }],
  ['nvidia-cuda-runtime==13.0.96', { major: 13, minor: 0 }],
  ['nvidia_cublas_cu12==12.4.5.8', { major: 12 }],
  ['nvidia-dali-cuda120==1.40.0', { major: 12, minor: 0 }],
  ['torch==2.6.0+cu124', { major: 12, minor: 4 }],
  ['flash-attn==2.7.4+cu12torch2.6', { major: 12 }],
  ['cupy-cuda11x==13.3.0', { major: 11 }],
  ['jax-cuda12-plugin==0.5.0', { major: 12 }],
  ['torch==2.6.0+cpu', undefined],
  ['torch==2.6.0', undefined],
  ['numpy==2.2.0', undefined],
  ['scikit-learn==1.6.0', undefined],
])('%s is made for %j', (text, version) => {
  expect(cudaOfPackage(packageOf(text))).toEqual(version && { ...version, by: text });
});

test.each([
  [{ CUDA_VERSION: '12.4.1' }, {}, { major: 12, minor: 4 }],
  [{ NVIDIA_REQUIRE_CUDA: 'cuda>=11.8 brand=tesla,driver>=470,driver<471' }, {}, { major: 11, minor: 8 }],
  [{}, { 'com.nvidia.cuda.version': '8.0.61' }, { major: 8, minor: 0 }],
  [{ PATH: '/bin' }, {}, undefined],
])('a configuration with %j %j has %j', (environment, labels, version) => {
  const found = cudaOfConfig(config(environment, labels), 'base');
  expect(found).toEqual(version && { ...version, by: 'base' });
});

test.each([
  ['11.3', '8.9', undefined],
  ['10.2', '8.6', 'needs CUDA 11.0 or newer'],
  ['11.7', '9.0', 'needs CUDA 11.8 or newer'],
  ['12.6', '10.0', 'needs CUDA 12.8 or newer'],
  ['12.8', '10.3', undefined],
  ['12', '12.0', undefined],
  ['11', '12.0', 'needs CUDA 12.8 or newer'],
  ['12.9', '7.0', undefined],
  ['13.0', '7.0', 'is known to CUDA 12 and older only'],
  ['13.0', '7.5', undefined],
  ['12.0', '3.7', 'is known to CUDA 11 and older only'],
  ['13.0', '14.0', undefined],
])('CUDA %s on compute capability %s: %s', (version, computeCapability, problem) => {
  const [major = 0, minor] = version.split('.').map(Number);
  const cuda = { major, ...(minor !== undefined && { minor }), by: 'it' };
  const found = unsupported(cuda, { name: 'GPU', computeCapability });
  expect(found?.replace(/^.*\) /, '')).toBe(problem);
});

describe('what cannot work is a problem:', () => {
  test('wheels for a CUDA that does not know the GPU', () => {
    const packages = ['torch==2.6.0+cu124', 'nvidia-cuda-runtime-cu12==12.4.127'].map(packageOf);
    expect(checkCuda({ base: python, packages, machine: b200 }).problems).toEqual([
      'torch==2.6.0+cu124 is made with CUDA 12.4, and the B200 of ml.p6-b200.48xlarge (compute capability 10.0) needs CUDA 12.8 or newer',
    ]);
  });

  test('a base for a CUDA that has given the GPU up', () => {
    const base = based({ CUDA_VERSION: '13.0.0' });
    expect(checkCuda({ base, packages: undefined, machine: v100 }).problems).toEqual([
      'the-base is made with CUDA 13.0, and the V100 of ml.p3.2xlarge (compute capability 7.0) is known to CUDA 12 and older only',
    ]);
  });

  test('PyTorch and an extension of it from two indexes', () => {
    const packages = ['torch==2.6.0+cu124', 'torchvision==0.21.0+cu118'].map(packageOf);
    expect(checkCuda({ base: python, packages, machine: undefined }).problems).toEqual([
      'torchvision==0.21.0+cu118 is built for CUDA 11, and torch==2.6.0+cu124 for CUDA 12: take both from the same index',
    ]);
  });

  test('a package that needs the base’s CUDA, and the base has another', () => {
    const base = based({ CUDA_VERSION: '11.8.0' });
    const packages = [packageOf('cupy-cuda12x==13.3.0')];
    expect(checkCuda({ base, packages, machine: a10g }).problems).toEqual([
      'cupy-cuda12x==13.3.0 needs the libraries of CUDA 12: the-base has CUDA 11.8, and no package brings them',
    ]);
    const brought = [...packages, packageOf('nvidia-cuda-runtime-cu12==12.4.127')];
    expect(checkCuda({ base, packages: brought, machine: a10g }).problems).toEqual([]);
  });
});

describe('what only wastes is a warning:', () => {
  test('GPU packages, or a GPU base, on a machine without one', () => {
    const packages = [packageOf('torch==2.6.0+cu124')];
    expect(checkCuda({ base: python, packages, machine: noGpu })).toEqual({
      uses: [{ major: 12, minor: 4, by: 'torch==2.6.0+cu124' }],
      problems: [],
      warnings: [
        'torch==2.6.0+cu124 brings CUDA 12.4, and ml.m5.large has no NVIDIA GPU: packages made for CPUs would be gigabytes smaller',
      ],
    });
    const base = based({ CUDA_VERSION: '12.4.1' });
    expect(checkCuda({ base, packages: [], machine: noGpu }).warnings).toEqual([
      'the-base brings CUDA 12.4, and ml.m5.large has no NVIDIA GPU: a base without CUDA would be gigabytes smaller',
    ]);
  });

  test('a CUDA in the base beside the one of the packages', () => {
    const base = based({ CUDA_VERSION: '11.8.0' });
    const packages = [packageOf('torch==2.6.0+cu124')];
    expect(checkCuda({ base, packages, machine: a10g })).toMatchObject({
      problems: [],
      warnings: [expect.stringMatching(/^the-base brings CUDA 11\.8, and the packages .* of their own/)],
    });
  });

  test.each<[string[], Record<string, string>, number]>([
    [['scikit-learn==1.6.0'], {}, 1],
    [['onnxruntime-gpu==1.20.0'], {}, 0],
    // PyTorch's own images say no CUDA_VERSION.
    [['scikit-learn==1.6.0'], { NVIDIA_VISIBLE_DEVICES: 'all' }, 0],
    [[], {}, 0],
  ])('a GPU with %j and %j: %i', (packages, environment, count) => {
    const base = based(environment);
    const { warnings } = checkCuda({ base, packages: packages.map(packageOf), machine: a10g });
    expect(warnings).toHaveLength(count);
  });
});

test('what is right is neither', () => {
  const packages = ['torch==2.8.0', 'nvidia-cuda-runtime-cu12==12.8.90', 'nvidia-cudnn-cu12==9.10.2'].map(
    packageOf,
  );
  expect(checkCuda({ base: python, packages, machine: b200 })).toEqual({
    uses: [{ major: 12, minor: 8, by: 'nvidia-cuda-runtime-cu12==12.8.90' }],
    problems: [],
    warnings: [],
  });
});

function packageOf(text: string) {
  const [name = '', version = ''] = text.split('==');
  return { name, version };
}

function config(environment: Record<string, string>, Labels: Record<string, string> = {}) {
  const Env = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return { config: { Env, Labels } };
}

function based(environment: Record<string, string>) {
  return { named: 'the-base', config: config(environment) };
}
