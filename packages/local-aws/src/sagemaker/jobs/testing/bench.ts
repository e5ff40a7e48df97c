import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type CreateTrainingJobRequest,
  type DescribeTrainingJobResponse,
} from '@aws-sdk/client-sagemaker';
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../../index.ts';
import { archive } from '../../testing/archive.ts';

/** An image whose contract the host runtime plays: scripts run with this machine's Python. */
export const pythonImage =
  '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3';

const trust = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};

/** Runs `body` against a local AWS of its own, in which there is a bucket `lab` and a role. */
export async function withBench(
  options: LocalAwsOptions,
  body: (bench: Bench, aws: LocalAws) => Promise<void>,
): Promise<void> {
  await using aws = await startLocalAws(options);
  const bench = await openBench(aws);
  try {
    await bench.prepare();
    await body(bench, aws);
  } finally {
    bench.close();
  }
}

/** Clients against a running local AWS, and what tests of jobs do with them. */
export async function openBench({ endpoint }: { endpoint: string }) {
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIALOCALAWS00000000', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const sagemaker = new SageMakerClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(settings);
  const iam = new IAMClient(settings);
  const events = new EventBridgeClient(settings);
  const role = 'arn:aws:iam::123456789012:role/jobs';
  const put = (key: string, body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: 'lab', Key: key, Body: Buffer.from(body) }));
  const get = async (key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lab', Key: key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  const groupLines = async (logGroupName: string, logStreamNamePrefix = '') => {
    const input = { logGroupName, ...(logStreamNamePrefix === '' ? {} : { logStreamNamePrefix }) };
    // The group comes into being with its first line.
    const answer = await logs.send(new FilterLogEventsCommand(input)).catch(() => ({ events: [] }));
    return (answer.events ?? []).map(({ message }) => message ?? '');
  };

  return {
    sagemaker,
    s3,
    events,
    role,
    put,
    get,
    text: async (key: string) => String(await get(key)),

    async prepare() {
      await s3.send(new CreateBucketCommand({ Bucket: 'lab' }));
      await iam.send(
        new CreateRoleCommand({ RoleName: 'jobs', AssumeRolePolicyDocument: JSON.stringify(trust) }),
      );
    },

    /** Starts a training job whose code is the given files, of which `train.py` is run. */
    async train(
      name: string,
      files: Record<string, string>,
      changes: Partial<CreateTrainingJobRequest> = {},
    ) {
      await put(`code/${name}.tar.gz`, await archive(files));
      const { HyperParameters, ...rest } = changes;
      return sagemaker.send(
        new CreateTrainingJobCommand({
          TrainingJobName: name,
          RoleArn: role,
          AlgorithmSpecification: { TrainingImage: pythonImage, TrainingInputMode: 'File' },
          HyperParameters: {
            sagemaker_program: '"train.py"',
            sagemaker_submit_directory: JSON.stringify(`s3://lab/code/${name}.tar.gz`),
            ...HyperParameters,
          },
          OutputDataConfig: { S3OutputPath: 's3://lab/out/' },
          ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
          StoppingCondition: { MaxRuntimeInSeconds: 600 },
          ...rest,
        }),
      );
    },

    /** Asks again and again until the job is as wanted. */
    async untilTraining(name: string, wanted: (job: DescribeTrainingJobResponse) => boolean = isOver) {
      return until(() => sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })), wanted);
    },

    /** What a job has said so far, line by line. */
    lines: (kind: 'TrainingJobs' | 'ProcessingJobs' | 'TransformJobs', name: string) =>
      groupLines(`/aws/sagemaker/${kind}`, `${name}/`),

    groupLines,

    close() {
      for (const client of [sagemaker, s3, logs, iam, events]) client.destroy();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

const isOver = ({ TrainingJobStatus: status }: DescribeTrainingJobResponse) =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await wait(20);
  }
}
