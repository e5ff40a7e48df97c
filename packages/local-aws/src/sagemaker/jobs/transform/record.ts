import type {
  ContainerDefinition,
  CreateTransformJobRequest,
  DescribeTransformJobResponse,
  TransformJobStatus,
  TransformJobSummary,
} from '@aws-sdk/client-sagemaker';
import { recordTimeline } from '../../../kernel/timeline.ts';
import type { AwsEvent, Instant, World } from '../../../kernel/world.ts';
import { invalid } from '../checks.ts';
import { isOver, repeated } from '../lifecycle.ts';

export type TransformRecord = {
  name: string;
  arn: string;
  request: CreateTransformJobRequest;
  /** The model's container when the job was made: the model may be deleted meanwhile. */
  container: ContainerDefinition;
  status: TransformJobStatus;
  createdAt: Instant;
  modifiedAt: Instant;
  startedAt?: Instant;
  endedAt?: Instant;
  failureReason?: string;
};

export const transformJobs = (world: World) => world.store.table<TransformRecord>('sagemaker.transform-jobs');

/** @throws AwsError ValidationException */
export function transformJob(world: World, name: string): TransformRecord {
  const record = transformJobs(world).get(name);
  if (record === undefined) throw invalid(`Could not find requested job with name: ${name}`);
  return record;
}

/**
 * Gives a job a status, on disk, and tells EventBridge and the timeline. The transitions:
 * InProgress → Completed | Failed; InProgress → Stopping → Stopped.
 */
export function enter(
  world: World,
  name: string,
  status: TransformJobStatus,
  changes: Partial<TransformRecord> = {},
): void {
  const now = world.clock.now();
  const record: TransformRecord = {
    ...transformJob(world, name),
    ...changes,
    status,
    modifiedAt: now,
    ...(isOver({ status }) ? { endedAt: now } : {}),
  };
  transformJobs(world).put(name, record);
  recordTimeline(world, { kind: 'job', name, state: status, detail: { type: 'transform', status } });
  world.emit(transformEvent(record));
}

/** Members of the request that a description repeats. */
const repeatedMembers = [
  'MaxConcurrentTransforms',
  'ModelClientConfig',
  'MaxPayloadInMB',
  'BatchStrategy',
  'Environment',
  'TransformOutput',
  'DataProcessing',
] as const;

export function described(record: TransformRecord): DescribeTransformJobResponse {
  const { request } = record;
  return {
    ...repeated(request, repeatedMembers),
    TransformJobName: record.name,
    TransformJobArn: record.arn,
    TransformJobStatus: record.status,
    ModelName: request.ModelName,
    TransformInput: request.TransformInput,
    TransformResources: request.TransformResources,
    CreationTime: new Date(record.createdAt),
    ...(record.failureReason === undefined ? {} : { FailureReason: record.failureReason }),
    ...(record.startedAt === undefined ? {} : { TransformStartTime: new Date(record.startedAt) }),
    ...(record.endedAt === undefined ? {} : { TransformEndTime: new Date(record.endedAt) }),
  };
}

export const summary = (record: TransformRecord): TransformJobSummary => ({
  TransformJobName: record.name,
  TransformJobArn: record.arn,
  CreationTime: new Date(record.createdAt),
  LastModifiedTime: new Date(record.modifiedAt),
  TransformJobStatus: record.status,
  ...(record.endedAt === undefined ? {} : { TransformEndTime: new Date(record.endedAt) }),
  ...(record.failureReason === undefined ? {} : { FailureReason: record.failureReason }),
});

/** The event mirrors the description; its times are ISO strings. */
function transformEvent(record: TransformRecord): AwsEvent {
  const detail = Object.entries(described(record)).map(([member, value]) => [
    member,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return {
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Transform Job State Change',
    resources: [record.arn],
    detail: Object.fromEntries(detail) as Record<string, unknown>,
  };
}
