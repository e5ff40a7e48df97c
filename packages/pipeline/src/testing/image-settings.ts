import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registries } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { appendToImage, baseImage, openRegistry, parsePlatform, parseReference } from '@tidegate/image';
import type { BuildImageSettings } from '../build-image.ts';
import type { Log } from '../surroundings.ts';

/** A model repository in a folder of its own, and what its image is made of. */
export async function modelRepository(
  changes: Partial<BuildImageSettings>,
  files: Record<string, string> = {},
): Promise<BuildImageSettings> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-image-'));
  const source = path.join(folder, 'serving');
  const all = {
    'inference.py': 'def model_fn(model_dir):\n    return len\n',
    'requirements.txt': 'numpy>=1.24\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true });
    await writeFile(path.join(source, name), text);
  }
  return {
    repository: 'model',
    createRepository: true,
    base: 'python:3.12-slim',
    mirrorBase: undefined,
    source,
    entry: 'inference.py',
    dockerfile: undefined,
    engine: 'auto',
    requirements: 'requirements.txt',
    dependencies: 'layer',
    pythonVersion: undefined,
    tags: [],
    skipIfExists: false,
    environment: {},
    labels: {},
    maxImageSizeGb: 10,
    platform: { os: 'linux', architecture: 'amd64' },
    target: undefined,
    instanceType: undefined,
    signingKey: undefined,
    server: 'tidegate',
    attest: undefined,
    lockFile: path.join(folder, 'tidegate.lock'),
    ...changes,
  };
}

/** A base that says which Python it has, unlike those that the local registry makes up. */
export async function pythonBase(
  aws: Aws,
  version: string,
  platform: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const [host, repository] = ['123456789012.dkr.ecr.us-east-1.amazonaws.com', `python-base-${version}`];
  await registries(aws).createRepository(repository, {});
  const { registryUrl: url, authorization } = await registries(aws).access(host);
  const registry = openRegistry({ url, authorization: () => Promise.resolve(authorization) });
  const mirror = openRegistry({ url, mirrorOf: 'docker.io' });
  await appendToImage({
    base: baseImage(mirror, parseReference('python:3.12'), parsePlatform(platform)),
    to: { registry, repository, tags: ['1'] },
    layers: [],
    edits: {
      environment: { PYTHON_VERSION: version, ...environment },
      labels: { 'ai.tidegate.made-up': 'false' },
    },
  });
  registry.close();
  mirror.close();
  return `${host}/${repository}:1`;
}

/** Keeps what is said. */
export function quietLog(): Log & { lines: string[]; groups: string[] } {
  const lines: string[] = [];
  const groups: string[] = [];
  const add = (text: string) => void lines.push(text);
  return {
    lines,
    groups,
    info: add,
    notice: add,
    warning: add,
    group: (title, body) => (groups.push(title), body()),
    untrusted: (more) => void lines.push(...more),
  };
}

/** Whether buildah is installed: in CI its absence is a failure, elsewhere a reason to skip. */
export function hasBuildah(): boolean {
  const { status } = spawnSync('buildah', ['--version']);
  if (status !== 0 && process.env['CI'] === 'true')
    throw new Error('these tests need buildah: apt-get install -y buildah');
  return status === 0;
}
