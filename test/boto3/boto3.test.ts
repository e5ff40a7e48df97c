import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '@tidegate/local-aws';

const script = path.join(import.meta.dirname, 'walk.py');
const python = process.env['TIDEGATE_PYTHON'] ?? 'python3';

/** Where boto3 is not installed the test is skipped by name; in CI it has to be there. */
function whenInstalled(): typeof test | typeof test.skip {
  if (process.env['CI'] !== undefined) return test;
  try {
    execFileSync(python, ['-c', 'import boto3'], { stdio: 'ignore' });
    return test;
  } catch {
    return test.skip;
  }
}

whenInstalled()('boto3 walks from an empty account to a canary that its alarm takes back', async () => {
  await using local = await startLocalAws({ clock: { manual: true } });

  const { stdout } = await promisify(execFile)(python, [script], {
    env: { ...process.env, ...local.environment, PYTHONDONTWRITEBYTECODE: '1' },
  });

  const artifacts = 's3://flights/models/flights-1/output/model.tar.gz';
  const answer = { status: 200, body: { predictions: [1724] } };
  expect(JSON.parse(stdout)).toEqual({
    trained: {
      status: ['Completed', 'Completed'],
      transitions: ['Starting', 'Downloading', 'Training', 'Uploading', 'Completed'],
      artifacts,
      metrics: { 'validation:auc': 2 },
      log: ['validation:auc=2.0'],
    },
    registered: {
      arn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/1',
      version: 1,
      status: ['Completed', 'Approved'],
    },
    served: [answer, { status: 'InService', config: 'good', instances: 2 }],
    'rolled back': {
      failed: { status: 500, body: 'no such column' },
      during: 'Updating',
      after: { status: 'InService', config: 'good', instances: 2 },
      'alarm rang': true,
      'answers again': answer,
    },
    captured: {
      folder: 'capture/flights/primary',
      input: { instances: [{ distance: 862 }] },
      output: { predictions: [1724] },
    },
  });
});

whenInstalled()('boto3 makes a table with Glue and asks it with Athena', async () => {
  await using local = await startLocalAws({ clock: { manual: true } });

  const { stdout } = await promisify(execFile)(python, [path.join(import.meta.dirname, 'query.py')], {
    env: { ...process.env, ...local.environment, PYTHONDONTWRITEBYTECODE: '1' },
  });

  expect(JSON.parse(stdout)).toEqual({
    rows: [
      ['origin', 'distance', 'day'],
      ['DEN', '862', '2027-06-01'],
      ['SFO', null, '2027-06-01'],
    ],
    file: '"origin","distance","day"\n"DEN","862","2027-06-01"\n"SFO",,"2027-06-01"\n',
    scanned: 13,
    failed: 2,
    partitions: [['2027-06-01']],
  });
});
