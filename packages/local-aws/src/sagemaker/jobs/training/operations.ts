import type {
  CreateTrainingJobRequest,
  DeleteTrainingJobRequest,
  DescribeTrainingJobRequest,
  DescribeTrainingJobResponse,
  ListTrainingJobsRequest,
  ListTrainingJobsResponse,
  StopTrainingJobRequest,
  UpdateTrainingJobRequest,
  UpdateTrainingJobResponse,
} from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../../kernel/errors.ts';
import type { World } from '../../../kernel/world.ts';
import { listPage } from '../../paging.ts';
import { deleteTags } from '../../tags/tags.ts';
import { invalid, refuseMembers } from '../checks.ts';
import { beginJob, stopJob } from '../running-jobs.ts';
import { createTrainingJob } from './create.ts';
import { described, summary } from './describe.ts';
import { trainingJob, trainingJobs, type TrainingRecord } from './record.ts';
import { runTraining } from './run.ts';
import { enter, isOver } from './stages.ts';

export const trainingOperations = (world: World) => ({
  async CreateTrainingJob(input: CreateTrainingJobRequest) {
    const answer = await createTrainingJob(world, input);
    begin(world, trainingJob(world, input.TrainingJobName as string));
    return answer;
  },

  DescribeTrainingJob(input: DescribeTrainingJobRequest): DescribeTrainingJobResponse {
    return described(trainingJob(world, input.TrainingJobName as string));
  },

  StopTrainingJob(input: StopTrainingJobRequest) {
    const record = trainingJob(world, input.TrainingJobName as string);
    if (isOver(record))
      throw invalid(`The request was rejected because the training job is in status ${record.status}.`);
    if (record.status === 'InProgress') enter(world, record.name, 'Stopping');
    stopJob(world, record.arn, 'StopRequested');
    return {};
  },

  UpdateTrainingJob(input: UpdateTrainingJobRequest): UpdateTrainingJobResponse {
    const record = trainingJob(world, input.TrainingJobName as string);
    refuseMembers('UpdateTrainingJob', input, [
      'ProfilerConfig',
      'ProfilerRuleConfigurations',
      'ResourceConfig',
      'RemoteDebugConfig',
    ]);
    return { TrainingJobArn: record.arn };
  },

  DeleteTrainingJob(input: DeleteTrainingJobRequest) {
    const record = trainingJob(world, input.TrainingJobName as string);
    if (!isOver(record)) {
      throw new AwsError(
        'ResourceInUse',
        `The request was rejected because the training job is in status ${record.status}.`,
      );
    }
    deleteTags(world, record.arn);
    trainingJobs(world).delete(record.name);
    return {};
  },

  ListTrainingJobs(input: ListTrainingJobsRequest): ListTrainingJobsResponse {
    refuseMembers('ListTrainingJobs', input, ['WarmPoolStatusEquals', 'TrainingPlanArnEquals']);
    const jobs = trainingJobs(world)
      .values()
      .filter((record) => input.StatusEquals === undefined || record.status === input.StatusEquals);
    const { page, ...rest } = listPage(jobs, (record) => record, input, {
      by: 'CreationTime',
      order: 'Descending',
    });
    return { TrainingJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeTraining(world: World): void {
  for (const record of trainingJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, { name, arn, status }: TrainingRecord) {
  beginJob(
    world,
    arn,
    (control) => runTraining(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
  if (status === 'Stopping') stopJob(world, arn, 'StopRequested');
}
