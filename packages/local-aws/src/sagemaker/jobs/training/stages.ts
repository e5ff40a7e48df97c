import type { SecondaryStatus, TrainingJobStatus } from '@aws-sdk/client-sagemaker';
import { recordTimeline } from '../../../kernel/timeline.ts';
import type { World } from '../../../kernel/world.ts';
import { isOver } from '../lifecycle.ts';
import { trainingEvent } from './describe.ts';
import { type TrainingRecord, trainingJobs, trainingJob } from './record.ts';

/**
 * The transitions of a training job: secondary status → the job's status with it, and the message AWS writes.
 * In order: Starting, Downloading, Training, Uploading, Completed. A stop, a limit or a failure leaves that order at any
 * point for Stopping (then Uploading, while the status stays Stopping) and the last row that fits;
 * a spot interruption goes from Training to Interrupted and then begins again.
 */
const stages = {
  Starting: { status: 'InProgress', message: 'Starting the training job' },
  Downloading: { status: 'InProgress', message: 'Downloading input data' },
  Training: { status: 'InProgress', message: 'Training image download completed. Training in progress.' },
  Interrupted: { status: 'InProgress', message: 'Training job interrupted' },
  Uploading: { status: undefined, message: 'Uploading generated training model' },
  Stopping: { status: 'Stopping', message: 'Stopping the training job' },
  Completed: { status: 'Completed', message: 'Training job completed' },
  Stopped: { status: 'Stopped', message: 'Training job stopped' },
  MaxRuntimeExceeded: {
    status: 'Stopped',
    message: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
  },
  MaxWaitTimeExceeded: {
    status: 'Stopped',
    message: 'Training job wait time exceeded MaxWaitTimeInSeconds provided',
  },
  Failed: { status: 'Failed', message: 'Training job failed' },
} as const satisfies Partial<
  Record<SecondaryStatus, { status: TrainingJobStatus | undefined; message: string }>
>;

export type Stage = keyof typeof stages;

/** Moves a job on to `stage`, on disk, and tells EventBridge and the timeline. */
export function enter(world: World, name: string, stage: Stage, changes: Partial<TrainingRecord> = {}): void {
  const record = trainingJob(world, name);
  const now = world.clock.now();
  const { message } = stages[stage];
  const status = stages[stage].status ?? record.status;
  const done = record.transitions.map((each) =>
    each.endedAt === undefined ? { ...each, endedAt: now } : each,
  );
  const over = isOver({ status });
  const moved: TrainingRecord = {
    ...record,
    ...changes,
    status,
    secondaryStatus: stage,
    modifiedAt: now,
    transitions: [...done, { status: stage, message, startedAt: now, ...(over ? { endedAt: now } : {}) }],
    ...(over && record.startedAt !== undefined ? { endedAt: now } : {}),
  };
  trainingJobs(world).put(name, moved);
  recordTimeline(world, { kind: 'job', name, state: stage, detail: { type: 'training', status } });
  world.emit(trainingEvent(moved));
}
