import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PutAccountSettingCommand, ECRClient } from '@aws-sdk/client-ecr';
import { connect } from '@tidegate/aws';
import type { Aws } from '@tidegate/aws';
import { startLocalAws } from '@tidegate/local-aws';
import type { LocalAws } from '@tidegate/local-aws';
import { pushBase } from '../../../image/src/testing/base.ts';
import { connectTo, has, startDockerRegistry } from '../../../image/src/testing/registries.ts';
import { buildImage } from '../build-image.ts';
import type { BuildImageSettings } from '../build-image.ts';
import { modelRepository, quietLog } from '../testing/image-settings.ts';

let local: LocalAws;
let aws: Aws;
const environment = { ...process.env };
const { signal } = new AbortController();
const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const provenance = { commit: '3f2a9c1', repository: 'acme/flight-delay', runId: '7', runUrl: '' };

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
});
afterAll(async () => {
  process.env = environment;
  await local.close();
});

test('a base is copied once, and what is said of the image still names the original', async () => {
  const settings = await withMirror({ repository: 'first', attest: provenance });
  const log = quietLog();
  const first = await buildImage(settings, { aws, log, signal });
  const copying = `Copying docker.io/library/python:3.12-slim into ${host}/bases`;
  expect(log.groups.filter((title) => title.startsWith('Copying'))).toEqual([
    expect.stringContaining(copying),
  ]);
  expect(componentsOf(first.sbom)[0]).toMatchObject({
    name: 'docker.io/library/python:3.12-slim',
    version: first.baseDigest,
  });
  const plain = await buildImage(
    { ...settings, mirrorBase: undefined, repository: 'plain' },
    { aws, log: quietLog(), signal },
  );
  expect(first.digest).toBe(plain.digest);

  const other = quietLog();
  await buildImage({ ...settings, repository: 'second' }, { aws, log: other, signal });
  expect(other.groups.filter((title) => title.startsWith('Copying'))).toEqual([]);
});

test('where ECR does not mount, the log says once what to switch on; then layers are mounted', async () => {
  const client = aws.client(ECRClient);
  const setting = (value: string) =>
    client.send(new PutAccountSettingCommand({ name: 'BLOB_MOUNTING', value }));
  const settings = await withMirror({ repository: 'unmounted' });
  const off = quietLog();
  await buildImage(settings, { aws, log: off, signal });
  const isHint = (line: string) => line.includes('aws ecr put-account-setting --name BLOB_MOUNTING');
  expect(off.lines.filter(isHint)).toEqual([
    expect.stringMatching(
      /^ECR does not mount layers from bases into unmounted, .*--value ENABLED --region us-east-1$/,
    ),
  ]);
  await setting('ENABLED');
  const on = quietLog();
  await buildImage({ ...settings, repository: 'mounted' }, { aws, log: on, signal });
  await setting('DISABLED');
  expect(on.lines.filter(isHint)).toEqual([]);
  expect(on.lines).toContainEqual(expect.stringMatching(/^base layer [0-9a-f]{12}: mounted, /));
});

test('a copy in the image’s own repository needs no mount', async () => {
  const settings = await withMirror({ repository: 'own', mirrorBase: 'own' });
  const log = quietLog();
  await buildImage(settings, { aws, log, signal });
  const layers = log.lines
    .filter((line) => /^(base )?layer/.test(line))
    .map((line) => line.replace(/ [0-9a-f]{12}/, ''));
  expect(layers).toEqual([
    expect.stringMatching(/^layer: sent/),
    expect.stringMatching(/^base layer: there already/),
  ]);
});

test('a builder reads its bases itself: a copy that would not be used is refused', async () => {
  const settings = await withMirror(
    { dockerfile: 'Dockerfile', engine: 'buildah', entry: undefined },
    { Dockerfile: 'FROM python:3.12-slim\nRUN true\n' },
  );
  await expect(buildImage(settings, { aws, log: quietLog(), signal })).rejects.toThrow(
    'mirror-base keeps the base of images that are appended, and buildah reads its bases itself',
  );
});

test('a repository for the copy that is not there is named, with the command that makes it', async () => {
  const settings = await withMirror({ repository: 'first', createRepository: false, mirrorBase: 'nowhere' });
  await expect(buildImage(settings, { aws, log: quietLog(), signal })).rejects.toThrow(
    `ECR repository nowhere does not exist in ${host}: create it (aws ecr create-repository`,
  );
});

const check = has('docker-registry') ? test : test.skip;
check('with a copy, a build goes on when the base’s own registry is gone', async () => {
  await using to = await startDockerRegistry();
  const origin = await startDockerRegistry();
  const client = connectTo(origin);
  await pushBase(client, 'python');
  client.close();
  const base = `${origin.host}/python:1`;
  const settings = await withMirror({ repository: `${to.host}/model`, base });
  const first = await buildImage(settings, { aws, log: quietLog(), signal });
  await origin[Symbol.asyncDispose]();
  await writeFile(path.join(settings.source, 'inference.py'), 'def model_fn(model_dir):\n    return max\n');
  const second = await buildImage(settings, { aws, log: quietLog(), signal });
  expect(second).toMatchObject({ reused: false, baseDigest: first.baseDigest });
  expect(second.digest).not.toBe(first.digest);
});

function withMirror(changes: Partial<BuildImageSettings>, files: Record<string, string> = {}) {
  return modelRepository({ mirrorBase: 'bases', dependencies: 'none', ...changes }, files);
}

function componentsOf(sbom: object | undefined): unknown[] {
  return (sbom as { components: unknown[] }).components;
}
