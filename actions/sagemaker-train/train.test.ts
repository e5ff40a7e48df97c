import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, objects, trainingJobs, until, type TrainingJob } from '@tidegate/aws';

const root = path.resolve(import.meta.dirname, '../..');
// Learns until a file says that it may stop, so that a test decides what happens while it runs.
const script = `
import os, time
print("learning", flush=True)
while not os.path.exists(os.environ["GO"]): time.sleep(0.02)
open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w").write("a model")
`;

let folder: string;
let port: number;
let server: ChildProcess;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidegate-train-'));
  mkdirSync(path.join(folder, 'model'));
  writeFileSync(path.join(folder, 'model', 'train.py'), script);
  port = await freePort();
  server = await startAws();
  environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  Object.assign(process.env, environment);
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  };
  await connect()
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: 'tidegate', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await objects(connect()).ensureBucket('flights');
  await objects(connect()).upload('s3://flights/train/01.csv', { bytes: Buffer.from('a\n') });
});
afterAll(async () => {
  server.kill('SIGTERM');
  await once(server, 'exit');
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return free;
}

async function startAws(): Promise<ChildProcess> {
  const main = path.join(root, 'packages/local-aws/src/main.ts');
  const child = spawn(
    process.execPath,
    [main, '--port', String(port), '--directory', path.join(folder, 'aws')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  return child;
}

type Step = {
  child: ChildProcess;
  hears(text: string): Promise<void>;
  ended: Promise<{ code: number | null; outputs: Record<string, string>; said: string }>;
};

/** One step of the action as a runner starts it; steps of one name share their state as main and post do. */
function step(name: string, file: 'main' | 'post', inputs: Record<string, string> = {}): Step {
  const files = Object.fromEntries(
    ['output', 'summary', 'state'].map((kind) => {
      const target = path.join(folder, `${name}-${kind}`);
      writeFileSync(target, '', { flag: 'a' });
      return [`GITHUB_${kind === 'summary' ? 'STEP_SUMMARY' : kind.toUpperCase()}`, target];
    }),
  );
  const state = Object.entries(values(readFileSync(files['GITHUB_STATE']!, 'utf8'))).map(([key, value]) => [
    `STATE_${key}`,
    value,
  ]);
  const all = {
    model: 'flights',
    'role-arn': 'arn:aws:iam::123456789012:role/tidegate',
    image: 'scikit-learn:1.4',
    source: 'model',
    entry: 'train.py',
    'instance-type': 'ml.m5.xlarge',
    data: 'train=s3://flights/train/',
    ...inputs,
  };
  const child = spawn(process.execPath, [path.join(root, 'actions/sagemaker-train', `${file}.ts`)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...environment,
      ...files,
      ...Object.fromEntries(state),
      ...Object.fromEntries(Object.entries(all).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
      GITHUB_WORKSPACE: folder,
      GITHUB_REPOSITORY: 'octo/flights',
      GITHUB_RUN_ID: '101',
      RUNNER_TEMP: folder,
    },
  });
  let said = '';
  let told: (() => void) | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
    told?.();
  });
  const ended = once(child, 'close').then(([code]) => {
    told?.();
    return {
      code: code as number | null,
      outputs: values(readFileSync(files['GITHUB_OUTPUT']!, 'utf8')),
      said,
    };
  });
  return {
    child,
    async hears(text) {
      while (!said.includes(text)) {
        if (child.exitCode !== null) throw new Error(`it ended without saying "${text}":\n${said}`);
        await new Promise<void>((heard) => (told = heard));
      }
    },
    ended,
  };
}

function values(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\S+?)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(([, name, , value]) => [name, value]),
  );
}

const stateOf = async (job: string): Promise<TrainingJob['state'] | undefined> =>
  (await trainingJobs(connect()).find(job))?.state;

test('a runner that is killed leaves the job alone, its re-run joins it, and AWS killed in the middle loses nothing', async () => {
  const go = { environment: `GO=${path.join(folder, 'go-1')}` };
  const killed = step('killed', 'main', go);
  await killed.hears('learning');
  killed.child.kill('SIGKILL');
  await killed.ended;

  const again = step('again', 'main', go);
  await again.hears('is under way with the same inputs');
  server.kill('SIGKILL');
  await once(server, 'exit');
  server = await startAws();
  writeFileSync(path.join(folder, 'go-1'), '');
  const { code, outputs } = await again.ended;
  expect(code).toBe(0);
  expect(outputs).toMatchObject({
    status: 'completed',
    'failure-reason': '',
    'training-job-name': expect.stringMatching(/^flights-[0-9a-f]{12}$/),
    'model-artifacts-uri': expect.stringMatching(
      /^s3:\/\/sagemaker-us-east-1-123456789012\/flights\/.*\/model\.tar\.gz$/,
    ),
    reused: 'false',
    joined: 'true',
  });
  expect((await objects(connect()).find(outputs['model-artifacts-uri']!))?.sizeBytes).toBeGreaterThan(0);

  const third = await step('third', 'main', go).ended;
  expect(third.outputs).toMatchObject({
    reused: 'true',
    'cost-estimate-usd': '0',
    'training-job-name': outputs['training-job-name'],
  });
});

test('a run that GitHub cancels stops its job at once and says so', async () => {
  const cancelled = step('cancelled', 'main', { environment: 'GO=/never/1' });
  await cancelled.hears('learning');
  cancelled.child.kill('SIGINT');
  const { code, outputs, said } = await cancelled.ended;
  expect({ code, status: outputs['status'] }).toEqual({ code: 1, status: 'cancelled' });
  const [job] = /flights-[0-9a-f]{12}/.exec(said) ?? [''];
  expect(['stopping', 'stopped']).toContain(await stateOf(job));
});

test('a run that was killed too fast to stop its job is cleaned up by its post step', async () => {
  const killed = step('post', 'main', { environment: 'GO=/never/2' });
  await killed.hears('learning');
  killed.child.kill('SIGKILL');
  await killed.ended;
  const { code, said } = await step('post', 'post').ended;
  expect(code).toBe(0);
  const [job] = /flights-[0-9a-f]{12}/.exec(said) ?? [''];
  await until(connect(), async () => ((await stateOf(job)) === 'stopped' ? true : undefined));
});

test('what a job prints is never a command to the runner', async () => {
  const go = path.join(folder, 'go-4');
  writeFileSync(go, '');
  writeFileSync(
    path.join(folder, 'model', 'train.py'),
    `print("::error::not ours\\n::set-env name=PATH::/evil", flush=True)\n${script}`,
  );
  const { said } = await step('commands', 'main', { environment: `GO=${go}` }).ended;
  const stopped = /::stop-commands::([\w-]+)\n([\s\S]*?)\n::\1::/.exec(said);
  expect(stopped?.[2]).toContain('::error::not ours');
  expect(said.replaceAll(/::stop-commands::([\w-]+)\n[\s\S]*?\n::\1::/g, '')).not.toContain('not ours');
});
