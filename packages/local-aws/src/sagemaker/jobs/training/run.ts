import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { faultFor } from '../../../kernel/faults.ts';
import type { World } from '../../../kernel/world.ts';
import { filesBelow } from '../../../runtime/pack.ts';
import { closing, type Exit } from '../../../runtime/process.ts';
import { algorithmError, clientError, noCapacity } from '../failure.ts';
import { hostNames, jobFolder, removeJobFolder } from '../folders.ts';
import { uploadArchive, uploadFolder } from '../outputs.ts';
import { runHosts } from '../run-hosts.ts';
import type { JobControl } from '../running-jobs.ts';
import { whenHasRun } from '../../../runtime/time-limit.ts';
import { restoreCheckpoints, saveCheckpoints } from './checkpoints.ts';
import {
  checkpointFolder,
  downloadChannels,
  layOut,
  trainingCommand,
  trainingEnvironment,
  type Instance,
} from './contract.ts';
import { modelArtifacts, outputUri } from './describe.ts';
import { metricReader } from './metrics.ts';
import { trainingJob, type TrainingRecord } from './record.ts';
import { enter } from './stages.ts';

/**
 * Runs a training job from its beginning to its end, through as many attempts as spot interruptions make of it.
 * A job that a killed server left in the middle begins again; only its checkpoints are kept.
 */
export async function runTraining(world: World, name: string, control: JobControl): Promise<void> {
  const record = trainingJob(world, name);
  const hosts = hostNames(record.request.ResourceConfig?.InstanceCount ?? 1);
  const folder = jobFolder(world, 'training', name);
  const instances = hosts.map((host): Instance => ({ host, root: join(folder, host) }));
  try {
    await saveLeftovers(world, record, instances);
    if (!(await launched(world, record, control))) return await end(world, name, control, instances);
    const limits = setLimits(world, record, control);
    try {
      while (!control.signal.aborted && (await attempt(world, name, control, instances)) === 'interrupted') {
        enter(world, name, 'Interrupted');
        enter(world, name, 'Starting');
      }
    } finally {
      limits();
    }
    await end(world, name, control, instances);
  } catch (error) {
    enter(world, name, 'Failed', { failureReason: clientError(error) });
  } finally {
    await removeJobFolder(world, 'training', name);
  }
}

/** What a killed attempt had saved but not yet taken to S3. */
async function saveLeftovers(world: World, record: TrainingRecord, [first]: readonly Instance[]) {
  const uri = record.request.CheckpointConfig?.S3Uri;
  if (uri !== undefined && first !== undefined)
    await uploadFolder(world, join(first.root, checkpointFolder(record)), uri);
}

/** False where there is no capacity: an on-demand job fails at once, a spot job waits as long as it may. */
async function launched(world: World, record: TrainingRecord, control: JobControl): Promise<boolean> {
  const fault = faultFor(world, 'sagemaker', 'CreateTrainingJob', 'capacity');
  if (fault === undefined || control.signal.aborted) return !control.signal.aborted;
  if (record.request.EnableManagedSpotTraining !== true) {
    enter(world, record.name, 'Failed', { failureReason: fault.message ?? noCapacity });
    return false;
  }
  const waitSeconds = record.request.StoppingCondition?.MaxWaitTimeInSeconds ?? 0;
  const callOff = whenHasRun(world, waitSeconds, () => control.stop('MaxWaitTimeExceeded'));
  const over = AbortSignal.any([control.signal, closing(world)]);
  await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
  callOff();
  closing(world).throwIfAborted();
  return false;
}

function setLimits(world: World, record: TrainingRecord, control: JobControl): () => void {
  const { MaxRuntimeInSeconds: run = 86_400, MaxWaitTimeInSeconds: wait } =
    record.request.StoppingCondition ?? {};
  const limits = [whenHasRun(world, run, () => control.stop('MaxRuntimeExceeded'))];
  if (wait !== undefined) limits.push(whenHasRun(world, wait, () => control.stop('MaxWaitTimeExceeded')));
  return () => limits.forEach((callOff) => callOff());
}

/** One life of the job's instances: data in, program run. A program that fails throws nothing: its reason is kept. */
async function attempt(
  world: World,
  name: string,
  control: JobControl,
  instances: readonly Instance[],
): Promise<'ended' | 'interrupted'> {
  const record = trainingJob(world, name);
  const { request } = record;
  enter(world, name, 'Downloading', record.startedAt === undefined ? { startedAt: world.clock.now() } : {});
  for (const [index, instance] of instances.entries()) {
    await rm(instance.root, { recursive: true, force: true });
    await layOut(
      record,
      instance,
      instances.map(({ host }) => host),
    );
    await downloadChannels(world, record, instance, index, instances.length);
  }
  await restoreCheckpoints(world, record, instances);
  if (control.signal.aborted) return 'ended';
  enter(world, name, 'Training');
  const lost = new AbortController();
  const readMetrics = metricReader(world, record);
  const onLines = (lines: readonly string[]) => {
    readMetrics(lines);
    // Counted in lines of output, so that a test says exactly when the instance is taken away.
    if (request.EnableManagedSpotTraining === true && lines.some(() => isInterrupted(world))) lost.abort();
  };
  const lastRound = saveCheckpoints(world, record, instances);
  let exits: Exit[];
  try {
    exits = await runHosts(
      world,
      instances.map(({ host, root }) => ({
        name: host,
        spec: {
          image: request.AlgorithmSpecification?.TrainingImage ?? '',
          environment: trainingEnvironment(record),
          root,
          ...trainingCommand(record),
        },
      })),
      { group: '/aws/sagemaker/TrainingJobs', job: name, onLines },
      AbortSignal.any([control.signal, lost.signal]),
    );
  } finally {
    await lastRound();
  }
  if (lost.signal.aborted && !control.signal.aborted) return 'interrupted';
  const failureReason = control.signal.aborted
    ? undefined
    : await algorithmError(
        instances.map(({ root }) => root),
        exits,
      );
  if (failureReason !== undefined) await fail(world, record, instances, failureReason);
  return 'ended';
}

const isInterrupted = (world: World) =>
  faultFor(world, 'sagemaker', 'CreateTrainingJob', 'spot-interruption') !== undefined;

async function fail(
  world: World,
  record: TrainingRecord,
  instances: readonly Instance[],
  failureReason: string,
) {
  await uploadOutput(world, record, instances);
  enter(world, record.name, 'Failed', { failureReason });
}

/** Uploads what there is, also of a job that was stopped, and gives the job its last status. */
async function end(world: World, name: string, control: JobControl, instances: readonly Instance[]) {
  const record = trainingJob(world, name);
  if (record.status === 'Failed') return;
  const { cause } = control;
  if (cause !== undefined && record.status !== 'Stopping') enter(world, name, 'Stopping');
  if (record.startedAt !== undefined) {
    enter(world, name, 'Uploading');
    await uploadOutput(world, record, instances);
    await uploadModel(world, record, instances);
  }
  enter(world, name, cause === undefined ? 'Completed' : cause === 'StopRequested' ? 'Stopped' : cause);
}

async function uploadModel(world: World, record: TrainingRecord, instances: readonly Instance[]) {
  const folders = instances.map(({ root }) => join(root, 'opt', 'ml', 'model')).filter(existsSync);
  const uri = modelArtifacts(record);
  if (record.request.OutputDataConfig?.CompressionType !== 'NONE') {
    await uploadArchive(world, folders, uri, jobFolder(world, 'training', record.name));
  } else for (const folder of folders) await uploadFolder(world, folder, uri);
}

async function uploadOutput(world: World, record: TrainingRecord, instances: readonly Instance[]) {
  const folders = instances.map(({ root }) => join(root, 'opt', 'ml', 'output', 'data'));
  if ((await Promise.all(folders.map(filesBelow))).flat().length === 0) return;
  if (record.request.OutputDataConfig?.CompressionType !== 'NONE') {
    await uploadArchive(
      world,
      folders,
      `${outputUri(record)}/output.tar.gz`,
      jobFolder(world, 'training', record.name),
    );
  } else for (const folder of folders) await uploadFolder(world, folder, `${outputUri(record)}/data/`);
}
