import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { endpoints, until } from '@tidegate/aws';
import { openStage, type Stage } from '../../packages/pipeline/src/testing/deployment-stage.ts';
import { startKillableAws, type KillableAws } from '../../packages/pipeline/src/testing/killable-aws.ts';

const actions = path.resolve(import.meta.dirname, '..');
let stage: Stage;
let aws: KillableAws;
let folder: string;

beforeAll(async () => {
  // Slow enough that a process can start, look, and be killed while a canary bakes.
  stage = await openStage(150, async (options) => (aws = await startKillableAws(options)));
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-deploy-'));
  writeFileSync(path.join(folder, 'request.json'), '{"distance":100}');
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => stage.clear());

type Inputs = Record<string, string>;

/** The action as GitHub starts it: a process, with its inputs in the environment. */
function start(action: string, inputs: Inputs, runId = '1') {
  const output = path.join(folder, `output-${Math.random()}`);
  writeFileSync(output, '');
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const child = spawn(process.execPath, [path.join(actions, action, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      ...stage.environment,
      ...Object.fromEntries(given),
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: output,
      GITHUB_RUN_ID: runId,
      RUNNER_TEMP: folder,
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    said,
    outputs: parseOutputs(readFileSync(output, 'utf8')),
  }));
  return { child, ended };
}

/** `name<<delimiter\nvalue\ndelimiter` for each output. */
function parseOutputs(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]),
  );
}

const deployInputs = (endpoint: string, version: string): Inputs => ({
  model: endpoint,
  'role-arn': 'arn:aws:iam::123456789012:role/sagemaker',
  'image-uri': stage.image,
  'model-artifacts-uri': stage.modelArtifacts,
  'container-environment': `VERSION=${version}`,
  'instance-type': 'ml.m5.large',
  'canary-percent': '50',
  bake: '4m',
  smoke: 'request.json',
});

const baking = (endpoint: string) =>
  until(stage.aws, async () => {
    const pending = (await endpoints(stage.aws).find(endpoint))?.pending;
    return (
      pending?.variants.some(({ progress }) => progress.some(({ status }) => status === 'Baking')) ||
      undefined
    );
  });

test('killed in the middle of a canary, the re-run joins what AWS went on with; roll-back undoes it', async () => {
  const first = await start('deploy-target', deployInputs('flights', '1')).ended;
  expect(first).toMatchObject({ code: 0, outputs: { status: 'promoted', verdict: 'promoted' } });

  const killed = start('deploy-target', deployInputs('flights', '2'), '2');
  await baking('flights');
  killed.child.kill('SIGKILL');
  expect((await killed.ended).outputs).toEqual({});

  stage.proxy.forget();
  const second = await start('deploy-target', deployInputs('flights', '2'), '2').ended;
  expect(second).toMatchObject({
    code: 0,
    outputs: { verdict: 'promoted', 'previous-endpoint-config-name': first.outputs['endpoint-config-name'] },
  });
  expect(stage.proxy.mutations()).toEqual([]);

  const back = { model: 'flights', smoke: 'request.json' };
  const rolledBack = await start('rollback', back, '3').ended;
  expect(rolledBack).toMatchObject({
    code: 0,
    outputs: { verdict: 'promoted', 'endpoint-config-name': first.outputs['endpoint-config-name'] },
  });
  const again = await start('rollback', back, '3').ended;
  expect(again.outputs).toMatchObject({ verdict: 'no-op', reused: 'true' });
  const further = await start('rollback', back, '4').ended;
  expect(further).toMatchObject({ code: 1, outputs: { status: 'failure' } });
  expect(further.outputs['failure-reason']).toMatch(/^flights has nothing to roll back to: .* is live/);
});

test('SIGINT ends the step within five seconds, and AWS goes on', async () => {
  await start('deploy-target', deployInputs('calm', '1')).ended;
  const running = start('deploy-target', deployInputs('calm', '2'));
  await baking('calm');
  const asked = performance.now();
  running.child.kill('SIGINT');
  const { code, outputs } = await running.ended;
  expect(performance.now() - asked).toBeLessThan(5000);
  expect({ code, status: outputs['status'] }).toEqual({ code: 1, status: 'cancelled' });
  expect(outputs['failure-reason']).toMatch(/AWS goes on by itself towards calm-/);
  const live = await until(stage.aws, async () => {
    const found = await endpoints(stage.aws).find('calm');
    return found?.status === 'InService' ? found : undefined;
  });
  const joined = await start('deploy-target', deployInputs('calm', '2')).ended;
  expect(joined.outputs).toMatchObject({ verdict: 'no-op', 'endpoint-config-name': live.configName });
});

test('an AWS that dies in the middle of a canary and comes back does not lose the deployment', async () => {
  await start('deploy-target', deployInputs('durable', '1')).ended;
  const running = start('deploy-target', deployInputs('durable', '2'));
  await baking('durable');
  await aws.dieAndReturn();
  const { code, outputs } = await running.ended;
  expect({ code, verdict: outputs['verdict'] }).toEqual({ code: 0, verdict: 'promoted' });
});

test('every bad input is named at once, before anything is asked of AWS', async () => {
  stage.proxy.forget();
  const { code, outputs } = await start('deploy-target', {
    model: 'flights',
    'role-arn': 'flight-role',
    'instance-type': 'big',
    bake: 'soon',
  }).ended;
  expect({ code, calls: stage.proxy.calls() }).toEqual({ code: 1, calls: [] });
  for (const input of ['role-arn', 'instance-type', 'bake', 'smoke'])
    expect(outputs['failure-reason']).toContain(input);
});
