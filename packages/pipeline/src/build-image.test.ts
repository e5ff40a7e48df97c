import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, afterAll, expect, test } from '@jest/globals';
import { connect } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { buildImage } from './build-image.ts';
import type { BuildImageSettings } from './build-image.ts';
import type { Log } from './surroundings.ts';

let local: LocalAws;
let aws: Aws;
const environment = { ...process.env };

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
    consoleUrl:
      'https://us-east-1.console.aws.amazon.com/ecr/repositories/private/123456789012/first?region=us-east-1',
  });
  const again = await buildImage(settings, { aws, log, signal: new AbortController().signal });
  expect(again).toEqual({ ...built, pushedBytes: 0, reused: true });
});

async function modelRepository(changes: Partial<BuildImageSettings>): Promise<BuildImageSettings> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-image-'));
  const source = path.join(folder, 'serving');
  await mkdir(source);
  await writeFile(path.join(source, 'inference.py'), 'def model_fn(model_dir):\n    return len\n');
  await writeFile(path.join(source, 'requirements.txt'), 'numpy>=1.24\n');
  return {
    repository: 'model',
    createRepository: true,
    base: 'python:3.12-slim',
    source,
    entry: 'inference.py',
    requirements: 'requirements.txt',
    dependencies: 'layer',
    pythonVersion: undefined,
    tags: [],
    ifTagExists: 'replace',
    environment: {},
    labels: {},
    maxImageSizeGb: 10,
    platform: { os: 'linux', architecture: 'amd64' },
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
