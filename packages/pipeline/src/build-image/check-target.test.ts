import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ECRClient, ListImagesCommand } from '@aws-sdk/client-ecr';
import { connect, registries } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { openRegistry } from '@tidegate/image';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { describeJson, sha256 } from '../../../image/src/manifest.ts';
import { media } from '../../../image/src/media-types.ts';
import { putManifest } from '../../../image/src/registry/manifests.ts';
import { uploadBytes } from '../../../image/src/registry/upload.ts';
import { buildImage } from '../build-image.ts';
import type { BuildImageSettings } from '../build-image.ts';
import { modelRepository, pythonBase, quietLog } from '../testing/image-settings.ts';

let local: LocalAws;
let aws: Aws;
const environment = { ...process.env };
const { signal } = new AbortController();
const arm64 = { os: 'linux', architecture: 'arm64' };

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
});
afterAll(async () => {
  process.env = environment;
  await local.close();
});

test.each<[Partial<BuildImageSettings>, string]>([
  [
    { instanceType: 'ml.m7g.large' },
    'ml.m7g.large has an arm64 processor, and platform is linux/amd64: set platform: linux/arm64, or choose another instance-type',
  ],
  [
    { instanceType: 'ml.c5.large', platform: arm64 },
    'ml.c5.large has an amd64 processor, and platform is linux/arm64: set platform: linux/amd64, or choose another instance-type',
  ],
])('%j is refused before anything is asked', async (changes, message) => {
  const settings = await modelRepository(changes);
  const nobody = connect({ region: 'nowhere-1' });
  await expect(buildImage(settings, { aws: nobody, log: quietLog(), signal })).rejects.toThrow(message);
});

test('Lambda takes either architecture, whatever instance the manifest names', async () => {
  const settings = await modelRepository({
    instanceType: 'ml.m5.large',
    target: 'lambda',
    platform: arm64,
    dependencies: 'none',
  });
  expect((await buildImage(settings, { aws, log: quietLog(), signal })).reused).toBe(false);
});

test('packages for a CUDA that does not know the GPU are refused before a byte of them is sent', async () => {
  const base = await pythonBase(aws, '3.12.30', 'linux/amd64');
  const settings = await withTorch({ base, repository: 'blackwell', instanceType: 'ml.p6-b200.48xlarge' });
  await expect(buildImage(settings, { aws, log: quietLog(), signal })).rejects.toMatchObject({
    name: 'UserError',
    message:
      'the image would not work: torch==2.6.0+cu124 is made with CUDA 12.4, and the B200 of ml.p6-b200.48xlarge (compute capability 10.0) needs CUDA 12.8 or newer',
  });
  const { imageIds } = await aws
    .client(ECRClient)
    .send(new ListImagesCommand({ repositoryName: 'blackwell' }));
  expect(imageIds).toEqual([]);
});

test.each([
  ['ml.m5.large', /^torch==2\.6\.0\+cu124 brings CUDA 12\.4, and ml\.m5\.large has no NVIDIA GPU/],
  [
    'ml.g5.xlarge',
    /^torch==2\.6\.0\+cu124 is made with CUDA 12\.4, and the driver of ml\.g5\.xlarge knows CUDA 11\.4 unless/,
  ],
])('what wastes, or may not be met, on %s is a warning', async (instanceType, warning) => {
  const base = await pythonBase(aws, '3.12.31', 'linux/amd64');
  const settings = await withTorch({
    base,
    repository: `warned-${instanceType.replaceAll('.', '-')}`,
    instanceType,
  });
  const log = quietLog();
  await buildImage(settings, { aws, log, signal });
  expect(log.lines).toContainEqual(expect.stringMatching(warning));
});

test('a base for a CUDA that has given the GPU up is refused, packages or not', async () => {
  const base = await pythonBase(aws, '3.12.32', 'linux/amd64', { CUDA_VERSION: '13.0.1' });
  const settings = await modelRepository({ base, dependencies: 'none', instanceType: 'ml.p3.2xlarge' });
  await expect(buildImage(settings, { aws, log: quietLog(), signal })).rejects.toThrow(
    /made with CUDA 13\.0, and the V100 of ml\.p3\.2xlarge \(compute capability 7\.0\) is known to CUDA 12 and older only/,
  );
});

test.each<[Partial<BuildImageSettings>, string]>([
  [{ target: 'lambda' }, 'Lambda'],
  [{ instanceType: 'serverless' }, 'a serverless endpoint'],
])('%j: an image of more than 10 GiB unpacked is refused, without unpacking it', async (changes, named) => {
  const base = await hugeBase();
  const settings = await modelRepository({ base, dependencies: 'none', repository: 'huge', ...changes });
  await expect(buildImage(settings, { aws, log: quietLog(), signal })).rejects.toThrow(
    `the image takes 11.25 GiB or more unpacked, and ${named} takes 10 GiB: use a smaller base`,
  );
  const onInstance = await buildImage(
    { ...settings, target: 'sagemaker', instanceType: 'ml.m5.large' },
    { aws, log: quietLog(), signal },
  );
  expect(onInstance.sizeBytes).toBeLessThan(1e6);
});

/** A model that needs a wheel called torch, made for CUDA 12.4: pip resolves it as it would the real one. */
async function withTorch(changes: Partial<BuildImageSettings>): Promise<BuildImageSettings> {
  const wheel = 'torch-2.6.0+cu124-py3-none-any.whl';
  const settings = await modelRepository(changes, { 'requirements.txt': `./${wheel}\n` });
  const program = `
import sys, zipfile
info = "torch-2.6.0+cu124.dist-info"
files = {
    "torch/__init__.py": "",
    f"{info}/METADATA": "Metadata-Version: 2.1\\nName: torch\\nVersion: 2.6.0+cu124\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
files[f"{info}/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
`;
  execFileSync('python3', ['-c', program, path.join(settings.source, wheel)]);
  expect(readFileSync(path.join(settings.source, wheel)).length).toBeGreaterThan(0);
  return settings;
}

/** A base whose three small layers say, as gzip does, that they hold 3.75 GiB each. */
async function hugeBase(): Promise<string> {
  const repository = 'huge-base';
  await registries(aws).createRepository(repository, {});
  const { registryUrl: url, authorization } = await registries(aws).access();
  const registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  const put = async (bytes: Buffer, mediaType: string) => {
    const descriptor = { mediaType, digest: sha256(bytes), size: bytes.length };
    await uploadBytes(registry, repository, Promise.resolve({ bytes, digest: descriptor.digest }));
    return descriptor;
  };
  const layers = await Promise.all(
    [1, 2, 3].map((layer) => {
      const bytes = gzipSync(`layer ${layer}`);
      bytes.writeUInt32LE(3.75 * 1024 ** 3, bytes.length - 4);
      return put(bytes, `${media.ociLayer}+gzip`);
    }),
  );
  const config = describeJson(
    {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    },
    media.ociConfig,
  );
  await put(config.bytes, media.ociConfig);
  const manifest = { schemaVersion: 2, mediaType: media.ociManifest, config: config.descriptor, layers };
  await putManifest(registry, repository, '1', describeJson(manifest, media.ociManifest));
  registry.close();
  return `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repository}:1`;
}
