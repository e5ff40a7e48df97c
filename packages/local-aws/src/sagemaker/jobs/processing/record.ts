import type {
  CreateProcessingJobRequest,
  DescribeProcessingJobResponse,
  ProcessingJobStatus,
  ProcessingJobSummary,
} from '@aws-sdk/client-sagemaker';
import { recordTimeline } from '../../../kernel/timeline.ts';
import type { AwsEvent, Instant, World } from '../../../kernel/world.ts';
import { invalid } from '../checks.ts';
import { isOver, repeated } from '../lifecycle.ts';

export type ProcessingRecord = {
  name: string;
  arn: string;
  request: CreateProcessingJobRequest;
  status: ProcessingJobStatus;
  createdAt: Instant;
  modifiedAt: Instant;
  startedAt?: Instant;
  endedAt?: Instant;
  exitMessage?: string;
  failureReason?: string;
};

export const processingJobs = (world: World) =>
  world.store.table<ProcessingRecord>('sagemaker.processing-jobs');

/** @throws AwsError ValidationException */
export function processingJob(world: World, name: string): ProcessingRecord {
  const record = processingJobs(world).get(name);
  if (record === undefined) throw invalid(`Could not find requested job with name: ${name}`);
  return record;
}

/**
 * Gives a job a status, on disk, and tells EventBridge and the timeline. The transitions:
 * InProgress → Completed | Failed; InProgress → Stopping → Stopped, which is also where a job goes that ran too long.
 */
export function enter(
  world: World,
  name: string,
  status: ProcessingJobStatus,
  changes: Partial<ProcessingRecord> = {},
): void {
  const now = world.clock.now();
  const record: ProcessingRecord = {
    ...processingJob(world, name),
    ...changes,
    status,
    modifiedAt: now,
    ...(isOver({ status }) ? { endedAt: now } : {}),
  };
  processingJobs(world).put(name, record);
  recordTimeline(world, { kind: 'job', name, state: status, detail: { type: 'processing', status } });
  world.emit(processingEvent(record));
}

/** Members of the request that a description repeats. */
const repeatedMembers = [
  'ProcessingInputs',
  'ProcessingOutputConfig',
  'StoppingCondition',
  'Environment',
  'NetworkConfig',
  'RoleArn',
] as const;

export function described(record: ProcessingRecord): DescribeProcessingJobResponse {
  const { request } = record;
  return {
    ...repeated(request, repeatedMembers),
    ProcessingJobName: record.name,
    ProcessingJobArn: record.arn,
    ProcessingResources: request.ProcessingResources,
    AppSpecification: request.AppSpecification,
    ProcessingJobStatus: record.status,
    CreationTime: new Date(record.createdAt),
    LastModifiedTime: new Date(record.modifiedAt),
    ...(record.exitMessage === undefined ? {} : { ExitMessage: record.exitMessage }),
    ...(record.failureReason === undefined ? {} : { FailureReason: record.failureReason }),
    ...(record.startedAt === undefined ? {} : { ProcessingStartTime: new Date(record.startedAt) }),
    ...(record.endedAt === undefined ? {} : { ProcessingEndTime: new Date(record.endedAt) }),
  };
}

export function summary(record: ProcessingRecord): ProcessingJobSummary {
  const {
    ProcessingJobName,
    ProcessingJobArn,
    ProcessingJobStatus,
    CreationTime,
    LastModifiedTime,
    ...rest
  } = described(record);
  return {
    ProcessingJobName,
    ProcessingJobArn,
    ProcessingJobStatus,
    CreationTime,
    LastModifiedTime,
    ...(rest.ProcessingEndTime === undefined ? {} : { ProcessingEndTime: rest.ProcessingEndTime }),
    ...(rest.ExitMessage === undefined ? {} : { ExitMessage: rest.ExitMessage }),
    ...(rest.FailureReason === undefined ? {} : { FailureReason: rest.FailureReason }),
  };
}

/** The event mirrors the description; its times are milliseconds. */
function processingEvent(record: ProcessingRecord): AwsEvent {
  const detail = Object.entries(described(record)).map(([member, value]) => [
    member,
    value instanceof Date ? value.getTime() : value,
  ]);
  return {
    source: 'aws.sagemaker',
    'detail-type': 'SageMaker Processing Job State Change',
    resources: [record.arn],
    detail: Object.fromEntries(detail) as Record<string, unknown>,
  };
}
