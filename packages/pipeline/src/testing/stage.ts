import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, objects, openNetwork, type Aws } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Log, Provenance, Surroundings } from '../surroundings.ts';
import type { TrainSettings } from '../train/settings.ts';

/** A local AWS with a role, a bucket and a source folder, and what a use-case said while it ran. */
export type Stage = {
  local: LocalAws;
  aws: Aws;
  role: string;
  /** Writes files into the source folder. */
  write(files: Record<string, string>): Promise<void>;
  put(key: string, text: string): Promise<string>;
  folder: string;
  said: string[];
  surroundings: Surroundings;
  /** Resolves when a line with this text was said. */
  hears(text: string): Promise<void>;
  /** As another process after us would see it: a connection and a log of its own, and a signal that can be aborted. */
  another(): Surroundings & { said: string[]; hears: (text: string) => Promise<void>; cancel: () => void };
  [Symbol.asyncDispose](): Promise<void>;
};

export const provenance: Provenance = {
  commit: '3f2a9c1d5b7e8f60123456789abcdef012345678',
  repository: 'octo/flights',
  runId: '101',
  runUrl: 'https://github.com/octo/flights/actions/runs/101',
};

export async function stage(): Promise<Stage> {
  const local = await startLocalAws();
  Object.assign(process.env, local.environment);
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-stage-'));
  const aws = connect();
  const role = `arn:aws:iam::${local.account}:role/sagemaker`;
  await aws.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: 'sagemaker',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  );
  await objects(aws).ensureBucket('flights');
  const { said, log, hears } = listen();
  return {
    local,
    aws,
    role,
    folder,
    said,
    hears,
    surroundings: { aws, log, signal: new AbortController().signal },
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), text);
      }
    },
    async put(key, text) {
      await objects(aws).upload(`s3://flights/${key}`, { bytes: Buffer.from(text) });
      return `s3://flights/${key}`;
    },
    another() {
      const cancel = new AbortController();
      return {
        ...listen(),
        aws: connect(),
        signal: cancel.signal,
        cancel: () => cancel.abort(new Error('cancelled')),
      };
    },
    async [Symbol.asyncDispose]() {
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listen(): { said: string[]; log: Log; hears: (text: string) => Promise<void> } {
  const said: string[] = [];
  const waiting: { text: string; heard: () => void }[] = [];
  const say = (line: string) => {
    said.push(line);
    for (const { text, heard } of waiting) if (line.includes(text)) heard();
  };
  const log: Log = {
    info: say,
    notice: say,
    warning: say,
    untrusted: (lines) => lines.forEach(say),
    group: async (title, body) => {
      say(`▸ ${title}`);
      return await body();
    },
  };
  const hears = async (text: string) => {
    if (said.some((line) => line.includes(text))) return;
    await new Promise<void>((heard) => void waiting.push({ text, heard }));
  };
  return { said, log, hears };
}

export function trainSettings(on: Stage, over: Partial<TrainSettings> = {}): TrainSettings {
  return {
    model: 'flight-delay',
    roleArn: on.role,
    image: 'scikit-learn:1.4',
    source: { folder: on.folder, entry: 'train.py', exclude: [] },
    instanceType: 'ml.m5.xlarge',
    instanceFallbacks: [],
    capacityWait: 0,
    instanceCount: 1,
    volumeGb: 30,
    hyperparameters: {},
    environment: {},
    data: { train: 's3://flights/train/' },
    metrics: {},
    maxRuntime: 3_600_000,
    spot: undefined,
    checkpointUri: undefined,
    bucket: undefined,
    network: openNetwork,
    tags: {},
    provenance,
    ...over,
  };
}
