import type { DescribeTrainingJobResponse, TrainingJobSummary } from '@aws-sdk/client-sagemaker';
import type { AwsEvent } from '../../../kernel/world.ts';
import { repeated } from '../lifecycle.ts';
import type { TrainingRecord } from './record.ts';

/**
 * The share of a spot job's time that is billed. AWS's own share follows the spot market; a local one needs some number,
 * and this is the usual order of magnitude.
 */
const spotShare = 0.3;

/** Members of the request that a description repeats. */
const repeatedMembers = [
  'HyperParameters',
  'AlgorithmSpecification',
  'RoleArn',
  'InputDataConfig',
  'OutputDataConfig',
  'ResourceConfig',
  'VpcConfig',
  'StoppingCondition',
  'EnableNetworkIsolation',
  'EnableInterContainerTrafficEncryption',
  'EnableManagedSpotTraining',
  'CheckpointConfig',
  'Environment',
  'RetryStrategy',
] as const;

export function described(record: TrainingRecord): DescribeTrainingJobResponse {
  const { request, startedAt, endedAt } = record;
  const seconds =
    startedAt === undefined || endedAt === undefined ? undefined : Math.ceil((endedAt - startedAt) / 1000);
  return {
    ...repeated(request, repeatedMembers),
    EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
    TrainingJobName: record.name,
    TrainingJobArn: record.arn,
    // Where the model is or would be: AWS says so of a failed job too.
    ModelArtifacts: { S3ModelArtifacts: modelArtifacts(record) },
    TrainingJobStatus: record.status,
    SecondaryStatus: record.secondaryStatus,
    StoppingCondition: request.StoppingCondition,
    CreationTime: new Date(record.createdAt),
    LastModifiedTime: new Date(record.modifiedAt),
    SecondaryStatusTransitions: record.transitions.map((each) => ({
      Status: each.status,
      StatusMessage: each.message,
      StartTime: new Date(each.startedAt),
      ...(each.endedAt === undefined ? {} : { EndTime: new Date(each.endedAt) }),
    })),
    FinalMetricDataList: Object.entries(record.metrics).map(([MetricName, { value, at }]) => ({
      MetricName,
      Value: value,
      Timestamp: new Date(at),
    })),
    ProfilingStatus: 'Disabled',
    ...(record.failureReason === undefined ? {} : { FailureReason: record.failureReason }),
    ...(startedAt === undefined ? {} : { TrainingStartTime: new Date(startedAt) }),
    ...(endedAt === undefined ? {} : { TrainingEndTime: new Date(endedAt) }),
    ...(seconds === undefined
      ? {}
      : {
          TrainingTimeInSeconds: seconds,
          BillableTimeInSeconds:
            request.EnableManagedSpotTraining === true ? Math.ceil(seconds * spotShare) : seconds,
        }),
  };
}

export function summary(record: TrainingRecord): TrainingJobSummary {
  return {
    TrainingJobName: record.name,
    TrainingJobArn: record.arn,
    CreationTime: new Date(record.createdAt),
    LastModifiedTime: new Date(record.modifiedAt),
    TrainingJobStatus: record.status,
    SecondaryStatus: record.secondaryStatus,
    ...(record.endedAt === undefined ? {} : { TrainingEndTime: new Date(record.endedAt) }),
  };
}

/** Where a job's results are put: `<S3OutputPath>/<job>/output`. */
export const outputUri = ({ name, request }: Pick<TrainingRecord, 'name' | 'request'>) =>
  `${request.OutputDataConfig?.S3OutputPath?.replace(/\/+$/, '')}/${name}/output`;

export function modelArtifacts(record: Pick<TrainingRecord, 'name' | 'request'>): string {
  const isArchive = record.request.OutputDataConfig?.CompressionType !== 'NONE';
  return `${outputUri(record)}/${isArchive ? 'model.tar.gz' : 'model/'}`;
}

/** The event mirrors the description; its times are milliseconds, as strings. */
export function trainingEvent(record: TrainingRecord): AwsEvent {
  const detail = Object.entries(described(record)).map(([member, value]) => [member, inMilliseconds(value)]);
  return {
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Training Job State Change',
    resources: [record.arn],
    detail: Object.fromEntries(detail) as Record<string, unknown>,
  };
}

function inMilliseconds(value: unknown): unknown {
  if (value instanceof Date) return String(value.getTime());
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inMilliseconds(inner)]));
}
