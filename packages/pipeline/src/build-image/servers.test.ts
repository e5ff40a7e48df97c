import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, registries } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { appendToImage, baseImage, openRegistry, parsePlatform, parseReference } from '@tidegate/image';
import type { ConfigEdits, Registry } from '@tidegate/image';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { buildImage } from '../build-image.ts';
import type { BuildImageSettings } from '../build-image.ts';
import { modelRepository, quietLog } from '../testing/image-settings.ts';

let local: LocalAws;
let aws: Aws;
let registry: Registry;
let mirror: Registry;
let repositories = 0;
const environment = { ...process.env };

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
  const { registryUrl: url, authorization } = await registries(aws).access();
  registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  mirror = openRegistry({ url, mirrorOf: 'docker.io' });
});

afterAll(async () => {
  process.env = environment;
  registry.close();
  mirror.close();
  await local.close();
});

test('an image for Triton keeps NVIDIA’s entrypoint, and its models’ interpreter finds their packages', async () => {
  const base = await baseWith('triton', {
    entrypoint: ['/opt/nvidia/nvidia_entrypoint.sh'],
    environment: { PYTHON_VERSION: '3.12.3', NVIDIA: 'yes' },
  });
  const image = await build(
    { server: 'triton', base, entry: undefined },
    { 'double/config.pbtxt': 'backend: "python"', 'requirements.txt': 'click==8.1.8\n' },
  );
  expect(image.config).toMatchObject({
    Entrypoint: ['/opt/nvidia/nvidia_entrypoint.sh', '/bin/sh', '/opt/tidegate/server/start.sh'],
    Cmd: ['serve'],
    Env: expect.arrayContaining(['TIDEGATE_SERVER=triton', 'NVIDIA=yes']),
  });
  expect(Object.keys(image.files)).toEqual(
    expect.arrayContaining([
      'opt/tidegate/code/double/config.pbtxt',
      'opt/tidegate/server/named_servers/triton.py',
      'opt/tidegate/packages/cp312-linux_x86_64/click/core.py',
    ]),
  );
  expect(Object.keys(image.files).filter((file) => /uvicorn/.test(file))).toEqual([]);
  expect(image.files['usr/local/lib/python3.12/dist-packages/tidegate.pth']).toBe(
    '/opt/tidegate/packages/cp312-linux_x86_64\n',
  );
});

test('an image for vLLM needs no Python of a known version, for it gets no packages', async () => {
  const base = await baseWith('vllm', { entrypoint: ['vllm', 'serve'] });
  const image = await build({ server: 'vllm', base, entry: undefined, requirements: undefined });
  expect(image.config).toMatchObject({
    Entrypoint: ['/bin/sh', '/opt/tidegate/server/start.sh'],
    Env: expect.arrayContaining(['TIDEGATE_SERVER=vllm']),
  });
});

test('an application of Ray Serve is named in the image, and what its base has where none is real', async () => {
  const image = await build({ server: 'ray-serve', entry: 'serving:app' }, { 'serving.py': 'app = None\n' });
  expect(image.config).toMatchObject({
    Env: expect.arrayContaining(['TIDEGATE_SERVER=ray-serve', 'SM_RAYSERVE_APP=serving:app']),
  });
  expect(image.files['opt/tidegate/requirements.txt']).toBe('click\nray[serve]\n');
});

test('TensorFlow Serving gets our server and the script around it, for the Python that the base’s tag says', async () => {
  const base = await baseWith('tensorflow', {}, '2.20.0-cpu-py312-sagemaker');
  const image = await build({ server: 'tensorflow-serving', base, requirements: undefined });
  expect(image.config).toMatchObject({
    Env: expect.arrayContaining(['TIDEGATE_SERVER=tensorflow-serving', 'SAGEMAKER_PROGRAM=inference.py']),
  });
  expect(Object.keys(image.files)).toContain('opt/tidegate/packages/cp312-linux_x86_64/uvicorn/main.py');
});

test('a server of the base’s own is left as it is: the code is laid down beside it', async () => {
  const base = await baseWith('own', { entrypoint: ['/serve.sh'], command: ['now'] });
  const image = await build({ server: 'none', base, requirements: undefined });
  expect(image.config).toEqual({
    Entrypoint: ['/serve.sh'],
    Cmd: ['now'],
    Env: expect.arrayContaining([
      'SAGEMAKER_SUBMIT_DIRECTORY=/opt/tidegate/code',
      'SAGEMAKER_PROGRAM=inference.py',
    ]),
    Labels: expect.any(Object),
  });
  expect(Object.keys(image.files).filter((file) => !file.endsWith('/'))).toEqual([
    'opt/tidegate/code/inference.py',
    'opt/tidegate/code/requirements.txt',
  ]);
});

test.each<[string, Partial<BuildImageSettings>, string]>([
  [
    'several things that do not go with a server, all at once,',
    { server: 'vllm', base: undefined },
    'base is missing: for server vllm, start from vllm/vllm-openai:v0.23.0; entry is not for server vllm: it serves',
  ],
  [
    'an application whose module is not there',
    { server: 'ray-serve', entry: 'missing.app:app' },
    'entry missing/app.py is not a file in',
  ],
  [
    'a script where an application is asked for',
    { server: 'ray-serve' },
    'entry "inference.py" is not what server ray-serve serves: an application (module:app)',
  ],
])('%s is named', async (_, changes, message) => {
  await expect(build(changes)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(message),
  });
});

test('a base of which it is known that it has no Python is refused, with one that has', async () => {
  const base = await baseWith('no-python', { entrypoint: ['/usr/bin/tf_serving_entrypoint.sh'] });
  await expect(build({ server: 'tensorflow-serving', base, entry: undefined })).rejects.toThrow(
    /is TensorFlow Serving’s own image, which has no Python, .*: use public\.ecr\.aws\/deep-learning-containers\/tensorflow-inference/,
  );
});

/** An image in the local registry that a build may start from. */
async function baseWith(repository: string, edits: ConfigEdits, tag = '1'): Promise<string> {
  await registries(aws).createRepository(`base/${repository}`, {});
  await appendToImage({
    base: baseImage(mirror, parseReference('rayproject/ray:2.57.0'), parsePlatform('linux/amd64')),
    to: { registry, repository: `base/${repository}`, tags: [tag] },
    layers: [],
    edits: { ...edits, labels: { 'ai.tidegate.made-up': 'false' } },
  });
  return `123456789012.dkr.ecr.us-east-1.amazonaws.com/base/${repository}:${tag}`;
}

/** Builds an image of a new folder, and reads what it runs and what it laid down. */
async function build(changes: Partial<BuildImageSettings>, files: Record<string, string> = {}) {
  repositories += 1;
  const settings = await modelRepository(
    {
      repository: `model-${repositories}`,
      base: 'public.ecr.aws/deep-learning-containers/ray:serve-ml-sagemaker-cpu',
      ...changes,
    },
    { 'inference.py': 'def handler(data, context): ...\n', 'requirements.txt': 'click\n', ...files },
  );
  const { digest } = await buildImage(settings, {
    aws,
    log: quietLog(),
    signal: new AbortController().signal,
  });
  return readImage(settings.repository, digest);
}

async function readImage(repository: string, digest: string) {
  const { registryUrl: url, authorization } = await registries(aws).access();
  const get = async (place: string) => {
    const response = await fetch(`${url}/v2/${repository}/${place}`, { headers: { authorization } });
    return Buffer.from(await response.arrayBuffer());
  };
  const { config, layers } = JSON.parse((await get(`manifests/${digest}`)).toString()) as {
    config: { digest: string };
    layers: { digest: string; mediaType: string }[];
  };
  const run = JSON.parse((await get(`blobs/${config.digest}`)).toString()) as { config: unknown };
  const files: Record<string, string> = {};
  for (const { digest: layer, mediaType } of layers) {
    const bytes = await get(`blobs/${layer}`);
    const input = mediaType.endsWith('gzip') ? gunzipSync(bytes) : bytes;
    const names = execFileSync('tar', ['-t'], { input }).toString().split('\n').filter(Boolean);
    for (const name of names) {
      const isShown = /\.(pth|txt)$/.test(name);
      files[name] = isShown ? execFileSync('tar', ['-xO', name], { input }).toString() : '';
    }
  }
  return { config: run.config, files };
}
