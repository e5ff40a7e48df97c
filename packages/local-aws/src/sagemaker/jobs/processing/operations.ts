import type {
  CreateProcessingJobRequest,
  DeleteProcessingJobRequest,
  DescribeProcessingJobRequest,
  DescribeProcessingJobResponse,
  ListProcessingJobsRequest,
  ListProcessingJobsResponse,
  StopProcessingJobRequest,
} from '@aws-sdk/client-sagemaker';
import type { World } from '../../../kernel/world.ts';
import { deleteTags } from '../../tags/tags.ts';
import { goOn, isOver, listJobs, requireOver, requireUnderWay } from '../lifecycle.ts';
import { stopJob } from '../running-jobs.ts';
import { createProcessingJob } from './create.ts';
import { described, enter, processingJob, processingJobs, summary, type ProcessingRecord } from './record.ts';
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
    requireUnderWay('processing', record);
    if (record.status === 'InProgress') enter(world, record.name, 'Stopping');
    stopJob(world, record.arn, 'StopRequested');
    return {};
  },

  DeleteProcessingJob(input: DeleteProcessingJobRequest) {
    const record = processingJob(world, input.ProcessingJobName as string);
    requireOver('processing', record);
    deleteTags(world, record.arn);
    processingJobs(world).delete(record.name);
    return {};
  },

  ListProcessingJobs(input: ListProcessingJobsRequest): ListProcessingJobsResponse {
    const { page, ...rest } = listJobs(processingJobs(world).values(), input);
    return { ProcessingJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeProcessing(world: World): void {
  for (const record of processingJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, record: ProcessingRecord) {
  const { name } = record;
  goOn(
    world,
    record,
    (control) => runProcessing(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
}
