import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { archive } from '../testing/archive.ts';
import { startStage } from './testing/stage.ts';

const script = join(import.meta.dirname, 'testing', 'boto3-hosting.py');
const isThere = spawnSync('python3', ['-c', 'import boto3']).status === 0;
const withBoto3 = isThere ? test : test.skip;

withBoto3(
  `boto3 creates, updates, invokes and deletes an endpoint${isThere ? '' : ' (skipped: python3 with boto3 is not installed)'}`,
  async () => {
    await using server = await startStage();
    const Body = await archive({ 'name.txt': 'boto' });
    await server.s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'boto/model.tar.gz', Body }));
    const env = { ...process.env, ...server.aws.environment, MODEL_IMAGE: server.image };
    const { stdout } = await promisify(execFile)('python3', [script], { env });
    const arn = 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/flights';
    expect(JSON.parse(stdout)).toEqual({
      arn,
      first: ['InService', 'one'],
      answer: ['main', 'application/json', 'hello'],
      second: ['InService', 'two', true],
      'model error': ['ModelError', 500, 'the model is broken'],
      alarm: 'INSUFFICIENT_DATA',
      gone: { Code: 'ValidationException', Message: `Could not find endpoint "${arn}".` },
      nobody: 'ValidationError',
    });
  },
);
