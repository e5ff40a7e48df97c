import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { faultFor } from '../../../kernel/faults.ts';
import type { World } from '../../../kernel/world.ts';
import { algorithmError, clientError, noCapacity } from '../failure.ts';
import { hostNames, jobFolder, removeJobFolder } from '../folders.ts';
import { runHosts } from '../run-hosts.ts';
import type { JobControl } from '../running-jobs.ts';
import { whenHasRun } from '../../../runtime/time-limit.ts';
import {
  exitMessage,
  layOut,
  processingCommand,
  requirementsFile,
  uploadContinuously,
  uploadOutputs,
  type Instance,
} from './contract.ts';
import { enter, processingJob } from './record.ts';

/** Runs a processing job from its beginning to its end. One that a killed server left in the middle begins again. */
export async function runProcessing(world: World, name: string, control: JobControl): Promise<void> {
  const record = processingJob(world, name);
  const hosts = hostNames(record.request.ProcessingResources?.ClusterConfig?.InstanceCount ?? 1);
  const folder = jobFolder(world, 'processing', name);
  const instances = hosts.map((host): Instance => ({ host, root: join(folder, host) }));
  const limitSeconds = record.request.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400;
  let endLimit = () => {};
  try {
    if (!control.signal.aborted) {
      const fault = faultFor(world, 'sagemaker', 'CreateProcessingJob', 'capacity');
      if (fault !== undefined)
        return enter(world, name, 'Failed', { failureReason: fault.message ?? noCapacity });
      await rm(folder, { recursive: true, force: true });
      for (const instance of instances) await layOut(world, record, instance, hosts);
      enter(world, name, processingJob(world, name).status, { startedAt: world.clock.now() });
      endLimit = whenHasRun(world, limitSeconds, () => control.stop('MaxRuntimeExceeded'));
      const failureReason = await runContainers(world, name, control, instances);
      const message = await exitMessage(instances);
      const known = message === undefined ? {} : { exitMessage: message };
      if (failureReason !== undefined) return enter(world, name, 'Failed', { failureReason, ...known });
      if (!control.signal.aborted) {
        await uploadOutputs(world, record, instances, 'EndOfJob');
        return enter(world, name, 'Completed', known);
      }
    }
    if (processingJob(world, name).status !== 'Stopping') enter(world, name, 'Stopping');
    enter(world, name, 'Stopped');
  } catch (error) {
    enter(world, name, 'Failed', { failureReason: clientError(error, 'Failed to download data. ') });
  } finally {
    endLimit();
    await removeJobFolder(world, 'processing', name);
  }
}

/** The reason of the failure, if one of the containers failed by itself. */
async function runContainers(
  world: World,
  name: string,
  control: JobControl,
  instances: readonly Instance[],
): Promise<string | undefined> {
  const record = processingJob(world, name);
  const lastRound = uploadContinuously(world, record, instances);
  try {
    const exits = await runHosts(
      world,
      instances.map(({ host, root }) => {
        const requirements = requirementsFile(record, root);
        return {
          name: host,
          spec: {
            image: record.request.AppSpecification?.ImageUri ?? '',
            environment: { ...record.request.Environment },
            root,
            ...processingCommand(record),
            ...(requirements === undefined ? {} : { requirements }),
          },
        };
      }),
      { group: '/aws/sagemaker/ProcessingJobs', job: name },
      control.signal,
    );
    return control.signal.aborted
      ? undefined
      : await algorithmError(
          instances.map(({ root }) => root),
          exits,
        );
  } finally {
    await lastRound();
  }
}
