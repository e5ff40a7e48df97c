import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startLocalAws } from './index.ts';

const run = promisify(execFile);

/** Why the test cannot run here, or nothing. */
async function missing(): Promise<string | undefined> {
  try {
    await run('python3', ['-c', 'import boto3']);
    return undefined;
  } catch {
    return 'python3 with boto3 is not installed';
  }
}

const reason = await missing();
const withBoto3 = reason === undefined ? test : test.skip;

withBoto3(
  `boto3 finds S3, IAM, STS, EventBridge, CloudWatch, Lambda, Logs and SageMaker as its own${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    await using aws = await startLocalAws();
    const script = join(import.meta.dirname, 'boto3-session.py');
    const { stdout } = await run('python3', [script], { env: { ...process.env, ...aws.environment } });
    expect(JSON.parse(stdout)).toEqual({
      s3: {
        body: 'hello boto3',
        metadata: { who: 'me' },
        pages: [2, 1],
        missing: 'NoSuchKey',
        large: 9_000_000,
        deleted: 4,
        presigned: 'hello boto3',
        regions: [null, 'eu-west-1'],
      },
      iam: {
        trusts: 'sagemaker.amazonaws.com',
        missing: 'NoSuchEntity',
        roles: ['train'],
        decision: 'allowed',
      },
      sts: { account: '123456789012', assumed: 'arn:aws:sts::123456789012:assumed-role/train/me' },
      events: { failed: 1, rule: 'ENABLED', missing: 'ResourceNotFoundException' },
      cloudwatch: { sum: [3.0] },
      lambda: {
        right: { sum: 6 },
        wrong: [200, 'Unhandled', 'KeyError'],
        missing: 'ResourceNotFoundException',
      },
      logs: { missing: 'ResourceNotFoundException' },
      sagemaker: { invalid: 'ValidationException' },
    });
  },
);
