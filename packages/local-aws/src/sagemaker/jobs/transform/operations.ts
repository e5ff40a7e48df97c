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
import { listPage } from '../../paging.ts';
import { invalid } from '../checks.ts';
import { beginJob, stopJob } from '../running-jobs.ts';
import { createTransformJob } from './create.ts';
import {
  described,
  enter,
  isOver,
  summary,
  transformJob,
  transformJobs,
  type TransformRecord,
} from './record.ts';
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
    if (isOver(record))
      throw invalid(`The request was rejected because the transform job is in status ${record.status}.`);
    if (record.status === 'InProgress') enter(world, record.name, 'Stopping');
    stopJob(world, record.arn, 'StopRequested');
    return {};
  },

  ListTransformJobs(input: ListTransformJobsRequest): ListTransformJobsResponse {
    const jobs = transformJobs(world)
      .values()
      .filter((record) => input.StatusEquals === undefined || record.status === input.StatusEquals);
    const { page, ...rest } = listPage(jobs, (record) => record, input, {
      by: 'CreationTime',
      order: 'Descending',
    });
    return { TransformJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeTransform(world: World): void {
  for (const record of transformJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, { name, arn, status }: TransformRecord) {
  beginJob(
    world,
    arn,
    (control) => runTransform(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
  if (status === 'Stopping') stopJob(world, arn, 'StopRequested');
}
