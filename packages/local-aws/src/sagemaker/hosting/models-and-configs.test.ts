import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  ListTagsCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import type { DeploymentConfig, TrafficRoutingConfig } from '@aws-sdk/client-sagemaker';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { canary, settles, update } from './testing/deployments.ts';
import { startStage } from './testing/stage.ts';

const arn = (path: string) => `arn:aws:sagemaker:us-east-1:123456789012:${path}`;
const minute = 60_000;

test('a model is created, described, listed, tagged and deleted', async () => {
  await using server = await startStage();
  const { sagemaker, image } = server;
  const PrimaryContainer = { Image: image, Environment: { THREADS: '2' } };
  expect(
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: 'Flights',
        PrimaryContainer,
        Tags: [{ Key: 'commit', Value: '3f2a9c1' }],
      }),
    ),
  ).toMatchObject({ ModelArn: arn('model/flights') });
  expect(await sagemaker.send(new DescribeModelCommand({ ModelName: 'Flights' }))).toMatchObject({
    ModelName: 'Flights',
    PrimaryContainer,
    CreationTime: new Date('2026-11-23T10:00:00Z'),
    EnableNetworkIsolation: false,
  });
  const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn: arn('model/flights') }));
  expect(Tags).toEqual([{ Key: 'commit', Value: '3f2a9c1' }]);
  const list = await sagemaker.send(new ListModelsCommand({ NameContains: 'light' }));
  expect(list.Models).toMatchObject([{ ModelName: 'Flights' }]);
  await sagemaker.send(new DeleteModelCommand({ ModelName: 'Flights' }));
  await expect(sagemaker.send(new DescribeModelCommand({ ModelName: 'Flights' }))).rejects.toMatchObject({
    name: 'ValidationException',
    message: `Could not find model "${arn('model/flights')}".`,
  });
});

test('a model that could not be served is refused when it is created', async () => {
  await using server = await startStage();
  const { sagemaker, image } = server;
  const create = (PrimaryContainer: object, more: object = {}) =>
    sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer, ...more }));
  await expect(create({ Image: image, ModelDataUrl: 's3://models/none.tar.gz' })).rejects.toThrow(
    'Could not access model data at s3://models/none.tar.gz.',
  );
  await expect(create({ Image: image.replace(':latest', ':none') })).rejects.toThrow('not found');
  await expect(create({})).rejects.toThrow('either Image or ModelPackageName');
  await expect(create({ Image: image }, { Containers: [{ Image: image }] })).rejects.toThrow('both');
  await expect(
    create({ Image: image }, { ExecutionRoleArn: 'arn:aws:iam::123456789012:role/nobody' }),
  ).rejects.toThrow('Could not assume role arn:aws:iam::123456789012:role/nobody');
  await expect(create({ Image: image, Mode: 'MultiModel' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
  await expect(
    sagemaker.send(new CreateModelCommand({ ModelName: '-m', PrimaryContainer: { Image: image } })),
  ).rejects.toThrow(
    "1 validation error detected: Value '-m' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern",
  );
  await create({ Image: image });
  await expect(create({ Image: image })).rejects.toThrow(
    `Cannot create already existing model "${arn('model/m')}".`,
  );
});

test('an endpoint configuration names models that are there, and what is not built is refused by name', async () => {
  await using server = await startStage();
  await server.createModel('m');
  await server.createConfig('m', [{}], { MetricsConfig: { MetricPublishFrequencyInSeconds: 10 } });
  expect(
    await server.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'm' })),
  ).toMatchObject({
    EndpointConfigArn: arn('endpoint-config/m'),
    ProductionVariants: [
      { VariantName: 'main', ModelName: 'm', InitialVariantWeight: 1, InitialInstanceCount: 1 },
    ],
    MetricsConfig: { MetricPublishFrequencyInSeconds: 10 },
  });
  await expect(server.createConfig('m', [{}])).rejects.toThrow(
    `Cannot create already existing endpoint configuration "${arn('endpoint-config/m')}".`,
  );
  await expect(server.createConfig('n', [{ ModelName: 'none' }])).rejects.toThrow(
    `Could not find model "${arn('model/none')}".`,
  );
  await expect(
    server.createConfig('n', [{ ModelName: 'm', InstanceType: 'ml.huge' as 'ml.m5.large' }]),
  ).rejects.toThrow(
    "Value 'ml.huge' at 'productionVariants.1.member.instanceType' failed to satisfy constraint: Member must satisfy enum value set",
  );
  await expect(
    server.createConfig('n', [
      { ModelName: 'm', ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } },
    ]),
  ).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('ServerlessConfig') });
  await expect(
    server.sagemaker.send(
      new CreateEndpointConfigCommand({ EndpointConfigName: 'n', ProductionVariants: [] }),
    ),
  ).rejects.toThrow(
    "at 'productionVariants' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
  const { EndpointConfigs } = await server.sagemaker.send(new ListEndpointConfigsCommand({}));
  expect(EndpointConfigs).toMatchObject([{ EndpointConfigName: 'm' }]);
});

test('an endpoint whose container does not start fails with the health check, and can then be deleted', async () => {
  await using server = await startStage();
  await server.createModel('m', { CRASH: '1' });
  await server.createConfig('m', [{ ContainerStartupHealthCheckTimeoutInSeconds: 60 }]);
  const { sagemaker } = server;
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'm', EndpointConfigName: 'm' }));
  const busy = `Cannot update in-progress endpoint "${arn('endpoint/m')}".`;
  await expect(sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'm' }))).rejects.toThrow(busy);
  await expect(
    sagemaker.send(new UpdateEndpointCommand({ EndpointName: 'm', EndpointConfigName: 'm' })),
  ).rejects.toThrow(busy);
  await server.aws.clock.advance(minute);
  expect(await settles(server, 'm')).toMatchObject({
    EndpointStatus: 'Failed',
    FailureReason:
      'The primary container for production variant main did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
  });
  const { Endpoints } = await sagemaker.send(new ListEndpointsCommand({ StatusEquals: 'Failed' }));
  expect(Endpoints).toMatchObject([{ EndpointName: 'm', EndpointStatus: 'Failed' }]);
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'm' }));
});

test('a model archive that is none, or leaves its folder, fails the endpoint before anything runs', async () => {
  await using server = await startStage();
  const { sagemaker, s3, image } = server;
  await s3.send(
    new PutObjectCommand({ Bucket: 'models', Key: 'text.tar.gz', Body: 'this is not an archive' }),
  );
  const PrimaryContainer = { Image: image, ModelDataUrl: 's3://models/text.tar.gz' };
  await sagemaker.send(new CreateModelCommand({ ModelName: 'm', PrimaryContainer }));
  await server.createConfig('m', [{}]);
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'm', EndpointConfigName: 'm' }));
  expect(await settles(server, 'm')).toMatchObject({
    EndpointStatus: 'Failed',
    FailureReason: expect.stringContaining(
      'Failed to extract model data archive for container "container_1" from URL "s3://models/text.tar.gz".',
    ),
  });
});

test('a deployment that its policy does not allow is refused before anything starts', async () => {
  await using server = await startStage();
  await server.serve('flights', { count: 2 });
  const deploy = (config: DeploymentConfig) =>
    update(server, 'flights', { deploy: config }).catch((error: Error) => error.message);
  const routing = (
    TrafficRoutingConfiguration: TrafficRoutingConfig,
    more: object = {},
  ): DeploymentConfig => ({
    BlueGreenUpdatePolicy: { TrafficRoutingConfiguration, ...more },
  });
  const size = (Value: number, Type: 'CAPACITY_PERCENT' | 'INSTANCE_COUNT' = 'CAPACITY_PERCENT') => ({
    Type,
    Value,
  });
  const first = await deploy(routing({ Type: 'CANARY', WaitIntervalInSeconds: 60 }));
  expect(first).toBe('CanarySize is required for the traffic routing type CANARY.');
  const again = (config: DeploymentConfig) =>
    server.sagemaker
      .send(
        new UpdateEndpointCommand({
          EndpointName: 'flights',
          EndpointConfigName: 'flights-2',
          DeploymentConfig: config,
        }),
      )
      .then(
        () => 'accepted',
        (error: Error) => error.message,
      );
  const wait = { WaitIntervalInSeconds: 60 };
  expect(await again(routing({ Type: 'CANARY', CanarySize: size(60), ...wait }))).toContain(
    'between 1% and 50%',
  );
  expect(await again(routing({ Type: 'CANARY', CanarySize: size(2, 'INSTANCE_COUNT'), ...wait }))).toContain(
    'which is 2',
  );
  expect(await again(routing({ Type: 'LINEAR', LinearStepSize: size(5), ...wait }))).toContain(
    'between 10% and 50%',
  );
  expect(
    await again(
      routing(
        { Type: 'CANARY', CanarySize: size(10), WaitIntervalInSeconds: 600 },
        { MaximumExecutionTimeoutInSeconds: 600 },
      ),
    ),
  ).toBe(
    'MaximumExecutionTimeoutInSeconds (600) must be larger than the total waiting time (600) of WaitIntervalInSeconds and TerminationWaitInSeconds.',
  );
  expect(await again(routing({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 4000 }))).toContain(
    'less than or equal to 3600',
  );
  expect(await again(canary(['nobody']))).toBe(
    'Could not find the CloudWatch alarm(s) of AutoRollbackConfiguration: nobody.',
  );
  expect((await server.describe('flights')).EndpointStatus).toBe('InService');
});

test("a quota that is used up, and capacity that is not there, are told in AWS's words", async () => {
  await using server = await startStage();
  await server.createModel('m');
  await server.createConfig('m', [{ InitialInstanceCount: 99 }]);
  const create = (EndpointName: string, EndpointConfigName: string) =>
    server.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
  await expect(create('big', 'm')).rejects.toMatchObject({
    name: 'ResourceLimitExceeded',
    message: expect.stringContaining(
      "The account-level service limit 'ml.m5.large for endpoint usage' is 16 Instances",
    ),
  });
  await server.createConfig('n', [{ ModelName: 'm' }]);
  server.aws.faults.add({ effect: 'capacity', operation: 'CreateEndpoint', times: 1 });
  await create('full', 'n');
  expect(await settles(server, 'full')).toMatchObject({
    EndpointStatus: 'Failed',
    FailureReason: expect.stringContaining('InsufficientInstanceCapacity'),
  });
});
