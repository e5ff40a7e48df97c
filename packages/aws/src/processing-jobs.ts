import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
  StopProcessingJobCommand,
  type DescribeProcessingJobResponse,
  type ProcessingInstanceType,
} from '@aws-sdk/client-sagemaker';
import { given, instant, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import type { JobInput } from './job-input.ts';
import { vpcConfig, type JobNetwork } from './network.ts';

export type ProcessingJobSpec = {
  name: string;
  roleArn: string;
  image: string;
  /** Instead of the image's own entry point. */
  entrypoint: string[];
  arguments: string[];
  environment: Record<string, string>;
  instanceType: string;
  instanceCount: number;
  volumeGb: number;
  maxRuntimeSeconds: number;
  /** Input name → what is copied to `path` (below /opt/ml/processing/) before the program starts: to each instance all of it, or a share of its objects. */
  inputs: Record<string, JobInput & { path: string; isShared?: boolean }>;
  /** Output name → the folder that is copied to `uri` when the program has succeeded. */
  outputs: Record<string, { uri: string; path: string }>;
  network: JobNetwork;
  tags: Record<string, string>;
};

export type ProcessingJob = {
  name: string;
  arn: string;
  state: 'running' | 'stopping' | 'completed' | 'failed' | 'stopped';
  failureReason: string;
  /** What the program wrote to /opt/ml/output/message. */
  exitMessage: string;
  instanceType: string;
  instanceCount: number;
  outputs: Record<string, string>;
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
};

const STATES = {
  InProgress: 'running',
  Stopping: 'stopping',
  Completed: 'completed',
  Failed: 'failed',
  Stopped: 'stopped',
} as const;

export function processingJobs(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    /** Idempotent by name, as training jobs are. */
    async create(spec: ProcessingJobSpec): Promise<'created' | 'already-there'> {
      try {
        await client().send(new CreateProcessingJobCommand(request(spec)));
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    async find(name: string): Promise<ProcessingJob | undefined> {
      try {
        return fromAws(await client().send(new DescribeProcessingJobCommand({ ProcessingJobName: name })));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async stop(name: string): Promise<void> {
      try {
        await client().send(new StopProcessingJobCommand({ ProcessingJobName: name }));
      } catch (error) {
        if ((error as Error).name !== 'ValidationException' && !isNotFound(error)) throw error;
      }
    },
  };
}

function request(spec: ProcessingJobSpec) {
  const vpc = vpcConfig(spec.network);
  return {
    ProcessingJobName: spec.name,
    RoleArn: spec.roleArn,
    AppSpecification: {
      ImageUri: spec.image,
      ...(spec.entrypoint.length > 0 ? { ContainerEntrypoint: spec.entrypoint } : {}),
      ...(spec.arguments.length > 0 ? { ContainerArguments: spec.arguments } : {}),
    },
    Environment: spec.environment,
    ProcessingInputs: Object.entries(spec.inputs).map(([name, input]) => ({
      InputName: name,
      S3Input: {
        S3Uri: input.uri,
        LocalPath: input.path,
        S3DataType: input.type === 'manifest' ? ('ManifestFile' as const) : ('S3Prefix' as const),
        S3InputMode: 'File' as const,
        S3DataDistributionType: input.isShared ? ('ShardedByS3Key' as const) : ('FullyReplicated' as const),
      },
    })),
    ProcessingOutputConfig: {
      Outputs: Object.entries(spec.outputs).map(([name, output]) => ({
        OutputName: name,
        S3Output: { S3Uri: output.uri, LocalPath: output.path, S3UploadMode: 'EndOfJob' as const },
      })),
      ...(spec.network.kmsKeyId ? { KmsKeyId: spec.network.kmsKeyId } : {}),
    },
    ProcessingResources: {
      ClusterConfig: {
        InstanceType: spec.instanceType as ProcessingInstanceType,
        InstanceCount: spec.instanceCount,
        VolumeSizeInGB: spec.volumeGb,
      },
    },
    StoppingCondition: { MaxRuntimeInSeconds: spec.maxRuntimeSeconds },
    ...(vpc || spec.network.isolated
      ? {
          NetworkConfig: {
            EnableNetworkIsolation: spec.network.isolated,
            ...(vpc ? { VpcConfig: vpc } : {}),
          },
        }
      : {}),
    Tags: tagList(spec.tags),
  };
}

function fromAws(job: DescribeProcessingJobResponse): ProcessingJob {
  const cluster = job.ProcessingResources?.ClusterConfig;
  return {
    name: given(job.ProcessingJobName, 'ProcessingJobName'),
    arn: given(job.ProcessingJobArn, 'ProcessingJobArn'),
    state: STATES[given(job.ProcessingJobStatus, 'ProcessingJobStatus')],
    failureReason: job.FailureReason ?? '',
    exitMessage: job.ExitMessage ?? '',
    instanceType: cluster?.InstanceType ?? '',
    instanceCount: cluster?.InstanceCount ?? 0,
    outputs: Object.fromEntries(
      (job.ProcessingOutputConfig?.Outputs ?? []).map((output) => [
        given(output.OutputName, 'OutputName'),
        output.S3Output?.S3Uri ?? '',
      ]),
    ),
    createdAt: given(job.CreationTime, 'CreationTime').getTime(),
    startedAt: instant(job.ProcessingStartTime),
    endedAt: instant(job.ProcessingEndTime),
  };
}
