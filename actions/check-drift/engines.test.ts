import path from 'node:path';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { ListProcessingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { invokeEndpoint, objects, parseS3Uri, until } from '@tidegate/aws';
import { deploy } from '../../packages/pipeline/src/deploy/deploy.ts';
import { openStage, type Stage } from '../../packages/pipeline/src/testing/deployment-stage.ts';
import { runBuiltAction } from '../../test/support/run-action.ts';

const endpoint = 'flights';
const requests = 40;
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await objects(stage.aws).ensureBucket('monitoring');
  await objects(stage.aws).upload('s3://monitoring/baseline.csv', {
    bytes: Buffer.from(`hour\n${rows.join('\n')}\n`),
  });
  const settings = stage.settings(endpoint);
  await deploy(
    {
      ...settings,
      rollout: { ...settings.rollout, strategy: 'all-at-once' },
      capture: { percent: 100, destination: 's3://monitoring/capture' },
    },
    { aws: stage.aws, log: stage.log, signal: new AbortController().signal, ledger: stage.ledger() },
  );
  // The smoke request of the deployment is captured too, and its line must not come between two checks.
  await until(stage.aws, async () => ((await captured()) > 0 ? true : undefined));
  await ask();
});
afterAll(async () => await stage.close());

const rows = Array.from({ length: 1200 }, (_, i) => 6 + (i % 6));

/** Asks about hours that the model was not trained on, and waits until it has been captured. */
async function ask(): Promise<void> {
  const before = await captured();
  const instances = rows.slice(0, 30).map((hour) => ({ hour: hour + 8 }));
  const body = Buffer.from(JSON.stringify({ instances }));
  for (let i = 0; i < requests; i += 1)
    await invokeEndpoint(stage.aws, endpoint, { body, contentType: 'application/json' });
  await until(stage.aws, async () => ((await captured()) >= before + requests ? true : undefined));
}

async function captured(): Promise<number> {
  let lines = 0;
  for await (const { uri } of objects(stage.aws).list(`s3://monitoring/capture/${endpoint}/`))
    lines += (await objects(stage.aws).read(uri)).toString().trimEnd().split('\n').length;
  return lines;
}

/** The built action, as GitHub runs it. */
async function run(action: string, inputs: Record<string, string>) {
  const script = path.resolve(import.meta.dirname, '../../dist', `${action}.js`);
  return await runBuiltAction(
    script,
    { model: endpoint, bucket: 'monitoring', ...inputs },
    stage.environment,
  );
}

const setUp = (engine: string) =>
  run('setup-model-monitor', { engine, 'baseline-uri': 's3://monitoring/baseline.csv' });
const check = (engine: string) => run('check-drift', { engine, features: 'hour', 'min-samples': '300' });

test('on the runner both actions read S3 themselves, and no job is started', async () => {
  expect(await setUp('runner')).toMatchObject({ code: 0, outputs: { status: 'success' } });
  const { code, outputs, stdout } = await check('runner');
  expect({ code, ...outputs }).toMatchObject({
    code: 0,
    verdict: 'drift',
    'drifted-features': 'hour',
    samples: String(requests * 30 + 1),
    reused: 'false',
  });
  expect(stdout).toMatch(/^Read \d+ files?, [\d.]+ MB, in [\d.]+ s\.$/m);
  expect((await check('runner')).outputs).toMatchObject({ verdict: 'drift', reused: 'true' });
  const { ProcessingJobSummaries } = await stage.aws
    .client(SageMakerClient)
    .send(new ListProcessingJobsCommand({}));
  expect(ProcessingJobSummaries).toEqual([]);
});

test('a function is made by the command that the action ends with, and says the same', async () => {
  const { code, outputs } = await setUp('lambda');
  expect({ code, status: outputs['status'] }).toEqual({ code: 1, status: 'failure' });
  const [, bucket, key] = /--code S3Bucket=(\S+),S3Key=(\S+)$/.exec(outputs['failure-reason'] ?? '') ?? [];
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await stage.aws.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: 'tidegate-analyser',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const client = stage.aws.client(LambdaClient);
  const FunctionName = 'tidegate-analyser';
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 900,
      MemorySize: 2048,
      Role: Role?.Arn,
      Code: { S3Bucket: bucket, S3Key: key },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 60 }, { FunctionName });
  const made = await setUp('lambda');
  expect(made).toMatchObject({ code: 0, outputs: { status: 'success' } });
  expect(parseS3Uri(made.outputs['analyser-function-code-uri'] ?? '')).toEqual({ bucket, key });
  // What has been profiled on the runner is known already: whose profile it is makes no difference.
  expect((await check('lambda')).outputs).toMatchObject({ verdict: 'drift', reused: 'true' });
  await ask();
  const { outputs: asked, stdout } = await check('lambda');
  expect(asked).toMatchObject({ verdict: 'drift', reused: 'false', 'drifted-features': 'hour' });
  expect(stdout).toMatch(/^tidegate-analyser: \d+ files?$/m);
});

test('engines that cannot be meant are refused with all other bad inputs', async () => {
  const { code, outputs } = await run('check-drift', {
    engine: 'runner',
    'instance-count': '3',
    warn: '2',
    'analyser-function': 'a b',
  });
  expect({ code, reason: outputs['failure-reason'] }).toEqual({
    code: 1,
    reason: expect.stringContaining('"a b" is not a Lambda function’s name or ARN'),
  });
  const contradictory = await run('check-drift', { engine: 'runner', 'instance-count': '3' });
  expect(contradictory.outputs['failure-reason']).toContain('is 3, and engine runner is one machine');
  expect((await run('check-drift', {})).outputs['failure-reason']).toContain(
    'is missing: the job of engine processing runs as it',
  );
});
