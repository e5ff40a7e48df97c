import {
  jobLogGroups,
  joinS3Uri,
  logs,
  objects,
  openNetwork,
  processingJobs,
  UserError,
  type Aws,
  type ProcessingJob,
} from '@tidegate/aws';
import { mergeProfiles, readProfile, type Profile } from '@tidegate/stats';
import { storeDataManifest } from '../../job-data.ts';
import { currentAttempt, digestOf } from '../../naming.ts';
import type { Surroundings } from '../../surroundings.ts';
import { watchJob } from '../../watch-job.ts';
import { analyserEntrypoint } from '../analyser-image.ts';
import type { Engine, EngineSettings, ProfileOrder } from '../engine.ts';

const platform = '/opt/ml/processing';

type JobSettings = Omit<EngineSettings, 'engine' | 'analyserFunction'> & { roleArn: string; image: string };

/** The analyser as a Processing job, whose instances share the objects: each leaves one profile, and they are merged here. */
export function processingEngine(settings: JobSettings): Engine {
  return {
    maker: settings.image,
    profile: async (order, around) => mergeProfiles(...(await runJob(order, settings, around))),
  };
}

/**
 * Runs the job, joins the one that runs, or takes what one has left that is done.
 * @throws UserError with the job's own last words where it fails: then nothing is decided from the instances that did not
 */
async function runJob(
  order: ProfileOrder,
  settings: JobSettings,
  around: Surroundings,
): Promise<readonly Profile[]> {
  const { aws, log } = around;
  const jobs = processingJobs(aws);
  const left = (job: ProcessingJob) => partsOf(job, order.data.objects.length, aws);
  const isSpent = async (job: ProcessingJob) =>
    job.state === 'failed' ||
    job.state === 'stopped' ||
    (job.state === 'completed' && (await left(job)) === undefined);
  const { name, job } = await currentAttempt(order.name, (wanted) => jobs.find(wanted), isSpent);
  if (job?.state === 'completed') log.info(`Reused ${name}: nothing that goes into it has changed.`);
  const isOurs =
    job === undefined && (await jobs.create(await specOf(name, order, settings, aws))) === 'created';
  const ended = job?.state === 'completed' ? job : await follow(name, isOurs, around);
  const parts = ended.state === 'completed' ? await left(ended) : undefined;
  if (parts !== undefined) return parts;
  const tail = await logs(aws).tail(jobLogGroups.processing, `${name}/`, 20);
  log.untrusted(tail);
  // `AlgorithmError: , exit code: 1` is all that AWS says where the program left no message of its own.
  const said = ended.exitMessage || [ended.failureReason, ...tail.slice(-3)].filter(Boolean).join('; ');
  throw new UserError(`The analysis ${name} ${ended.state}: ${said}`);
}

/**
 * What the instances have left; undefined where one of them is missing: a profile of less than everything would be a lie.
 * @throws UserError where they have not read each object once
 */
async function partsOf(
  { name, instanceCount, outputs }: ProcessingJob,
  objectCount: number,
  aws: Aws,
): Promise<Profile[] | undefined> {
  const uris: string[] = [];
  for await (const { uri } of objects(aws).list(`${outputs['profiles'] ?? ''}/`)) uris.push(uri);
  if (uris.length !== instanceCount) return undefined;
  const read = uris.reduce((sum, uri) => sum + Number(/-(\d+)\.profile\.gz$/.exec(uri)?.[1]), 0);
  if (read !== objectCount)
    throw new UserError(
      `The instances of ${name} read ${read} files, and there are ${objectCount}, each to be read once.`,
    );
  return await Promise.all(uris.map(async (uri) => readProfile(await objects(aws).read(uri), uri)));
}

/** A job that we have started ends with us when the run is cancelled. */
async function follow(name: string, isOurs: boolean, around: Surroundings): Promise<ProcessingJob> {
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
    if (signal.aborted && isOurs) await jobs.stop(name);
    throw error;
  }
}

async function specOf(
  name: string,
  { data, names, partsUri }: ProfileOrder,
  settings: JobSettings,
  aws: Aws,
) {
  const input = (of: string) => `${platform}/input/${of}`;
  const output = `${platform}/output`;
  const namesUri = await storeNames(names, settings.artifactsUri, aws);
  return {
    name,
    roleArn: settings.roleArn,
    image: settings.image,
    entrypoint: analyserEntrypoint,
    arguments: Object.entries({
      '--mode': 'profile',
      '--data': input('data'),
      '--names': `${input('names')}/names.json`,
      '--output': output,
    }).flat(),
    environment: {},
    instanceType: settings.instanceType,
    // An instance without an object would be paid for nothing.
    instanceCount: Math.min(settings.instanceCount, data.objects.length),
    volumeGb: 30,
    maxRuntimeSeconds: Math.ceil(settings.maxRuntime / 1000),
    inputs: {
      data: {
        ...(await storeDataManifest(aws, data, settings.artifactsUri)),
        path: input('data'),
        isShared: settings.instanceCount > 1,
      },
      names: { uri: namesUri, type: 'prefix' as const, path: input('names') },
    },
    // Each attempt has a folder of its own: another one may have divided the objects among more instances.
    outputs: { profiles: { uri: joinS3Uri(partsUri, name), path: output } },
    network: openNetwork,
    tags: settings.tags,
  };
}

/** As a file, because a job's arguments hold 256 characters each and a list of features may be longer. */
async function storeNames(names: readonly string[], artifactsUri: string, aws: Aws): Promise<string> {
  const json = JSON.stringify(names);
  const uri = joinS3Uri(artifactsUri, 'monitor', 'names', digestOf(json), 'names.json');
  if ((await objects(aws).find(uri)) === undefined)
    await objects(aws).upload(uri, { bytes: Buffer.from(json) }, 'application/json');
  return uri;
}
