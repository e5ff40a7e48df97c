import type {
  CreateProcessingJobRequest,
  DeleteProcessingJobRequest,
  DescribeProcessingJobRequest,
  DescribeProcessingJobResponse,
  ListProcessingJobsRequest,
  ListProcessingJobsResponse,
  StopProcessingJobRequest,
} from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../../kernel/errors.ts';
import type { World } from '../../../kernel/world.ts';
import { listPage } from '../../paging.ts';
import { deleteTags } from '../../tags/tags.ts';
import { invalid } from '../checks.ts';
import { beginJob, stopJob } from '../running-jobs.ts';
import { createProcessingJob } from './create.ts';
import {
  described,
  enter,
  isOver,
  processingJob,
  processingJobs,
  summary,
  type ProcessingRecord,
} from './record.ts';
import { runProcessing } from './run.ts';

export const processingOperations = (world: World) => ({
  async CreateProcessingJob(input: CreateProcessingJobRequest) {
    const answer = await createProcessingJob(world, input);
    begin(world, processingJob(world, input.ProcessingJobName as string));
    return answer;
  },

  DescribeProcessingJob(input: DescribeProcessingJobRequest): DescribeProcessingJobResponse {
    return described(processingJob(world, input.ProcessingJobName as string));
  },

  StopProcessingJob(input: StopProcessingJobRequest) {
    const record = processingJob(world, input.ProcessingJobName as string);
    if (isOver(record))
      throw invalid(`The request was rejected because the processing job is in status ${record.status}.`);
    if (record.status === 'InProgress') enter(world, record.name, 'Stopping');
    stopJob(world, record.arn, 'StopRequested');
    return {};
  },

  DeleteProcessingJob(input: DeleteProcessingJobRequest) {
    const record = processingJob(world, input.ProcessingJobName as string);
    if (!isOver(record)) {
      throw new AwsError(
        'ResourceInUse',
        `The request was rejected because the processing job is in status ${record.status}.`,
      );
    }
    deleteTags(world, record.arn);
    processingJobs(world).delete(record.name);
    return {};
  },

  ListProcessingJobs(input: ListProcessingJobsRequest): ListProcessingJobsResponse {
    const jobs = processingJobs(world)
      .values()
      .filter((record) => input.StatusEquals === undefined || record.status === input.StatusEquals);
    const { page, ...rest } = listPage(jobs, (record) => record, input, {
      by: 'CreationTime',
      order: 'Descending',
    });
    return { ProcessingJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeProcessing(world: World): void {
  for (const record of processingJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, { name, arn, status }: ProcessingRecord) {
  beginJob(
    world,
    arn,
    (control) => runProcessing(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
  if (status === 'Stopping') stopJob(world, arn, 'StopRequested');
}
