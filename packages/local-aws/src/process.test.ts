import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ListRulesCommand, EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from '@jest/globals';
import { startLocalAws } from './index.ts';

const main = join(import.meta.dirname, 'main.ts');

type Started = { child: ChildProcess; endpoint: string; port: string };

async function start(directory: string, port = '0'): Promise<Started> {
  const child = spawn(process.execPath, [main, '--directory', directory, '--port', port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  return { child, endpoint, port: new URL(endpoint).port };
}

async function end({ child }: Started, signal: 'SIGTERM' | 'SIGKILL') {
  const exited = once(child, 'exit');
  child.kill(signal);
  return (await exited) as [number | null, string | null];
}

const settings = ({ endpoint }: Started) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
});

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'process-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test('kill -9 in the middle of writes loses nothing that was answered, and leaves nothing half-written', async () => {
  using folder = temporaryFolder();
  const first = await start(folder.path);
  const s3 = new S3Client(settings(first));
  const events = new EventBridgeClient(settings(first));
  await s3.send(new CreateBucketCommand({ Bucket: 'models' }));
  await events.send(new PutRuleCommand({ Name: 'hourly', ScheduleExpression: 'rate(1 hour)' }));
  // The process ends itself at the 41st of 200 writes, with others under way.
  await fetch(`${first.endpoint}/_tidegate/faults`, {
    method: 'POST',
    body: JSON.stringify({ service: 's3', operation: 'PutObject', effect: 'kill', after: 40 }),
  });
  const exited = once(first.child, 'exit');
  const answered: string[] = [];
  const write = async (worker: number) => {
    for (let n = 0; n < 50; n++) {
      const Key = `${worker}/${n}`;
      await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body: Key.repeat(20_000) }));
      answered.push(Key);
    }
  };
  await Promise.allSettled([0, 1, 2, 3].map(write));
  expect((await exited)[1]).toBe('SIGKILL');
  expect(answered.length).toBeGreaterThan(30);

  const second = await start(folder.path, first.port);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'models' }));
  const keys = Contents.map(({ Key }) => Key ?? '');
  expect(keys).toEqual(expect.arrayContaining(answered));
  for (const Key of keys) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'models', Key }));
    expect((await Body?.transformToString()) === Key.repeat(20_000)).toBe(true);
  }
  expect((await events.send(new ListRulesCommand())).Rules?.map(({ Name }) => Name)).toEqual(['hourly']);
  for (const client of [s3, events]) client.destroy();
  await end(second, 'SIGTERM');
});

test('SIGTERM ends the process cleanly', async () => {
  using folder = temporaryFolder();
  expect(await end(await start(folder.path), 'SIGTERM')).toEqual([0, null]);
});

test('a directory belongs to one server at a time, and to the next after a crash', async () => {
  using folder = temporaryFolder();
  const first = await start(folder.path);
  await expect(startLocalAws({ directory: folder.path })).rejects.toThrow(
    `${folder.path} is in use by the local AWS of process ${first.child.pid}.`,
  );
  await end(first, 'SIGKILL');
  await using second = await startLocalAws({ directory: folder.path });
  expect(second.endpoint).toMatch(/^http/);
});
