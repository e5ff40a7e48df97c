import {
  isOutOfCapacity,
  jobLogGroups,
  logs,
  objects,
  trainingJobs,
  UserError,
  type TrainingJob,
} from '@tidegate/aws';
import { currentAttempt } from './naming.ts';
import { startedBy } from './started-by.ts';
import type { Surroundings } from './surroundings.ts';
import { prepare, type Prepared } from './train/prepare.ts';
import { describeResult, type TrainRun } from './train/result.ts';
import type { TrainResult, TrainSettings } from './train/settings.ts';
import { watchJob } from './watch-job.ts';

export type { TrainResult, TrainSettings } from './train/settings.ts';

/** Called with a job's name before it is asked for, so that whoever cleans up knows it even if we are killed in the next moment. */
export type OnStart = (jobName: string) => void;

/**
 * Trains a model, once for the same inputs: a job of the same name that runs is joined, one that is done is reused,
 * one that ended badly is explained and tried again under the next name.
 *
 * A job that ends badly is a result, not an error; what keeps a job from being started is thrown.
 * On abort the job we started is stopped before the signal's reason is thrown.
 * @throws UserError for inputs that cannot work, before anything is started
 */
export async function train(
  settings: TrainSettings,
  surroundings: Surroundings & { onStart?: OnStart },
): Promise<TrainResult> {
  const { aws, log, signal } = surroundings;
  const prepared = await prepare(settings, surroundings);
  const instances = [settings.instanceType, ...settings.instanceFallbacks];
  const giveUpAt = aws.clock.now() + settings.capacityWait;

  for (;;) {
    let refusal = '';
    for (const instanceType of instances) {
      const run = await runJob(prepared, instanceType, settings, surroundings);
      if ('job' in run) return describeResult(run, prepared, surroundings);
      refusal = run.refusal;
      log.warning(`No capacity for ${settings.instanceCount} × ${instanceType}: ${refusal}`);
    }
    const pauseMs = Math.min(60_000, Math.max(100, 1000 * aws.roundTripMs()));
    if (aws.clock.now() + pauseMs > giveUpAt) {
      throw new UserError(
        `AWS has no capacity for ${instances.join(' or ')}: ${refusal} ` +
          'Name other machines in instance-fallbacks, wait longer with capacity-wait, or ask for a higher quota.',
      );
    }
    await aws.clock.sleep(pauseMs, signal);
  }
}

/** Stops a job a cancelled run has left behind; one that has ended is left as it is. */
export async function stopTraining(
  jobName: string,
  { aws, log }: Pick<Surroundings, 'aws' | 'log'>,
): Promise<void> {
  const job = await trainingJobs(aws).find(jobName);
  if (job?.state !== 'running') return;
  await trainingJobs(aws).stop(jobName);
  log.info(`Training job ${jobName} was still running: stopped.`);
}

async function runJob(
  prepared: Prepared,
  instanceType: string,
  settings: TrainSettings,
  surroundings: Surroundings & { onStart?: OnStart },
): Promise<TrainRun | { refusal: string }> {
  const { aws, log, signal } = surroundings;
  const jobs = trainingJobs(aws);
  const find = (jobName: string) => jobs.find(jobName);
  const { name, job, spent } = await currentAttempt(prepared.name, find, (each) =>
    isSpent(each, surroundings),
  );
  for (const { name: earlier, state, failureReason } of spent) {
    log.info(
      `${earlier} had the same inputs and ${state === 'completed' ? 'its model is gone' : `ended as ${state}`}${failureReason === '' ? '' : `: ${failureReason}`}`,
    );
  }
  if (job?.state === 'completed') {
    log.notice(`Reused ${name}: nothing that goes into the training has changed.`);
    return { job, reused: true, joined: false };
  }

  signal.throwIfAborted();
  let ours = job !== undefined && (await startedBy(job.arn, settings.provenance.runId, surroundings));
  let joined = job !== undefined;
  if (job === undefined || ours) surroundings.onStart?.(name);
  if (job === undefined) {
    try {
      const image = prepared.imageFor(instanceType);
      joined = (await jobs.create({ ...prepared.spec, name, instanceType, image })) === 'already-there';
      // Also where it was there already: our own first try may have made it although no answer came back.
      ours =
        !joined || (await startedBy((await find(name))?.arn ?? '', settings.provenance.runId, surroundings));
    } catch (error) {
      if (isOutOfCapacity(error)) return { refusal: (error as Error).message };
      throw error;
    }
  }
  log.info(
    joined
      ? `${name} is under way with the same inputs: watching it.`
      : `Started ${name} on ${instanceType}.`,
  );

  try {
    const ended = await watchJob(
      {
        name,
        find,
        phase: ({ phase }) => phase,
        hasEnded: ({ state }) => state !== 'running' && state !== 'stopping',
        log: logs(aws).follow(jobLogGroups.training, `${name}/`),
      },
      surroundings,
    );
    if (ended.state === 'failed' && isOutOfCapacity({ message: ended.failureReason })) {
      return { refusal: ended.failureReason };
    }
    return { job: ended, reused: false, joined };
  } catch (error) {
    if (signal.aborted && ours) {
      log.info(`Cancelled: stopping ${name}.`);
      await jobs.stop(name);
    }
    throw error;
  }
}

/** Nothing more to expect of it. A job that is done is spent too once its model was deleted: it can be neither reused nor run again. */
async function isSpent({ state, modelUri }: TrainingJob, { aws }: Surroundings): Promise<boolean> {
  if (state === 'completed') return (await objects(aws).find(modelUri)) === undefined;
  return state !== 'running';
}
