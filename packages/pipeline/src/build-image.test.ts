import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, afterAll, expect, test } from '@jest/globals';
import { connect, registries } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { findAttachments, openRegistry, parseReference, readAttachment } from '@tidegate/image';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { buildImage } from './build-image.ts';
import type { BuildImageSettings } from './build-image.ts';
import { hasBuildah, modelRepository, pythonBase, quietLog } from './testing/image-settings.ts';

let local: LocalAws;
let aws: Aws;
const environment = { ...process.env };
const provenance = {
  commit: '3f2a9c1',
  repository: 'acme/flight-delay',
  runId: '7',
  runUrl: 'https://github.com/acme/flight-delay/actions/runs/7',
};

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
});

afterAll(async () => {
  process.env = environment;
  await local.close();
});

test('an image is pushed once, and a second build of the same inputs sends nothing', async () => {
  const settings = await modelRepository({ repository: 'first' });
  const log = quietLog();
  const built = await buildImage(settings, { aws, log, signal: new AbortController().signal });
  expect(built).toEqual({
    imageUri: `123456789012.dkr.ecr.us-east-1.amazonaws.com/first@${built.digest}`,
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    sizeBytes: expect.any(Number),
    pushedBytes: expect.any(Number),
    reused: false,
    baseDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    sbom: undefined,
    attestationUri: '',
    signedBy: '',
    consoleUrl:
      'https://us-east-1.console.aws.amazon.com/ecr/repositories/private/123456789012/first?region=us-east-1',
  });
  const again = await buildImage(settings, { aws, log, signal: new AbortController().signal });
  expect(again).toEqual({ ...built, pushedBytes: 0, reused: true });
});

test('packages are installed for the image’s Python and platform, once for the same list', async () => {
  const base = await pythonBase(aws, '3.9.21', 'linux/arm64');
  const platform = { os: 'linux', architecture: 'arm64' };
  const log = quietLog();
  const around = { aws, log, signal: new AbortController().signal };
  const files = { 'requirements.txt': '-r more.txt\n', 'more.txt': 'markupsafe==3.0.2  # compiled\n' };
  const settings = await modelRepository({ base, platform, attest: provenance }, files);
  const built = await buildImage(settings, around);
  const names = (built.sbom as { components: { purl?: string }[] }).components
    .map(({ purl }) => purl)
    .filter(Boolean);
  expect(names).toEqual([
    expect.stringMatching(/^pkg:oci\/python-base-3\.9\.21@sha256%3A/),
    'pkg:pypi/click@8.1.8',
    'pkg:pypi/h11@0.16.0',
    'pkg:pypi/markupsafe@3.0.2',
    // Only Pythons older than 3.11 need it: the target's, not this machine's.
    expect.stringMatching(/^pkg:pypi\/typing-extensions@4\./),
    'pkg:pypi/uvicorn@0.39.0',
  ]);
  expect(await filesOf(built.imageUri)).toEqual(
    expect.arrayContaining([
      'opt/tidegate/packages/cp39-linux_aarch64/markupsafe/_speedups.cpython-39-aarch64-linux-gnu.so',
      'opt/tidegate/packages/cp39-linux_aarch64/uvicorn/main.py',
      'opt/tidegate/code/inference.py',
      'opt/tidegate/requirements.txt',
      'opt/tidegate/server/serve.py',
    ]),
  );
  // Other code, the same packages: their layer is taken from the earlier build.
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return max\n');
  const changed = await buildImage(settings, around);
  expect(log.lines).toContain('Reused the layer of an earlier build: 5 packages.');
  expect(changed.pushedBytes).toBeLessThan(20_000);
});
test('what an image was made of, and by whom, is attached to it', async () => {
  const settings = await modelRepository({ repository: 'attested', attest: provenance });
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  const built = await buildImage(settings, around);
  const again = await buildImage(settings, around);
  expect(again).toEqual({ ...built, pushedBytes: 0, reused: true });
  const { registryUrl: url, authorization } = await registries(aws).access();
  const registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  const [found] = await findAttachments(registry, 'attested', built.digest, 'application/vnd.in-toto+json');
  expect(built.attestationUri).toBe(`123456789012.dkr.ecr.us-east-1.amazonaws.com/attested@${found?.digest}`);
  const statement: unknown = JSON.parse(
    (await readAttachment(registry, 'attested', found?.digest ?? '')).toString(),
  );
  registry.close();
  expect(statement).toMatchObject({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      {
        name: '123456789012.dkr.ecr.us-east-1.amazonaws.com/attested',
        digest: { sha256: built.digest.slice(7) },
      },
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        resolvedDependencies: [
          { uri: 'oci://docker.io/library/python:3.12-slim', digest: { sha256: built.baseDigest.slice(7) } },
          { uri: 'git+https://github.com/acme/flight-delay@3f2a9c1', digest: { gitCommit: '3f2a9c1' } },
        ],
      },
      runDetails: { metadata: { invocationId: provenance.runUrl } },
    },
  });
});

test('a base in ECR is pinned at the first build, and a tag that moves later changes nothing', async () => {
  const base = await pythonBase(aws, '3.12.1', 'linux/amd64');
  const settings = await modelRepository({ repository: 'pinned', base, dependencies: 'none' });
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  const first = await buildImage(settings, around);
  expect(JSON.parse(await readFile(settings.lockFile, 'utf8'))).toEqual({
    version: 1,
    images: { [base]: first.baseDigest },
  });
  // The tag names another image from now on, for whoever has no lock.
  await writeFile(
    settings.lockFile,
    JSON.stringify({ version: 1, images: { [base]: 'sha256:' + '0'.repeat(64) } }),
  );
  await expect(buildImage(settings, around)).rejects.toThrow(`the base image ${base}@sha256:000`);
  await writeFile(settings.lockFile, '{}');
  await expect(buildImage(settings, around)).rejects.toThrow('is not a lock file');
});

test('an image that a tag names already is taken as it is, if that is wished', async () => {
  const log = quietLog();
  const around = { aws, log, signal: new AbortController().signal };
  const settings = await modelRepository({ repository: 'tagged', tags: ['v1'], skipIfExists: true });
  const first = await buildImage(settings, around);
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return max\n');
  expect(await buildImage(settings, around)).toMatchObject({
    digest: first.digest,
    reused: true,
    pushedBytes: 0,
  });
  const replaced = buildImage({ ...settings, skipIfExists: false }, around);
  expect(log.lines).toContain(`Reused ${first.imageUri}: tag v1 names it already.`);
  await expect(replaced).rejects.toThrow(
    /TAG_INVALID The image tag 'v1' already exists .* immutable\. Give another of tags, or take the image that it names with skip-if-exists: true$/,
  );
});

test('a Dockerfile that only copies and configures is appended, without a builder', async () => {
  const dockerfile = `FROM python:3.12-slim
WORKDIR /app
COPY inference.py requirements.txt ./
COPY inference.py /opt/main.py
ENV MODE=fast
ENTRYPOINT ["python3", "/opt/main.py"]
`;
  const plain = { base: undefined, entry: undefined, requirements: undefined };
  const settings = await modelRepository(
    { ...plain, repository: 'recipe', dockerfile: 'Dockerfile' },
    { Dockerfile: dockerfile },
  );
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  const built = await buildImage(settings, around);
  expect((await filesOf(built.imageUri)).filter(Boolean)).toEqual([
    'app/inference.py',
    'app/requirements.txt',
    'opt/main.py',
  ]);
  expect(await configOf(built.imageUri)).toMatchObject({
    Env: expect.arrayContaining(['MODE=fast']),
    Entrypoint: ['python3', '/opt/main.py'],
    WorkingDir: '/app',
  });
  expect(await buildImage(settings, around)).toEqual({ ...built, pushedBytes: 0, reused: true });
});

const buildah = hasBuildah() ? test : test.skip;
buildah('a Dockerfile that needs a builder is built by one, once', async () => {
  const base = await pythonBase(aws, '3.12.7', 'linux/amd64');
  const { registryUrl } = await registries(aws).access();
  const local = base.replace(/^[^/]+/, new URL(registryUrl).host);
  // HEALTHCHECK is beyond what we append, and needs no namespaces, which a sandbox may not have.
  const dockerfile = `FROM ${local}\nCOPY inference.py /opt/main.py\nHEALTHCHECK NONE\n`;
  const settings = await modelRepository(
    { repository: 'built', dockerfile: 'Dockerfile', tags: ['v1'] },
    { Dockerfile: dockerfile },
  );
  const log = quietLog();
  const around = { aws, log, signal: new AbortController().signal };
  await expect(buildImage({ ...settings, engine: 'append' }, around)).rejects.toThrow(
    'cannot be appended (line 3: HEALTHCHECK)',
  );
  const built = await buildImage({ ...settings, engine: 'buildah' }, around);
  expect(await filesOf(built.imageUri)).toEqual(expect.arrayContaining(['opt/main.py']));
  expect(log.lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^\S+ has \d+\.\d GB free, and a build with buildah needs 5\.0 GB or more\.$/),
      expect.stringMatching(/^STEP 2\/3: COPY/),
      expect.stringMatching(/^Copying blob /),
    ]),
  );
  const again = await buildImage({ ...settings, engine: 'buildah', tags: ['v1', 'v2'] }, around);
  expect(again).toEqual({ ...built, pushedBytes: 0, reused: true });
  expect(await tagsOf('built', built.digest)).toEqual([expect.stringMatching(/^tidegate-/), 'v1', 'v2']);
});

buildah('what a builder made that is not for its target gets none of the tags', async () => {
  const base = await pythonBase(aws, '3.12.8', 'linux/amd64', { CUDA_VERSION: '11.4.0' });
  const { registryUrl } = await registries(aws).access();
  const local = base.replace(/^[^/]+/, new URL(registryUrl).host);
  const settings = await modelRepository(
    { repository: 'unfit', dockerfile: 'Dockerfile', tags: ['v1'], engine: 'buildah' },
    { Dockerfile: `FROM ${local}\nHEALTHCHECK NONE\n` },
  );
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  const built = buildImage({ ...settings, instanceType: 'ml.p5.48xlarge' }, around);
  await expect(built).rejects.toThrow(
    /is made with CUDA 11\.4, and the H100 of ml\.p5\.48xlarge .* needs CUDA 11\.8/,
  );
  const { digest } = await buildImage({ ...settings, tags: [], instanceType: 'ml.g5.xlarge' }, around);
  expect(await tagsOf('unfit', digest)).toEqual([expect.stringMatching(/^tidegate-/)]);
});

test.each<[string, Partial<BuildImageSettings>, string]>([
  [
    'a repository that is not there',
    { createRepository: false, repository: 'nowhere' },
    'ECR repository nowhere does not exist in 123456789012.dkr.ecr.us-east-1.amazonaws.com: create it (aws ecr create-repository',
  ],
  ['a repository with a tag', { repository: 'model:v1' }, 'repository "model:v1" has a tag or digest'],
  [
    'a base that does not exist',
    { base: 'python:2.7' },
    'the base image docker.io/library/python:2.7 does not exist',
  ],
  ['a base that is no reference', { base: 'Python 3' }, '"Python 3" is not an image reference'],
  [
    'a base of another architecture',
    { platform: { os: 'linux', architecture: 's390x' } },
    'docker.io/library/python:3.12-slim has no image for linux/s390x; it has linux/amd64, linux/arm64',
  ],
  [
    'a base that nobody keeps any more',
    { base: 'pytorch/torchserve:latest' },
    'TorchServe, which is archived',
  ],
  ['an entry that is not there', { entry: 'serve.py' }, 'entry serve.py is not a file in'],
  ['an entry that is missing', { entry: undefined }, 'entry is missing'],
  ['a Dockerfile that is not there', { dockerfile: 'Dockerfile' }, 'Dockerfile cannot be read'],
  ['a builder without a Dockerfile', { engine: 'docker' }, 'engine docker builds a Dockerfile: name it'],
  ['an entry outside', { entry: '../x.py' }, 'entry ../x.py is outside of the source folder'],
  [
    'requirements that are not there',
    { requirements: 'nothing.txt' },
    'requirements nothing.txt is not a file in',
  ],
  ['an image that is too large', { maxImageSizeGb: 0.000001 }, 'at most 0.00 GB are allowed'],
])('%s is named', async (_, changes, message) => {
  const settings = await modelRepository(changes);
  await expect(
    buildImage(settings, { aws, log: quietLog(), signal: new AbortController().signal }),
  ).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(message),
  });
});

test('a package without a wheel for the image is named with what to do', async () => {
  const base = await pythonBase(aws, '3.13.1', 'linux/amd64');
  const settings = await modelRepository(
    { repository: 'no-wheel', base },
    { 'requirements.txt': 'numpy==1.26.4\n' },
  );
  await expect(
    buildImage(settings, { aws, log: quietLog(), signal: new AbortController().signal }),
  ).rejects.toThrow(
    /requirements: numpy==1\.26\.4 has no wheel for Python 3\.13 on linux_x86_64\. Versions with wheels: 2\.\d+\.\d+/,
  );
});

/** The files of an image in the local registry, as its own layers lay them down. */
async function filesOf(imageUri: string): Promise<string[]> {
  const { repository, digest = '' } = parseReference(imageUri);
  const { registryUrl: url, authorization } = await registries(aws).access();
  const get = async (place: string) =>
    fetch(`${url}/v2/${repository}/${place}`, { headers: { authorization } });
  const { layers } = (await (await get(`manifests/${digest}`)).json()) as {
    layers: { mediaType: string; digest: string }[];
  };
  const names: string[] = [];
  for (const layer of layers) {
    const bytes = Buffer.from(await (await get(`blobs/${layer.digest}`)).arrayBuffer());
    const list = execFileSync('tar', ['-t'], {
      input: layer.mediaType.endsWith('gzip') ? gunzipSync(bytes) : bytes,
    });
    names.push(...list.toString().split('\n'));
  }
  return names;
}

async function tagsOf(repository: string, digest: string): Promise<string[]> {
  return ((await registries(aws).describeImage(repository, { digest }))?.tags ?? []).toSorted();
}

/** What an image's configuration says of running it. */
async function configOf(imageUri: string): Promise<unknown> {
  const { repository, digest = '' } = parseReference(imageUri);
  const { registryUrl: url, authorization } = await registries(aws).access();
  const get = async (place: string) =>
    (await fetch(`${url}/v2/${repository}/${place}`, { headers: { authorization } })).json();
  const { config } = (await get(`manifests/${digest}`)) as { config: { digest: string } };
  return ((await get(`blobs/${config.digest}`)) as { config: unknown }).config;
}
