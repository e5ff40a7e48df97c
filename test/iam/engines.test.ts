import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, objects, parseS3Uri, type Aws } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { resolveData } from '../../packages/pipeline/src/job-data.ts';
import { makeBaseline } from '../../packages/pipeline/src/monitor/baseline.ts';
import { compareTraffic } from '../../packages/pipeline/src/monitor/compare-traffic.ts';
import { engineOf, type EngineName } from '../../packages/pipeline/src/monitor/engine.ts';
import { storeFunctionCode } from '../../packages/pipeline/src/monitor/function-code.ts';
import { tarOfFiles } from '../../packages/pipeline/src/testing/archive.ts';
import { allow, objectAction, permissionsOf, type Permission } from './permissions.ts';
import { names, policyText, statements, type Engine } from './policies.ts';
import { startRecorder, type Recorder } from './recorder.ts';
import { deniedTo, distinct, idleIn } from './verdicts.ts';

/* Drift checked by another engine than jobs: what the ship role needs more, and what the analyser's function may do. */

const { ACCOUNT, ARTIFACT_BUCKET, DATA_BUCKET, MODEL, REGION } = names;
const artifactsUri = `s3://${ARTIFACT_BUCKET}/${MODEL}`;
const captured = `${artifactsUri}/capture/${MODEL}/primary/2026/11/23/10/a.jsonl`;
const roleNamed = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
let local: LocalAws;
/** As a person with all rights, and as an action that is listened to. */
let person: Aws;
let aws: Aws;
let action: Recorder;
let fromFunction: Recorder;

beforeAll(async () => {
  local = await startLocalAws();
  [action, fromFunction] = await Promise.all([startRecorder(local.endpoint), startRecorder(local.endpoint)]);
  Object.assign(process.env, local.environment);
  person = connect();
  for (const bucket of [ARTIFACT_BUCKET, DATA_BUCKET]) await objects(person).ensureBucket(bucket);
  const rows = Array.from({ length: 200 }, (_, i) => `${i % 24}`).join('\n');
  const put = (uri: string, bytes: Uint8Array) => objects(person).upload(uri, { bytes });
  await put(`s3://${DATA_BUCKET}/baseline.csv`, Buffer.from(`hour\n${rows}\n`));
  const archive = gzipSync(tarOfFiles({ 'baseline.csv': `hour\n${rows}\n` }));
  await put(`${artifactsUri}/training/a/output/output.tar.gz`, archive);
  const line = { captureData: { endpointInput: { mode: 'INPUT', data: '7', encoding: 'CSV' } } };
  await put(captured, Buffer.from(`${JSON.stringify(line)}\n`.repeat(200)));
  await makeRole('plain', policyText('ship', 'trust'), ['ship']);
  await makeRole('with-runner', policyText('ship', 'trust'), ['ship', 'engine-runner']);
  await makeRole('with-lambda', policyText('ship', 'trust'), ['ship', 'engine-lambda']);
  await makeRole('tidegate-analyser', policyText('analyser', 'trust'), ['analyser']);
  await makeFunction();
  // What a connection finds here at its first call it keeps.
  process.env['AWS_ENDPOINT_URL'] = action.url;
  aws = connect();
});
afterAll(async () => {
  await Promise.all([action.close(), fromFunction.close()]);
  await local.close();
});

async function makeRole(RoleName: string, trust: string, policies: (Engine | 'ship')[]): Promise<void> {
  const iam = person.client(IAMClient);
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  for (const PolicyName of policies) {
    const PolicyDocument = policyText(PolicyName, 'policy');
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
}

/** As the guide makes it, but for where it finds AWS: somebody listens. */
async function makeFunction(): Promise<void> {
  const dist = path.resolve(import.meta.dirname, '../../dist');
  const [program, functionProgram] = ['analyser.mjs', 'analyser-function.mjs'].map((file) =>
    path.join(dist, file),
  );
  const analyser = { program: program!, functionProgram: functionProgram!, base: '', repository: '' };
  const { bucket, key } = parseS3Uri(await storeFunctionCode(analyser, artifactsUri, around(person)));
  const lambda = person.client(LambdaClient);
  const FunctionName = 'tidegate-analyser';
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 900,
      Role: roleNamed('tidegate-analyser'),
      Code: { S3Bucket: bucket, S3Key: key },
      Environment: { Variables: { AWS_ENDPOINT_URL: fromFunction.url } },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 60 }, { FunctionName });
}

function around(as: Aws) {
  const say = () => {};
  const group = async <T>(_: string, body: () => Promise<T>) => await body();
  const log = { info: say, notice: say, warning: say, untrusted: say, group };
  return { aws: as, log, signal: new AbortController().signal };
}

/** Everything that an action asks of AWS when it makes baselines and compares traffic. */
async function played(engineName: EngineName): Promise<Permission[]> {
  action.calls.length = 0;
  const settings = {
    engine: engineName,
    instanceCount: 1,
    analyserFunction: 'tidegate-analyser',
    roleArn: undefined,
  };
  const place = { artifactsUri, instanceType: '', maxRuntime: 0, tags: {} };
  const engine = engineOf({ ...settings, ...place }, {});
  for (const baselineUri of [
    `s3://${DATA_BUCKET}/baseline.csv`,
    `${artifactsUri}/training/a/output/output.tar.gz`,
  ]) {
    // A model of its own for each engine, so that nothing has been made before.
    const model = `${MODEL}-${engineName}`;
    const from = { model, artifactsUri, baselineUri, trainingJob: undefined };
    const baseline = await makeBaseline(from, engine, around(aws));
    const data = (await resolveData(aws, captured))!;
    const thresholds = { measure: 'psi' as const, warn: 0.1, fail: 0.2, minSamples: 10, features: [] };
    const binding = { ...baseline, endpointConfig: 'a', analyserImage: undefined };
    const { report } = await compareTraffic(
      { model, endpoint: MODEL, artifactsUri, thresholds },
      binding,
      data,
      engine,
      around(aws),
    );
    expect(report.rows).toEqual({ baseline: 200, current: 200 });
  }
  return distinct(action.calls.flatMap(permissionsOf));
}

/** Looking at captures is a matter of listing for the jobs' engine; here the test itself has looked. */
const lookedAt = `s3:GetObject arn:aws:s3:::${captured.replace('s3://', '')}`;

test('on the runner the ship role reads captured traffic, and needs nothing else', async () => {
  const needed = await played('runner');
  expect(await deniedTo(roleNamed('plain'), needed, person)).toEqual([lookedAt]);
  expect(await deniedTo(roleNamed('with-runner'), needed, person)).toEqual([]);
  expect(idleIn(statements('engine-runner'), needed)).toEqual([]);
});

test('for a function it asks the function, and still reads no captured traffic', async () => {
  const needed = (await played('lambda')).filter(
    ({ action: of, resource }) => `${of} ${resource}` !== lookedAt,
  );
  const ask = `lambda:InvokeFunction arn:aws:lambda:${REGION}:${ACCOUNT}:function:tidegate-analyser`;
  expect(await deniedTo(roleNamed('plain'), needed, person)).toEqual([ask]);
  expect(await deniedTo(roleNamed('with-lambda'), needed, person)).toEqual([]);
  expect(idleIn(statements('engine-lambda'), needed)).toEqual([]);
  expect(await deniedTo(roleNamed('with-lambda'), [objectAction('GetObject', captured)], person)).toEqual([
    lookedAt,
  ]);
});

test('the function reads what is profiled and leaves profiles: no more, no less', async () => {
  const stream = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/tidegate-analyser:log-stream:`;
  const needed = distinct([
    ...fromFunction.calls.flatMap(permissionsOf),
    // Lambda writes what it logs, as its own guide says (docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html).
    allow('logs:CreateLogGroup', stream),
    allow('logs:CreateLogStream', `${stream}2026/11/23/[$LATEST]0`),
    allow('logs:PutLogEvents', `${stream}2026/11/23/[$LATEST]0`),
  ]);
  expect(fromFunction.calls.length).toBeGreaterThan(3);
  const analyser = roleNamed('tidegate-analyser');
  expect(await deniedTo(analyser, needed, person)).toEqual([]);
  expect(idleIn(statements('analyser'), needed)).toEqual([]);
  const forbidden = [
    objectAction('PutObject', `${artifactsUri}/monitor/profiles/a.profile.gz`),
    objectAction('PutObject', captured),
    objectAction('GetObject', `${artifactsUri}/source/a.tar.gz`),
    objectAction('GetObject', `s3://${ARTIFACT_BUCKET}/another/capture/a.jsonl`),
    allow('s3:ListBucket', `arn:aws:s3:::${ARTIFACT_BUCKET}`),
    allow('lambda:InvokeFunction', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:tidegate-analyser`),
  ];
  expect(await deniedTo(analyser, forbidden, person)).toEqual(
    forbidden.map(({ action: of, resource }) => `${of} ${resource}`),
  );
});

test('each statement is explained in the guide', () => {
  const guide = readFileSync(path.resolve(import.meta.dirname, '../../docs/iam.md'), 'utf8');
  const engines: Engine[] = ['engine-runner', 'engine-lambda', 'analyser'];
  const said = engines.flatMap((engine) => statements(engine)).map(({ Sid }) => Sid);
  expect(said.filter((sid) => !guide.includes(`| \`${sid}\` `))).toEqual([]);
});
