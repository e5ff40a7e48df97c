import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { startLocalAws } from '../../../index.ts';
import type { LocalAwsOptions } from '../../../index.ts';

/** See there for how its environment makes it behave. */
const serverScript = join(import.meta.dirname, 'serve.py');

const repository = 'model-server';

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
  const ecr = new ECRClient(settings);
  const image = await pushImage(ecr, endpoint);
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
      await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body: archive({ 'name.txt': name }) }));
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
      for (const client of [sagemaker, runtime, cloudwatch, s3, ecr]) client.destroy();
    },
  };
  return stage;
}

/** A `tar.gz` of these files. */
export function archive(files: Record<string, string>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-archive-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'files', path)), { recursive: true });
    writeFileSync(join(folder, 'files', path), text);
  }
  execFileSync('tar', ['-czf', join(folder, 'archive.tar.gz'), '-C', join(folder, 'files'), '.']);
  const bytes = readFileSync(join(folder, 'archive.tar.gz'));
  rmSync(folder, { recursive: true });
  return bytes;
}

async function pushImage(ecr: ECRClient, endpoint: string): Promise<string> {
  // A server that comes back has it already.
  await ecr.send(new CreateRepositoryCommand({ repositoryName: repository })).catch(() => {});
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const authorization = `Basic ${authorizationData?.[0]?.authorizationToken}`;
  const base = `${endpoint}/v2/${repository}`;
  const push = async (bytes: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const response = await fetch(`${base}/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    if (response.status !== 201) throw new Error(`push: ${response.status} ${await response.text()}`);
    return { digest, size: bytes.length };
  };
  const layer = archive({ 'opt/program/serve.py': readFileSync(serverScript, 'utf8') });
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Entrypoint: ['python', '/opt/program/serve.py'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    }),
  );
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await push(config)) },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...(await push(layer)) }],
  });
  const response = await fetch(`${base}/manifests/latest`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: manifest,
  });
  if (response.status !== 201) throw new Error(`push: ${response.status} ${await response.text()}`);
  return `${repositories?.[0]?.repositoryUri}:latest`;
}
