import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, afterAll, expect, test } from '@jest/globals';
import { connect, registries } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import {
  appendToImage,
  baseImage,
  findAttachments,
  openRegistry,
  parsePlatform,
  parseReference,
  readAttachment,
} from '@tidegate/image';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { buildImage } from './build-image.ts';
import type { BuildImageSettings } from './build-image.ts';
import type { Log } from './surroundings.ts';

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
    consoleUrl:
      'https://us-east-1.console.aws.amazon.com/ecr/repositories/private/123456789012/first?region=us-east-1',
  });
  const again = await buildImage(settings, { aws, log, signal: new AbortController().signal });
  expect(again).toEqual({ ...built, pushedBytes: 0, reused: true });
});

test('packages are installed for the image’s Python and platform, once for the same list', async () => {
  const base = await pythonBase('3.9.21', 'linux/arm64');
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
  const base = await pythonBase('3.12.1', 'linux/amd64');
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
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  const settings = await modelRepository({ repository: 'tagged', tags: ['v1'], ifTagExists: 'skip' });
  const first = await buildImage(settings, around);
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return max\n');
  expect(await buildImage(settings, around)).toMatchObject({
    digest: first.digest,
    reused: true,
    pushedBytes: 0,
  });
  const replaced = buildImage({ ...settings, ifTagExists: 'replace' }, around);
  await expect(replaced).rejects.toThrow(/TAG_INVALID The image tag 'v1' already exists .* immutable/);
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
  const base = await pythonBase('3.12.7', 'linux/amd64');
  const { registryUrl } = await registries(aws).access();
  const local = base.replace(/^[^/]+/, new URL(registryUrl).host);
  // HEALTHCHECK is beyond what we append, and needs no namespaces, which a sandbox may not have.
  const dockerfile = `FROM ${local}\nCOPY inference.py /opt/main.py\nHEALTHCHECK NONE\n`;
  const settings = await modelRepository(
    { repository: 'built', dockerfile: 'Dockerfile', tags: ['v1'] },
    { Dockerfile: dockerfile },
  );
  const around = { aws, log: quietLog(), signal: new AbortController().signal };
  await expect(buildImage({ ...settings, engine: 'append' }, around)).rejects.toThrow(
    'cannot be appended (line 3: HEALTHCHECK)',
  );
  const built = await buildImage({ ...settings, engine: 'buildah' }, around);
  expect(await filesOf(built.imageUri)).toEqual(expect.arrayContaining(['opt/main.py']));
  expect(await buildImage({ ...settings, engine: 'buildah' }, around)).toEqual({
    ...built,
    pushedBytes: 0,
    reused: true,
  });
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
  const base = await pythonBase('3.13.1', 'linux/amd64');
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

/** A base that says which Python it has, unlike those that the local registry makes up. */
async function pythonBase(version: string, platform: string): Promise<string> {
  const [host, repository] = ['123456789012.dkr.ecr.us-east-1.amazonaws.com', `python-base-${version}`];
  await registries(aws).createRepository(repository, {});
  const { registryUrl: url, authorization } = await registries(aws).access(host);
  const registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  const mirror = openRegistry({ url, mirrorOf: 'docker.io' });
  await appendToImage({
    base: baseImage(mirror, parseReference('python:3.12'), parsePlatform(platform)),
    to: { registry, repository, tags: ['1'] },
    layers: [],
    edits: { environment: { PYTHON_VERSION: version }, labels: { 'ai.tidegate.made-up': 'false' } },
  });
  registry.close();
  mirror.close();
  return `${host}/${repository}:1`;
}

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

/** What an image's configuration says of running it. */
async function configOf(imageUri: string): Promise<unknown> {
  const { repository, digest = '' } = parseReference(imageUri);
  const { registryUrl: url, authorization } = await registries(aws).access();
  const get = async (place: string) =>
    (await fetch(`${url}/v2/${repository}/${place}`, { headers: { authorization } })).json();
  const { config } = (await get(`manifests/${digest}`)) as { config: { digest: string } };
  return ((await get(`blobs/${config.digest}`)) as { config: unknown }).config;
}

/** In CI its absence is a failure, elsewhere a reason to skip. */
function hasBuildah(): boolean {
  const { status } = spawnSync('buildah', ['--version']);
  if (status !== 0 && process.env['CI'] === 'true')
    throw new Error('these tests need buildah: apt-get install -y buildah');
  return status === 0;
}

async function modelRepository(
  changes: Partial<BuildImageSettings>,
  files: Record<string, string> = {},
): Promise<BuildImageSettings> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-image-'));
  const source = path.join(folder, 'serving');
  await mkdir(source);
  const all = {
    'inference.py': 'def model_fn(model_dir):\n    return len\n',
    'requirements.txt': 'numpy>=1.24\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) await writeFile(path.join(source, name), text);
  return {
    repository: 'model',
    createRepository: true,
    server: 'tidegate',
    base: 'python:3.12-slim',
    source,
    entry: 'inference.py',
    dockerfile: undefined,
    engine: 'auto',
    requirements: 'requirements.txt',
    dependencies: 'layer',
    pythonVersion: undefined,
    tags: [],
    ifTagExists: 'replace',
    environment: {},
    labels: {},
    maxImageSizeGb: 10,
    platform: { os: 'linux', architecture: 'amd64' },
    attest: undefined,
    lockFile: path.join(folder, 'tidegate.lock'),
    ...changes,
  };
}

function quietLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  return {
    lines,
    info: add,
    notice: add,
    warning: add,
    group: (_title, body) => body(),
    untrusted: (more) => void lines.push(...more),
  };
}
