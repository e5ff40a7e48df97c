import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  StopTrainingJobCommand,
  type DescribeTrainingJobResponse,
  type SecondaryStatus,
  type TrainingInstanceType,
} from '@aws-sdk/client-sagemaker';
import { given, instant, tagList } from './answers.ts';
import type { Aws } from './connect.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import { channelSource, type JobInput } from './job-input.ts';
import { vpcConfig, type JobNetwork } from './network.ts';

export type TrainingJobSpec = {
  name: string;
  roleArn: string;
  image: string;
  instanceType: string;
  instanceCount: number;
  volumeGb: number;
  hyperparameters: Record<string, string>;
  environment: Record<string, string>;
  /** Channel name → what is mounted below /opt/ml/input/data/<name>. */
  channels: Record<string, JobInput>;
  outputUri: string;
  maxRuntimeSeconds: number;
  /** Spare capacity at a discount, which AWS may take back: the job goes on from its checkpoints. */
  spot?: { maxWaitSeconds: number };
  checkpointUri?: string;
  metrics: { name: string; regex: string }[];
  network: JobNetwork;
  tags: Record<string, string>;
};

/**
 * SageMaker's status and secondary status as one word. A job that ran out of time is `Stopped` to AWS, and the SDK's own waiter
 * calls that success; here it has its own name.
 */
export type TrainingState =
  | 'running'
  | 'stopping'
  | 'completed'
  | 'failed'
  | 'stopped'
  | 'max-runtime-exceeded'
  | 'max-wait-time-exceeded'
  | 'interrupted';

export type TrainingJob = {
  name: string;
  arn: string;
  state: TrainingState;
  /** AWS's own word for where it is: `Starting`, `Downloading`, `Training`, `Uploading` … */
  phase: string;
  /** AWS's words; empty where it gave none. */
  failureReason: string;
  instanceType: string;
  instanceCount: number;
  image: string;
  hyperparameters: Record<string, string>;
  /** Where the model is (or will be): `<output>/<name>/output/model.tar.gz`. */
  modelUri: string;
  /** What training wrote beside the model, in `output.tar.gz`. */
  outputUri: string;
  metrics: { name: string; value: number }[];
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  trainingSeconds: number | null;
  billableSeconds: number | null;
};

export function trainingJobs(aws: Aws) {
  const client = () => aws.client(SageMakerClient);
  return {
    /** Idempotent by name: `already-there` when a job of that name exists, whatever it was given. */
    async create(spec: TrainingJobSpec): Promise<'created' | 'already-there'> {
      try {
        await client().send(new CreateTrainingJobCommand(request(spec)));
        return 'created';
      } catch (error) {
        if (isAlreadyThere(error)) return 'already-there';
        throw error;
      }
    },

    async find(name: string): Promise<TrainingJob | undefined> {
      try {
        return fromAws(await client().send(new DescribeTrainingJobCommand({ TrainingJobName: name })));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    /** Asks the job to stop; nothing happens if it has ended or was never there. */
    async stop(name: string): Promise<void> {
      try {
        await client().send(new StopTrainingJobCommand({ TrainingJobName: name }));
      } catch (error) {
        if ((error as Error).name !== 'ValidationException' && !isNotFound(error)) throw error;
      }
    },
  };
}

function request(spec: TrainingJobSpec) {
  const vpc = vpcConfig(spec.network);
  const channels = Object.entries(spec.channels).map(([name, input]) => ({
    ChannelName: name,
    DataSource: { S3DataSource: channelSource(input) },
  }));
  return {
    TrainingJobName: spec.name,
    RoleArn: spec.roleArn,
    AlgorithmSpecification: {
      TrainingImage: spec.image,
      TrainingInputMode: 'File' as const,
      ...(spec.metrics.length > 0
        ? { MetricDefinitions: spec.metrics.map(({ name, regex }) => ({ Name: name, Regex: regex })) }
        : {}),
    },
    HyperParameters: spec.hyperparameters,
    Environment: spec.environment,
    // AWS refuses an empty list; a script that brings its own data has none.
    ...(channels.length > 0 ? { InputDataConfig: channels } : {}),
    OutputDataConfig: {
      S3OutputPath: spec.outputUri,
      ...(spec.network.kmsKeyId ? { KmsKeyId: spec.network.kmsKeyId } : {}),
    },
    ResourceConfig: {
      InstanceType: spec.instanceType as TrainingInstanceType,
      InstanceCount: spec.instanceCount,
      VolumeSizeInGB: spec.volumeGb,
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: spec.maxRuntimeSeconds,
      ...(spec.spot ? { MaxWaitTimeInSeconds: spec.spot.maxWaitSeconds } : {}),
    },
    EnableManagedSpotTraining: spec.spot !== undefined,
    ...(spec.checkpointUri ? { CheckpointConfig: { S3Uri: spec.checkpointUri } } : {}),
    ...(vpc ? { VpcConfig: vpc } : {}),
    EnableNetworkIsolation: spec.network.isolated,
    Tags: tagList(spec.tags),
  };
}

function fromAws(job: DescribeTrainingJobResponse): TrainingJob {
  const modelUri = job.ModelArtifacts?.S3ModelArtifacts ?? '';
  return {
    name: given(job.TrainingJobName, 'TrainingJobName'),
    arn: given(job.TrainingJobArn, 'TrainingJobArn'),
    state: stateOf(given(job.TrainingJobStatus, 'TrainingJobStatus'), job.SecondaryStatus),
    phase: job.SecondaryStatus ?? '',
    failureReason: job.FailureReason ?? '',
    instanceType: job.ResourceConfig?.InstanceType ?? '',
    instanceCount: job.ResourceConfig?.InstanceCount ?? 0,
    image: job.AlgorithmSpecification?.TrainingImage ?? '',
    hyperparameters: job.HyperParameters ?? {},
    modelUri,
    outputUri: modelUri.replace(/model\.tar\.gz$/, 'output.tar.gz'),
    metrics: (job.FinalMetricDataList ?? []).map(({ MetricName, Value }) => ({
      name: MetricName ?? '',
      value: Value ?? NaN,
    })),
    createdAt: given(job.CreationTime, 'CreationTime').getTime(),
    startedAt: instant(job.TrainingStartTime),
    endedAt: instant(job.TrainingEndTime),
    trainingSeconds: job.TrainingTimeInSeconds ?? null,
    billableSeconds: job.BillableTimeInSeconds ?? null,
  };
}

function stateOf(status: string, secondary: SecondaryStatus | undefined): TrainingState {
  if (secondary === 'MaxRuntimeExceeded') return 'max-runtime-exceeded';
  if (secondary === 'MaxWaitTimeExceeded') return 'max-wait-time-exceeded';
  switch (status) {
    case 'InProgress':
      return 'running';
    case 'Stopping':
      return 'stopping';
    case 'Completed':
      return 'completed';
    case 'Stopped':
      return secondary === 'Interrupted' ? 'interrupted' : 'stopped';
    default:
      return 'failed';
  }
}
