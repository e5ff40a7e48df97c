import {
  jobLogGroups,
  logs,
  openNetwork,
  processingJobs,
  UserError,
  type JobInput,
  type ProcessingJob,
} from '@tidegate/aws';
import { currentAttempt } from '../naming.ts';
import type { Surroundings } from '../surroundings.ts';
import { watchJob } from '../watch-job.ts';
import { analyserEntrypoint } from './analyser-image.ts';

const inputFolder = '/opt/ml/processing/input';

export type Analysis = {
  /** Made of all that goes in, so that the same analysis is done once. */
  name: string;
  image: string;
  roleArn: string;
  instanceType: string;
  maxRuntime: number;
  arguments: string[];
  inputs: Record<string, JobInput>;
  outputUri: string;
  tags: Record<string, string>;
};

/**
 * Runs the analyser as a Processing job, joins the one that runs, or reuses the one that is done.
 * @throws UserError with the job's own last words where it fails
 */
export async function analyse(
  analysis: Analysis,
  around: Surroundings,
): Promise<{ job: ProcessingJob; reused: boolean }> {
  const { aws, log } = around;
  const jobs = processingJobs(aws);
  const find = (name: string) => jobs.find(name);
  const spent = ({ state }: ProcessingJob) => state === 'failed' || state === 'stopped';
  const { name, job } = await currentAttempt(analysis.name, find, spent);
  if (job?.state === 'completed') {
    log.info(`Reused ${name}: nothing that goes into the analysis has changed.`);
    return { job, reused: true };
  }
  const ours = job === undefined && (await jobs.create(specOf(analysis, name))) === 'created';
  const ended = await follow(name, ours, around);
  if (ended.state === 'completed') return { job: ended, reused: false };
  const tail = await logs(aws).tail(jobLogGroups.processing, `${name}/`, 20);
  log.untrusted(tail);
  // `AlgorithmError: , exit code: 1` is all that AWS says where the program left no message of its own.
  const said = ended.exitMessage || [ended.failureReason, ...tail.slice(-3)].filter(Boolean).join('; ');
  throw new UserError(`The analysis ${name} ${ended.state}: ${said}`);
}

/** A job that we have started ends with us when the run is cancelled. */
async function follow(name: string, ours: boolean, around: Surroundings): Promise<ProcessingJob> {
  const { aws, signal } = around;
  const jobs = processingJobs(aws);
  const watched = {
    name,
    find: (wanted: string) => jobs.find(wanted),
    phase: ({ state }: ProcessingJob) => state,
    hasEnded: ({ state }: ProcessingJob) => state !== 'running' && state !== 'stopping',
    log: logs(aws).follow(jobLogGroups.processing, `${name}/`),
  };
  try {
    return await watchJob(watched, around);
  } catch (error) {
    if (signal.aborted && ours) await jobs.stop(name);
    throw error;
  }
}

/** Where an input is found by the program: below the folder of the input's own name. */
export const inputPath = (name: string) => `${inputFolder}/${name}`;
export const outputPath = '/opt/ml/processing/output';

function specOf(analysis: Analysis, name: string) {
  return {
    name,
    roleArn: analysis.roleArn,
    image: analysis.image,
    entrypoint: analyserEntrypoint,
    arguments: analysis.arguments,
    environment: {},
    instanceType: analysis.instanceType,
    instanceCount: 1,
    volumeGb: 30,
    maxRuntimeSeconds: Math.ceil(analysis.maxRuntime / 1000),
    inputs: Object.fromEntries(
      Object.entries(analysis.inputs).map(([input, source]) => [
        input,
        { ...source, path: inputPath(input) },
      ]),
    ),
    outputs: { results: { uri: analysis.outputUri, path: outputPath } },
    network: openNetwork,
    tags: analysis.tags,
  };
}
