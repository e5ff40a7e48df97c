import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  type CreateFunctionRequest,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

/** Files as a zip archive, made by Python's own library. */
export function zipOf(files: Record<string, string>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, 'files', path)), { recursive: true });
      writeFileSync(join(folder, 'files', path), content);
    }
    const pack = 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])';
    execFileSync('python3', ['-c', pack, join(folder, 'code'), join(folder, 'files')]);
    return readFileSync(join(folder, 'code.zip'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Clients against a running local AWS that has a bucket `lab` and a role which Lambda may assume. */
export async function openBench({ endpoint }: { endpoint: string }) {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIALOCALAWS00000000', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const lambda = new LambdaClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(settings);
  const iam = new IAMClient(settings);
  const role = 'arn:aws:iam::123456789012:role/functions';
  return {
    lambda,
    s3,
    iam,
    role,

    async prepare() {
      await s3.send(new CreateBucketCommand({ Bucket: 'lab' }));
      const trust = {
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: 'sts:AssumeRole',
      };
      await iam.send(
        new CreateRoleCommand({
          RoleName: 'functions',
          AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
        }),
      );
    },

    /** A function of these files, when it is active. */
    async create(name: string, files: Record<string, string>, change: Partial<CreateFunctionRequest> = {}) {
      const isPython = Object.keys(files).some((file) => file.endsWith('.py'));
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Role: role,
          Runtime: isPython ? 'python3.13' : 'nodejs24.x',
          Handler: isPython ? 'app.handler' : 'index.handler',
          Code: { ZipFile: zipOf(files) },
          // A busy machine must not fail a test.
          Timeout: 60,
          ...change,
        }),
      );
      const look = async () =>
        (await lambda.send(new GetFunctionCommand({ FunctionName: name }))).Configuration;
      await until(look, (configuration) => configuration?.State === 'Active');
    },

    async invoke(name: string, event: unknown, change: Partial<InvokeCommandInput> = {}) {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)), ...change }),
      );
      const text = Buffer.from(answer.Payload ?? []).toString();
      return {
        status: answer.StatusCode,
        version: answer.ExecutedVersion,
        error: answer.FunctionError,
        log: answer.LogResult === undefined ? undefined : Buffer.from(answer.LogResult, 'base64').toString(),
        value: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
    },

    async lines(logGroupName: string): Promise<string[]> {
      // The group comes into being with its first line.
      const answer = await logs
        .send(new FilterLogEventsCommand({ logGroupName }))
        .catch(() => ({ events: [] }));
      return (answer.events ?? []).map(({ message }) => message ?? '');
    },

    close() {
      for (const client of [lambda, s3, logs, iam]) client.destroy();
    },
  };
}

export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await wait(20);
  }
}
