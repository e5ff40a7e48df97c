import {
  joinS3Uri,
  jobLogGroups,
  logs,
  objects,
  processingJobs,
  UserError,
  type JobInput,
  type JobNetwork,
  type ProcessingJob,
} from '@tidegate/aws';
import { jobCostUsd } from '../cost.ts';
import { contentName, currentAttempt, digestOf } from '../naming.ts';
import type { SourceTree } from '../source-tree/read-tree.ts';
import { uploadPacked } from '../source-tree/store-source.ts';
import { startedBy } from '../started-by.ts';
import type { Surroundings } from '../surroundings.ts';
import { jobConsole, watchJob } from '../watch-job.ts';
import { RUN_EVALUATION } from './run-evaluation.ts';

export type EvaluationSpec = {
  model: string;
  roleArn: string;
  image: string;
  instanceType: string;
  volumeGb: number;
  maxRuntimeSeconds: number;
  entry: string;
  label: string;
  environment: Record<string, string>;
  network: JobNetwork;
  tags: Record<string, string>;
  /** Prefix with the sources, see `storeEvaluationCode`. */
  codeUri: string;
  codeDigest: string;
  data: JobInput;
  dataDigest: string;
  artifactsUri: string;
};

export type EvaluationRun = {
  jobName: string;
  /** Empty when it completed. */
  failureReason: string;
  logTail: string[];
  predictionsUri: string;
  outputUri: string;
  reused: boolean;
  seconds: number;
  costUsd: number | null;
  consoleUrl: string;
};

const BASE = '/opt/ml/processing';
const TAIL_LINES = 40;

/** Stores what an evaluation runs below a prefix of its own digest: the sources, the program around them, and what to install. */
export async function storeEvaluationCode(
  { aws }: Pick<Surroundings, 'aws'>,
  tree: SourceTree,
  artifactsUri: string,
): Promise<{ uri: string; digest: string }> {
  const digest = digestOf([tree.digest, RUN_EVALUATION]);
  const folder = joinS3Uri(artifactsUri, 'evaluation-code', digest);
  const uri = (name: string) => joinS3Uri(folder, name);
  // The program goes up last, so that its presence means that all is there.
  if (await objects(aws).find(uri('run_evaluation.py'))) return { uri: `${folder}/`, digest };
  await uploadPacked(aws, tree, uri('source.tar.gz'));
  const requirements = tree.files.find(({ path }) => path === 'requirements.txt');
  if (requirements)
    await objects(aws).upload(uri('requirements.txt'), { file: `${tree.root}/requirements.txt` });
  await objects(aws).upload(uri('run_evaluation.py'), { bytes: Buffer.from(RUN_EVALUATION) });
  return { uri: `${folder}/`, digest };
}

/**
 * Predicts with one model: a job named by all that goes in, joined if it runs, reused if it is done. A job that fails is a result.
 * On abort the job is stopped if it was started here.
 */
export async function runEvaluation(
  spec: EvaluationSpec,
  model: { uri: string; etag: string },
  surroundings: Surroundings & { onStart?: (jobName: string) => void },
): Promise<EvaluationRun> {
  const { aws, log, signal } = surroundings;
  const jobs = processingJobs(aws);
  const base = contentName(`${spec.model}-eval`, {
    code: spec.codeDigest,
    entry: spec.entry,
    label: spec.label,
    image: spec.image,
    instance: spec.instanceType,
    environment: spec.environment,
    data: spec.dataDigest,
    model: [model.uri, model.etag],
  });
  const find = (jobName: string) => jobs.find(jobName);
  const { name, job, spent } = await currentAttempt(base, find, (each) => isSpent(each, surroundings));
  for (const earlier of spent) log.info(`${earlier.name} had the same inputs and ended as ${earlier.state}.`);
  if (job?.state === 'completed') {
    log.info(`Reused ${name}: this model was asked the same before.`);
    return await describe(job, true, surroundings);
  }
  signal.throwIfAborted();
  const runId = spec.tags['tidegate:run'] ?? '';
  let ours = job !== undefined && (await startedBy(job.arn, runId, surroundings));
  let joined = job !== undefined;
  if (!job || ours) surroundings.onStart?.(name);
  if (!job) {
    joined = (await jobs.create(request(name, spec, model.uri))) === 'already-there';
    ours = !joined || (await startedBy((await find(name))?.arn ?? '', runId, surroundings));
  }
  log.info(!joined ? `Started ${name}.` : `${name} is under way with the same inputs: watching it.`);
  try {
    const ended = await watchJob(
      {
        name,
        find,
        phase: ({ startedAt }) => (startedAt === null ? 'Starting' : 'Predicting'),
        hasEnded: ({ state }) => state !== 'running' && state !== 'stopping',
        log: logs(aws).follow(jobLogGroups.processing, `${name}/`),
      },
      surroundings,
    );
    return await describe(ended, false, surroundings);
  } catch (error) {
    if (signal.aborted && ours) await jobs.stop(name);
    throw error;
  }
}

/** Stops an evaluation a cancelled run has left behind. */
export async function stopEvaluation(
  jobName: string,
  { aws, log }: Pick<Surroundings, 'aws' | 'log'>,
): Promise<void> {
  const job = await processingJobs(aws).find(jobName);
  if (job?.state !== 'running') return;
  await processingJobs(aws).stop(jobName);
  log.info(`Processing job ${jobName} was still running: stopped.`);
}

/** Nothing more to expect of it; one that is done is spent too once its predictions were deleted. */
async function isSpent(job: ProcessingJob, { aws }: Surroundings): Promise<boolean> {
  if (job.state === 'completed') return (await objects(aws).find(predictionsUri(job))) === undefined;
  return job.state !== 'running';
}

function predictionsUri({ name, outputs }: ProcessingJob): string {
  const output = outputs['predictions'];
  if (output === undefined) throw new UserError(`${name} has no output named predictions: it is not ours.`);
  return joinS3Uri(output, 'predictions.csv');
}

function request(name: string, spec: EvaluationSpec, modelUri: string) {
  return {
    name,
    roleArn: spec.roleArn,
    image: spec.image,
    entrypoint: ['python3', `${BASE}/input/code/run_evaluation.py`],
    arguments: [],
    environment: {
      ...spec.environment,
      TIDEGATE_CODE_DIR: `${BASE}/input/code`,
      TIDEGATE_MODEL_ARCHIVE_DIR: `${BASE}/input/model`,
      TIDEGATE_DATA_DIR: `${BASE}/input/data`,
      TIDEGATE_OUTPUT_DIR: `${BASE}/output`,
      TIDEGATE_WORK_DIR: `${BASE}/work`,
      TIDEGATE_MESSAGE_DIR: '/opt/ml/output',
      TIDEGATE_ENTRY: spec.entry,
      TIDEGATE_LABEL: spec.label,
    },
    instanceType: spec.instanceType,
    instanceCount: 1,
    volumeGb: spec.volumeGb,
    maxRuntimeSeconds: spec.maxRuntimeSeconds,
    inputs: {
      code: { uri: spec.codeUri, type: 'prefix' as const, path: `${BASE}/input/code` },
      model: { uri: modelUri, type: 'prefix' as const, path: `${BASE}/input/model` },
      data: { ...spec.data, path: `${BASE}/input/data` },
    },
    outputs: { predictions: { uri: outputUri(spec.artifactsUri, name), path: `${BASE}/output` } },
    network: spec.network,
    tags: spec.tags,
  };
}

function outputUri(artifactsUri: string, name: string): string {
  return joinS3Uri(artifactsUri, 'evaluation', name);
}

async function describe(job: ProcessingJob, reused: boolean, { aws }: Surroundings): Promise<EvaluationRun> {
  const completed = job.state === 'completed';
  const seconds = job.startedAt !== null && job.endedAt !== null ? (job.endedAt - job.startedAt) / 1000 : 0;
  const output = job.outputs['predictions'];
  if (output === undefined)
    throw new UserError(`${job.name} has no output named predictions: it is not ours.`);
  return {
    jobName: job.name,
    failureReason: completed ? '' : job.exitMessage || job.failureReason || `it ended as ${job.state}`,
    logTail: completed ? [] : await logs(aws).tail(jobLogGroups.processing, `${job.name}/`, TAIL_LINES),
    predictionsUri: predictionsUri(job),
    outputUri: job.outputs['predictions'] ?? '',
    reused,
    seconds,
    costUsd: reused ? 0 : jobCostUsd({ ...job, seconds }),
    consoleUrl: jobConsole(aws, 'processing', job.name).consoleUrl,
  };
}
