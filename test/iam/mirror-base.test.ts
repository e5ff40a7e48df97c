import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ECRClient, PutAccountSettingCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, registries, type Aws } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { buildImage } from '@tidegate/pipeline';
import { permissionsOf, repositoryArn, type Permission } from './permissions.ts';
import { names, statements } from './policies.ts';
import { startRecorder, type Recorder } from './recorder.ts';

/* What a copy of the base takes beyond what the guide's ship role has. */

let local: LocalAws;
let recorder: Recorder;
let aws: Aws;
const environment = { ...process.env };

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  const person = connect();
  for (const repository of [names.MODEL, 'bases', 'another-model'])
    await registries(person).createRepository(repository, {});
  await person
    .client(ECRClient)
    .send(new PutAccountSettingCommand({ name: 'BLOB_MOUNTING', value: 'ENABLED' }));
  recorder = await startRecorder(local.endpoint);
  process.env['AWS_ENDPOINT_URL'] = recorder.url;
  aws = connect();
});
afterAll(async () => {
  process.env = environment;
  await recorder.close();
  await local.close();
});

test('in the image’s own repository it takes nothing more', async () => {
  const asked = await build({ repository: names.MODEL, mirrorBase: names.MODEL });
  const resources = new Set(asked.map(({ resource }) => resource));
  expect(resources).toEqual(new Set([repositoryArn(names.MODEL)]));
  const given = new Set(pushActions());
  expect(asked.filter(({ action }) => !given.has(action))).toEqual([]);
});

test('in a repository of its own it takes there what the guide says, to make it and to use it', async () => {
  const making = await build({ repository: names.MODEL, mirrorBase: 'bases' });
  const using = await build({ repository: 'another-model', mirrorBase: 'bases' });
  expect(actionsOn('bases', making)).toEqual(
    pushActions().filter((action) => action !== 'ecr:DescribeImages'),
  );
  expect(actionsOn('bases', using)).toEqual([
    'ecr:BatchGetImage',
    'ecr:DescribeRepositories',
    'ecr:GetDownloadUrlForLayer',
  ]);
  const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/iam.md'), 'utf8');
  expect(guide).toContain(
    '| `image.mirror-base` of another repository | that repository to `PushImages` of ship',
  );
});

/** Returns what the build asked of ECR's repositories. */
async function build({
  repository,
  mirrorBase,
}: {
  repository: string;
  mirrorBase: string;
}): Promise<Permission[]> {
  const source = mkdtempSync(path.join(tmpdir(), 'tidegate-mirror-'));
  writeFileSync(path.join(source, 'inference.py'), 'def model_fn(model_dir):\n    return len\n');
  const said = () => undefined;
  const before = recorder.calls.length;
  await buildImage(
    {
      repository,
      createRepository: false,
      server: 'tidegate',
      base: 'python:3.12-slim',
      mirrorBase,
      source,
      entry: 'inference.py',
      dockerfile: undefined,
      engine: 'append',
      requirements: undefined,
      dependencies: 'none',
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
      attest: undefined,
      lockFile: path.join(source, 'tidegate.lock'),
    },
    {
      aws,
      log: { info: said, notice: said, warning: said, untrusted: said, group: (_, body) => body() },
      signal: new AbortController().signal,
    },
  );
  return recorder.calls
    .slice(before)
    .flatMap(permissionsOf)
    .filter(({ resource }) => resource !== '*');
}

function actionsOn(repository: string, asked: readonly Permission[]): string[] {
  const resource = repositoryArn(repository);
  return [
    ...new Set(asked.filter((each) => each.resource === resource).map(({ action }) => action)),
  ].toSorted();
}

function pushActions(): string[] {
  const found = statements('ship').find(({ Sid }) => Sid === 'PushImages');
  return [found?.Action ?? []].flat().toSorted();
}
