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
import type { World } from '../../../kernel/world.ts';
import { deleteTags } from '../../tags/tags.ts';
import { refuseMembers } from '../checks.ts';
import { goOn, isOver, listJobs, requireOver, requireUnderWay } from '../lifecycle.ts';
import { stopJob } from '../running-jobs.ts';
import { createTrainingJob } from './create.ts';
import { described, summary } from './describe.ts';
import { trainingJob, trainingJobs, type TrainingRecord } from './record.ts';
import { runTraining } from './run.ts';
import { enter } from './stages.ts';

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
    requireUnderWay('training', record);
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
    requireOver('training', record);
    deleteTags(world, record.arn);
    trainingJobs(world).delete(record.name);
    return {};
  },

  ListTrainingJobs(input: ListTrainingJobsRequest): ListTrainingJobsResponse {
    refuseMembers('ListTrainingJobs', input, ['WarmPoolStatusEquals', 'TrainingPlanArnEquals']);
    const { page, ...rest } = listJobs(trainingJobs(world).values(), input);
    return { TrainingJobSummaries: page.map(summary), ...rest };
  },
});

/** Takes up every job that was under way when the process ended. */
export function resumeTraining(world: World): void {
  for (const record of trainingJobs(world).values()) if (!isOver(record)) begin(world, record);
}

function begin(world: World, record: TrainingRecord) {
  const { name } = record;
  goOn(
    world,
    record,
    (control) => runTraining(world, name, control),
    (failureReason) => enter(world, name, 'Failed', { failureReason }),
  );
}
