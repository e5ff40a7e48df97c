import { jobLogGroups, logs, type Aws, type TrainingJob } from '@tidegate/aws';
import { jobCostUsd } from '../cost.ts';
import { jobConsole } from '../watch-job.ts';
import type { Prepared } from './prepare.ts';
import type { TrainResult } from './settings.ts';

/** How a model came about: by a job that was started now, was under way already, or had been done before. */
export type TrainRun = { job: TrainingJob; reused: boolean; joined: boolean };

const TAIL_LINES = 40;

/** What became of a job, with its reason and last lines where it ended badly. */
export async function describeResult(
  { job, reused, joined }: TrainRun,
  prepared: Prepared,
  { aws }: { aws: Aws },
): Promise<TrainResult> {
  const state = job.state === 'running' || job.state === 'stopping' ? 'failed' : job.state;
  const seconds = job.billableSeconds ?? job.trainingSeconds;
  return {
    state,
    failureReason: state === 'completed' ? '' : reasonOf(job),
    logTail:
      state === 'completed' ? [] : await logs(aws).tail(jobLogGroups.training, `${job.name}/`, TAIL_LINES),
    jobName: job.name,
    jobArn: job.arn,
    modelUri: job.modelUri,
    outputUri: job.outputUri,
    reused,
    joined,
    image: job.image,
    instanceType: job.instanceType,
    metrics: Object.fromEntries(job.metrics.map(({ name, value }) => [name, value])),
    trainingSeconds: job.trainingSeconds,
    billableSeconds: job.billableSeconds,
    spotSavingsPercent:
      job.trainingSeconds && job.billableSeconds !== null
        ? Math.round(100 * (1 - job.billableSeconds / job.trainingSeconds))
        : null,
    // A reused job costs nothing again.
    costUsd: reused ? 0 : seconds === null ? null : jobCostUsd({ ...job, seconds }),
    sourceUri: prepared.sourceUri,
    sourceDigest: prepared.sourceDigest,
    dataDigest: prepared.dataDigest,
    dataObjects: Object.entries(prepared.data).flatMap(([channel, { objects }]) =>
      objects.map((object) => ({ channel, ...object })),
    ),
    ...jobConsole(aws, 'training', job.name),
  };
}

/** Why a job is not a success, in a sentence with what would help. SageMaker calls most of these "Stopped". */
function reasonOf({ name, state, failureReason }: TrainingJob): string {
  switch (state) {
    case 'max-runtime-exceeded':
      return `${name} ran longer than max-runtime and was stopped: its model is incomplete. Raise max-runtime or train less.`;
    case 'max-wait-time-exceeded':
      return `${name} did not get (or keep) spot capacity within max-wait. Raise max-wait, or train without spot.`;
    case 'interrupted':
      return `${name} lost its spot capacity and was not resumed. Run it again: it goes on from its checkpoints.`;
    case 'stopped':
      return `${name} was stopped by somebody before it was done.`;
    default:
      return `${name} failed: ${failureReason || 'AWS gave no reason'}`;
  }
}
