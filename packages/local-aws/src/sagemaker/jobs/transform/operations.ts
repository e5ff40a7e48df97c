import type {
  CreateTransformJobRequest,
  CreateTransformJobResponse,
  DescribeTransformJobRequest,
  DescribeTransformJobResponse,
  ListTransformJobsRequest,
  ListTransformJobsResponse,
  StopTransformJobRequest,
} from '@aws-sdk/client-sagemaker';
import type { World } from '../../../kernel/world.ts';
import { goOn, isOver, listJobs, requireUnderWay } from '../lifecycle.ts';
import { stopJob } from '../running-jobs.ts';
import { createTransformJob } from './create.ts';
import { described, enter, summary, transformJob, transformJobs, type TransformRecord } from './record.ts';
import { runTransform } from './run.ts';

export const transformOperations = (world: World) => ({
  CreateTransformJob(input: CreateTransformJobRequest): CreateTransformJobResponse {
    const answer = createTransformJob(world, input);
    begin(world, transformJob(world, input.TransformJobName as string));
    return answer;
  },

  DescribeTransformJob(input: DescribeTransformJobRequest): DescribeTransformJobResponse {
    return described(transformJob(world, input.TransformJobName as string));
  },

  StopTransformJob(input: StopTransformJobRequest) {
    const record = transformJob(world, input.TransformJobName as string);
    requireUnderWay('transform', record);
    if (record.status === 'InProgress') enter(world, record.name, 'Stopping');
    stopJob(world, record.arn, 'StopRequested');
    return {};
  },

  ListTransformJobs(input: ListTransformJobsRequest): ListTransformJobsResponse {
    const { page, ...rest } = listJobs(transformJobs(world).values(), input);
    return { TransformJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeTransform(world: World): void {
  for (const record of transformJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, record: TransformRecord) {
  const { name } = record;
  goOn(
    world,
    record,
    (control) => runTransform(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
}
