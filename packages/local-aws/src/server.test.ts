import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTrainingJobCommand,
  ListLabelingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { cbor } from '@smithy/core/cbor';
import { expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from './index.ts';

const start = new Date('2026-11-23T10:00:00Z');
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const settings = (aws: LocalAws) => ({
  endpoint: aws.endpoint,
  region: aws.region,
  credentials,
  maxAttempts: 1,
});
const startManual = () => startLocalAws({ clock: { manual: true, start } });

async function get(url: string, headers: Record<string, string>) {
  const { hostname, port, pathname } = new URL(url);
  const [response] = (await once(
    request({ hostname, port, path: pathname, headers, agent: false }).end(),
    'response',
  )) as [AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, string> }];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, headers: response.headers, text };
}

test('only this machine is answered: not another Host, not a web page of another origin', async () => {
  await using aws = await startManual();
  const health = `${aws.endpoint}/_tidegate/health`;
  const { port } = new URL(aws.endpoint);
  expect((await get(health, { host: `localhost:${port}` })).status).toBe(200);
  expect(await get(health, { host: `evil.example:${port}` })).toMatchObject({
    status: 403,
    text: `Host "evil.example:${port}" is not this machine: use 127.0.0.1, localhost or [::1].\n`,
  });
  expect((await get(health, { host: `127.0.0.1.evil.example:${port}` })).status).toBe(403);
  expect((await get(health, { origin: 'https://evil.example' })).status).toBe(403);
});

test('answers carry the server’s time, which the clock’s control route moves', async () => {
  await using aws = await startManual();
  const moved = await fetch(`${aws.endpoint}/_tidegate/clock`, {
    method: 'POST',
    body: '{"advanceSeconds":90}',
  });
  expect([moved.headers.get('date'), await moved.json()]).toEqual([
    'Mon, 23 Nov 2026 10:00:00 GMT',
    { time: '2026-11-23T10:01:30.000Z', speed: 0 },
  ]);
  const wrong = await fetch(`${aws.endpoint}/_tidegate/clock`, { method: 'POST', body: '{}' });
  expect([wrong.status, await wrong.json()]).toEqual([
    400,
    { message: 'a clock takes {"advanceSeconds": n} or {"speed": n}' },
  ]);
});

test('awsJson errors become the client’s exception classes', async () => {
  await using aws = await startManual();
  using sagemaker = disposable(new SageMakerClient(settings(aws)));
  using logs = disposable(new CloudWatchLogsClient(settings(aws)));
  const missing = logs.client.send(new DescribeLogStreamsCommand({ logGroupName: 'no' }));
  await expect(missing).rejects.toThrow(ResourceNotFoundException);
  const incomplete = sagemaker.client.send(
    new CreateTrainingJobCommand({
      TrainingJobName: 'j',
      StoppingCondition: {},
      Tags: [{ Key: 'k' }],
    } as never),
  );
  const error = (await incomplete.catch((error: Error) => error)) as Error;
  const nulls = ['roleArn', 'outputDataConfig', 'tags.1.member.value'].map(
    (path) => `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
  );
  expect([error.name, error.message]).toEqual([
    'ValidationException',
    `3 validation errors detected: ${nulls.join('; ')}`,
  ]);
});

test('an operation that is not built says so by its name', async () => {
  await using aws = await startManual();
  using sagemaker = disposable(new SageMakerClient(settings(aws)));
  await expect(sagemaker.client.send(new ListLabelingJobsCommand({}))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'sagemaker:ListLabelingJobs is not built in this local AWS; SPEC.md lists what is.',
    $metadata: { httpStatusCode: 501 },
  });
});

test('restJson errors are the client’s too, also where a service answers its paths itself', async () => {
  await using aws = await startManual();
  using runtime = disposable(new SageMakerRuntimeClient(settings(aws)));
  const invoke = runtime.client.send(new InvokeEndpointCommand({ EndpointName: 'flights', Body: '{}' }));
  await expect(invoke).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Endpoint flights of account 123456789012 not found.',
    $metadata: { httpStatusCode: 400 },
  });
});

test('CloudWatch is served in JSON with gzip, in CBOR and in Query', async () => {
  await using aws = await startManual();
  using cloudwatch = disposable(
    new CloudWatchClient({ ...settings(aws), requestMinCompressionSizeBytes: 10 }),
  );
  const datum = (Value: number) => ({ MetricName: 'psi', Timestamp: start, Value });
  await cloudwatch.client.send(new PutMetricDataCommand({ Namespace: 'drift', MetricData: [datum(1)] }));
  await put(aws, { 'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData', 'content-encoding': 'gzip' }, '/', gzipSync(JSON.stringify({ Namespace: 'drift', MetricData: [{ ...datum(2), Timestamp: start.getTime() / 1000 }] }))); // prettier-ignore
  const inCbor = await put(aws, { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' }, '/service/GraniteServiceVersion20100801/operation/PutMetricData', cbor.serialize({ Namespace: 'drift', MetricData: [{ MetricName: 'psi', Value: 4 }] })); // prettier-ignore
  expect([inCbor.status, inCbor.headers.get('smithy-protocol')]).toEqual([200, 'rpc-v2-cbor']);
  const form =
    'Action=PutMetricData&Version=2010-08-01&Namespace=drift&MetricData.member.1.MetricName=psi&MetricData.member.1.Value=8';
  const inQuery = await put(
    aws,
    { 'content-type': 'application/x-www-form-urlencoded' },
    '/',
    Buffer.from(form),
  );
  expect(await inQuery.text()).toMatch(
    /^<PutMetricDataResponse xmlns="http:\/\/monitoring.amazonaws.com\/doc\/2010-08-01\/">/,
  );
  await aws.clock.advance(60_000);
  const MetricStat = { Metric: { Namespace: 'drift', MetricName: 'psi' }, Period: 60, Stat: 'Sum' };
  const { MetricDataResults } = await cloudwatch.client.send(
    new GetMetricDataCommand({
      StartTime: start,
      EndTime: new Date(start.getTime() + 60_000),
      MetricDataQueries: [{ Id: 's', MetricStat }],
    }),
  );
  expect(MetricDataResults?.[0]).toMatchObject({ Values: [15], Timestamps: [start] });
});

test.each([
  [
    'awsJson',
    { 'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData', 'x-amzn-query-mode': 'true' },
    '/',
    '{}',
  ],
  [
    'CBOR',
    { 'smithy-protocol': 'rpc-v2-cbor' },
    '/service/GraniteServiceVersion20100801/operation/PutMetricData',
    '',
  ],
] as const)(
  'a %s error names its old Query code in a header, for clients that ask for it',
  async (_protocol, headers, path, body) => {
    await using aws = await startManual();
    const answer = await put(aws, headers, path, Buffer.from(body));
    expect([answer.status, answer.headers.get('x-amzn-query-error')]).toEqual([
      400,
      'ValidationError;Sender',
    ]);
  },
);

test('faults throttle, fail, cut off and slow down exactly the calls they are asked to', async () => {
  await using aws = await startManual();
  using s3 = disposable(new S3Client(settings(aws)));
  using sts = disposable(new STSClient(settings(aws)));
  const list = () => s3.client.send(new ListBucketsCommand()).then(() => 'ok', (error: Error) => error.name); // prettier-ignore
  aws.faults.add({ service: 's3', operation: 'ListBuckets', effect: 'throttle', after: 1, times: 2 });
  expect([await list(), await list(), await list(), await list()]).toEqual([
    'ok',
    'SlowDown',
    'SlowDown',
    'ok',
  ]);
  aws.faults.add({ service: 's3', effect: 'error', status: 503, code: 'ServiceUnavailable', times: 1 });
  expect([await list(), await list()]).toEqual(['ServiceUnavailable', 'ok']);
  aws.faults.add({ effect: 'reset', times: 1 });
  await expect(sts.client.send(new GetCallerIdentityCommand())).rejects.toThrow('ECONNRESET');
  aws.faults.add({ service: 'sts', effect: 'slow', delayMs: 30 });
  const before = performance.now();
  await sts.client.send(new GetCallerIdentityCommand());
  expect(performance.now() - before).toBeGreaterThan(29);
  aws.faults.clear();
});

test('everything is where it was after a close and a start with the same directory', async () => {
  const aws = await startManual();
  const { directory } = aws.world;
  const iam = new IAMClient(settings(aws));
  await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{"Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}}' })); // prettier-ignore
  const s3 = new S3Client(settings(aws));
  await s3.send(new CreateBucketCommand({ Bucket: 'models' }));
  await aws.clock.advance(3_600_000);
  await s3.send(new CreateBucketCommand({ Bucket: 'later' }));
  await using kept = await startLocalAws({ directory, clock: { manual: true, start } });
  // The clock goes on from the last thing that was written, never from before it.
  expect(kept.clock.now()).toBe(start.getTime() + 3_600_000);
  const again = new IAMClient(settings(kept));
  expect((await again.send(new GetRoleCommand({ RoleName: 'r' }))).Role?.Arn).toBe(
    'arn:aws:iam::123456789012:role/r',
  );
  for (const client of [iam, s3, again]) client.destroy();
  await aws.close();
});

function put(aws: LocalAws, headers: Record<string, string>, path: string, body: Uint8Array) {
  return fetch(`${aws.endpoint}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
}

const disposable = <T extends { destroy(): void }>(client: T) => ({
  client,
  [Symbol.dispose]: () => client.destroy(),
});
