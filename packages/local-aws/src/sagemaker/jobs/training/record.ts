import type { CreateTrainingJobRequest, SecondaryStatus, TrainingJobStatus } from '@aws-sdk/client-sagemaker';
import type { Instant, World } from '../../../kernel/world.ts';
import { invalid } from '../checks.ts';

export type TrainingRecord = {
  name: string;
  arn: string;
  request: CreateTrainingJobRequest;
  status: TrainingJobStatus;
  secondaryStatus: SecondaryStatus;
  transitions: { status: SecondaryStatus; message: string; startedAt: Instant; endedAt?: Instant }[];
  createdAt: Instant;
  modifiedAt: Instant;
  /** From here on instances are paid for: when data began to be downloaded for the first time. */
  startedAt?: Instant;
  endedAt?: Instant;
  failureReason?: string;
  /** The last value of each metric, by its name. */
  metrics: Record<string, { value: number; at: Instant }>;
};

export const trainingJobs = (world: World) => world.store.table<TrainingRecord>('sagemaker.training-jobs');

/** @throws AwsError ValidationException */
export function trainingJob(world: World, name: string): TrainingRecord {
  const record = trainingJobs(world).get(name);
  if (record === undefined) throw invalid('Requested resource not found.');
  return record;
}

/** Writes down more of what is known of a job, without a change of its status. */
export function note(world: World, name: string, changes: Partial<TrainingRecord>): void {
  trainingJobs(world).put(name, { ...trainingJob(world, name), ...changes });
}
