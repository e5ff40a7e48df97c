import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type {
  CreateEndpointConfigInput,
  DescribeEndpointOutput,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { InvokeEndpointCommandInput } from '@aws-sdk/client-sagemaker-runtime';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws } from '../../../index.ts';
import type { LocalAwsOptions } from '../../../index.ts';
import { archive } from '../../testing/archive.ts';
import { pushImage } from '../../testing/push-image.ts';

/** See there for how its environment makes it behave. */
const serverScript = join(import.meta.dirname, 'serve.py');

export type Answer = { model: string; pid: number; got: string; variant: string | undefined };

/** Clients of a local AWS, and what tests of hosting do over and over. */
export type Stage = {
  readonly sagemaker: SageMakerClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly cloudwatch: CloudWatchClient;
  readonly s3: S3Client;
  readonly image: string;
  /** For clients of other services. */
  readonly clientSettings: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  readonly createModel: (name: string, environment?: Record<string, string>) => Promise<void>;
  readonly createConfig: (
    name: string,
    variants: Partial<ProductionVariant>[],
    more?: Partial<CreateEndpointConfigInput>,
  ) => Promise<void>;
  /** Model, configuration and endpoint of one variant `main`, and InService. */
  readonly serve: (
    endpoint: string,
    options?: {
      count?: number;
      environment?: Record<string, string>;
      config?: Partial<CreateEndpointConfigInput>;
    },
  ) => Promise<void>;
  readonly describe: (endpoint: string) => Promise<DescribeEndpointOutput>;
  /** Asks until the endpoint is as wanted; fails with its last description. */
  readonly until: (
    endpoint: string,
    wanted: (description: DescribeEndpointOutput) => boolean,
  ) => Promise<DescribeEndpointOutput>;
  readonly invoke: (endpoint: string, input?: Partial<InvokeEndpointCommandInput>) => Promise<Answer>;
  readonly close: () => void;
};

/** A local AWS in this process, on a clock that stands at ten o'clock, and its stage. */
export async function startStage(options: LocalAwsOptions = {}) {
  const aws = await startLocalAws({
    clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') },
    ...options,
  });
  const stage = await openStage(aws.endpoint);
  return {
    aws,
    ...stage,
    async [Symbol.asyncDispose]() {
      stage.close();
      await aws.close();
    },
  };
}

/** Pushes the test's model server as an image, and a bucket `models` with a model archive. */
export async function openStage(endpoint: string): Promise<Stage> {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  const sagemaker = new SageMakerClient(settings);
  const runtime = new SageMakerRuntimeClient(settings);
  const cloudwatch = new CloudWatchClient(settings);
  const s3 = new S3Client(settings);
  const image = await pushServer(endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: 'models' })).catch(() => {});

  const stage: Stage = {
    sagemaker,
    runtime,
    cloudwatch,
    s3,
    image,
    clientSettings: settings,
    async createModel(name, environment = {}) {
      const Key = `${name}/model.tar.gz`;
      await s3.send(
        new PutObjectCommand({ Bucket: 'models', Key, Body: await archive({ 'name.txt': name }) }),
      );
      const PrimaryContainer = { Image: image, ModelDataUrl: `s3://models/${Key}`, Environment: environment };
      await sagemaker.send(new CreateModelCommand({ ModelName: name, PrimaryContainer }));
    },
    async createConfig(name, variants, more = {}) {
      const ProductionVariants = variants.map((variant) => ({
        VariantName: 'main',
        ModelName: name,
        InstanceType: 'ml.m5.large' as const,
        InitialInstanceCount: 1,
        ...variant,
      }));
      await sagemaker.send(
        new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants, ...more }),
      );
    },
    async serve(name, { count = 1, environment = {}, config = {} } = {}) {
      await stage.createModel(`${name}-1`, environment);
      await stage.createConfig(`${name}-1`, [{ InitialInstanceCount: count }], config);
      await sagemaker.send(
        new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: `${name}-1` }),
      );
      await stage.until(name, ({ EndpointStatus }) => EndpointStatus !== 'Creating');
    },
    describe: (name) => sagemaker.send(new DescribeEndpointCommand({ EndpointName: name })),
    async until(name, wanted) {
      for (const deadline = performance.now() + 60_000; ;) {
        const description = await stage.describe(name);
        if (wanted(description)) return description;
        if (performance.now() > deadline) throw new Error(`waited in vain: ${JSON.stringify(description)}`);
        await pause(20);
      }
    },
    async invoke(name, input = {}) {
      const answer = await runtime.send(
        new InvokeEndpointCommand({ EndpointName: name, Body: 'hello', ContentType: 'text/plain', ...input }),
      );
      const body = JSON.parse(new TextDecoder().decode(answer.Body)) as Omit<Answer, 'variant'>;
      return { ...body, variant: answer.InvokedProductionVariant };
    },
    close() {
      for (const client of [sagemaker, runtime, cloudwatch, s3]) client.destroy();
    },
  };
  return stage;
}

async function pushServer(endpoint: string): Promise<string> {
  const layer = await archive({ 'opt/program/serve.py': await readFile(serverScript, 'utf8') });
  return pushImage(endpoint, 'model-server', layer, { Entrypoint: ['python', '/opt/program/serve.py'] });
}
