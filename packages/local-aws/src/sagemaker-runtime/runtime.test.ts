import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateEndpointCommand, UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, ModelError } from '@aws-sdk/client-sagemaker-runtime';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from '@jest/globals';
import { answersOf } from '../sagemaker/hosting/testing/deployments.ts';
import { startStage } from '../sagemaker/hosting/testing/stage.ts';
import type { Stage } from '../sagemaker/hosting/testing/stage.ts';
import { flushCaptures } from './capture-files.ts';

test('requests follow the weights of the variants, unless they name one', async () => {
  await using server = await startStage();
  await server.createModel('a');
  await server.createModel('b');
  await server.createConfig('ab', [
    { VariantName: 'a', ModelName: 'a', InitialVariantWeight: 3 },
    { VariantName: 'b', ModelName: 'b', InitialVariantWeight: 1 },
  ]);
  await server.sagemaker.send(new CreateEndpointCommand({ EndpointName: 'ab', EndpointConfigName: 'ab' }));
  await server.until('ab', ({ EndpointStatus }) => EndpointStatus === 'InService');
  expect(await answersOf(server, 'ab', 40)).toEqual({ a: 30, b: 10 });
  expect(await server.invoke('ab', { TargetVariant: 'b' })).toMatchObject({ model: 'b', variant: 'b' });
  await expect(server.invoke('ab', { TargetVariant: 'c' })).rejects.toThrow(
    'Variant c not found for Request',
  );

  const DesiredWeightsAndCapacities = [{ VariantName: 'b', DesiredWeight: 3, DesiredInstanceCount: 2 }];
  await server.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'ab', DesiredWeightsAndCapacities }),
  );
  expect(await server.until('ab', ({ EndpointStatus }) => EndpointStatus === 'InService')).toMatchObject({
    ProductionVariants: [
      { CurrentWeight: 3, CurrentInstanceCount: 1 },
      { CurrentWeight: 3, CurrentInstanceCount: 2 },
    ],
  });
  expect(await answersOf(server, 'ab', 20)).toEqual({ a: 10, b: 10 });
});

test('what the model says other than 2xx is a ModelError with its status, its words and its logs', async () => {
  await using server = await startStage();
  await server.serve('flights', { environment: { FAIL: '1' } });
  const error = await server.invoke('flights').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({
    OriginalStatusCode: 500,
    OriginalMessage: 'the model is broken',
    LogStreamArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/sagemaker/Endpoints/flights',
    message: expect.stringContaining(
      'Received server error (500) from primary with message "the model is broken".',
    ),
    $metadata: { httpStatusCode: 424 },
  });
});

test('a container that dies of a request is a model error, and is started again', async () => {
  await using server = await startStage();
  await server.serve('flights');
  await expect(server.invoke('flights', { Body: 'die' })).rejects.toMatchObject({
    name: 'ModelError',
    OriginalStatusCode: 0,
  });
  for (;;) {
    const answer = await server.invoke('flights').catch((error: Error) => error);
    if (!(answer instanceof Error)) break;
    expect(answer.name).toMatch(/^(ModelError|ServiceUnavailable)$/);
  }
});

test('requests SageMaker Runtime refuses are refused in its words', async () => {
  await using server = await startStage();
  const invoke = (name: string, Body: Uint8Array) =>
    server.runtime.send(new InvokeEndpointCommand({ EndpointName: name, Body }));
  await expect(invoke('nobody', new Uint8Array(1))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Endpoint nobody of account 123456789012 not found.',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(invoke('nobody', new Uint8Array(6_291_457))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 413 },
  });
});

test('metrics count every invocation, and tell 4xx from 5xx', async () => {
  await using server = await startStage();
  await server.serve('good');
  await server.serve('bad', { environment: { STATUS: '400' } });
  await answersOf(server, 'good', 3);
  await answersOf(server, 'bad', 2);
  const of = async (endpoint: string) => {
    const names = ['Invocations', 'Invocation4XXErrors', 'Invocation5XXErrors', 'InvocationModelErrors'];
    const query = (MetricName: string, Id: string, Stat: string) => ({
      Id,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SageMaker',
          MetricName,
          Dimensions: [
            { Name: 'VariantName', Value: 'main' },
            { Name: 'EndpointName', Value: endpoint },
          ],
        },
        Period: 60,
        Stat,
      },
    });
    const { MetricDataResults = [] } = await server.cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date('2026-11-23T10:00:00Z'),
        EndTime: new Date('2026-11-23T10:01:00Z'),
        MetricDataQueries: [
          ...names.map((name, index) => query(name, `m${index}`, 'Sum')),
          query('ModelLatency', 'latency', 'p99'),
        ],
      }),
    );
    return MetricDataResults.map(({ Values }) => Values?.[0]);
  };
  const micros = expect.any(Number);
  expect(await of('good')).toEqual([3, 0, 0, 0, micros]);
  expect(await of('bad')).toEqual([2, 2, 0, 2, micros]);
  const latency = (await of('good'))[4] ?? 0;
  expect(latency).toBeGreaterThan(100);
});

test('what containers say is in the log group of the endpoint', async () => {
  await using server = await startStage();
  await server.serve('flights');
  const logs = new CloudWatchLogsClient({ ...server.clientSettings });
  const command = new FilterLogEventsCommand({ logGroupName: '/aws/sagemaker/Endpoints/flights' });
  const said = async () => (await logs.send(command).catch(() => undefined))?.events ?? [];
  while ((await said()).length === 0);
  expect(await said()).toMatchObject([
    { message: 'serving flights-1', logStreamName: expect.stringMatching(/^main\/i-[0-9a-f]{17}$/) },
  ]);
  logs.destroy();
});

type CaptureLine = { eventMetadata: { inferenceId?: string } };

async function capturedLines({ s3 }: Stage): Promise<{ keys: string[]; lines: CaptureLine[] }> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'models', Prefix: 'captured/' }),
  );
  const lines: CaptureLine[] = [];
  for (const { Key } of Contents) {
    const object = await s3.send(new GetObjectCommand({ Bucket: 'models', Key }));
    const text = (await object.Body?.transformToString()) ?? '';
    lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as CaptureLine),
    );
  }
  return { keys: Contents.map(({ Key = '' }) => Key), lines };
}

const capture = (percent: number) => ({
  EnableCapture: true,
  InitialSamplingPercentage: percent,
  DestinationS3Uri: 's3://models/captured',
  CaptureOptions: [{ CaptureMode: 'Input' as const }, { CaptureMode: 'Output' as const }],
  CaptureContentTypeHeader: { JsonContentTypes: ['application/json'] },
});

test("captured invocations are complete, by variant and hour, in SageMaker's own shape", async () => {
  await using server = await startStage();
  await server.serve('flights', { config: { DataCaptureConfig: capture(100) } });
  await server.invoke('flights', {
    Body: '{"hour":14}',
    ContentType: 'application/json',
    InferenceId: 'n-1',
    CustomAttributes: 'trace=7',
  });
  await server.aws.clock.advance(3600_000);
  await server.invoke('flights', { Body: 'AA', ContentType: 'text/csv' });
  await flushCaptures(server.aws.world);
  const { keys, lines } = await capturedLines(server);
  expect(keys).toEqual([
    expect.stringMatching(
      /^captured\/flights\/main\/2026\/11\/23\/10\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    ),
    expect.stringMatching(
      /^captured\/flights\/main\/2026\/11\/23\/11\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/,
    ),
  ]);
  const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(lines).toEqual([
    {
      captureData: {
        endpointInput: {
          observedContentType: 'application/json',
          mode: 'INPUT',
          data: '{"hour":14}',
          encoding: 'JSON',
        },
        endpointOutput: {
          observedContentType: 'application/json',
          mode: 'OUTPUT',
          data: expect.stringContaining('"model": "flights-1"'),
          encoding: 'JSON',
        },
      },
      eventMetadata: {
        customAttributes: ['trace=7'],
        eventId: uuid,
        inferenceId: 'n-1',
        inferenceTime: '2026-11-23T10:00:00Z',
      },
      eventVersion: '0',
    },
    {
      captureData: {
        endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: 'QUE=', encoding: 'BASE64' },
        endpointOutput: expect.objectContaining({ encoding: 'JSON' }),
      },
      eventMetadata: { eventId: uuid, inferenceTime: '2026-11-23T11:00:00Z' },
      eventVersion: '0',
    },
  ]);
});

test('a sample is captured, the same one in every run', async () => {
  const sampled = async () => {
    await using server = await startStage();
    await server.serve('flights', { config: { DataCaptureConfig: capture(20) } });
    for (let sent = 0; sent < 100; sent++) await server.invoke('flights', { InferenceId: String(sent) });
    await flushCaptures(server.aws.world);
    return (await capturedLines(server)).lines
      .map(({ eventMetadata }) => Number(eventMetadata.inferenceId))
      .sort((a, b) => a - b);
  };
  const first = await sampled();
  expect(first.length).toBeGreaterThan(10);
  expect(first.length).toBeLessThan(30);
  expect(await sampled()).toEqual(first);
});
