import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interpolate, interpolateText, interpolateTexts } from '../expressions/interpolate.ts';
import { asText, type Json, type JsonObject } from '../expressions/values.ts';
import { time } from '../host.ts';
import type { PlannedJob } from '../plan/plan.ts';
import type { Conclusion, JobRecord } from '../records.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import { trackingId } from './environment.ts';
import { jobGithubContext } from './github-context.ts';
import { jobLog, whereabouts } from './job-log.ts';
import type { Job, JobContexts, Scope } from './job.ts';
import { masks } from './masks.ts';
import { runPre } from './node-action.ts';
import { endProcesses } from './orphans.ts';
import { runStep } from './run-step.ts';
import { stepName } from './step.ts';
import { issueToken } from './token.ts';
import type { WorkflowScope } from './workflow-scope.ts';

export type JobRequest = {
  scope: WorkflowScope;
  planned: PlannedJob;
  record: JobRecord;
  contexts: Omit<JobContexts, 'github'> & { github: JsonObject };
  signal: AbortSignal;
};

/** Runs the steps of one job (one leg of a matrix) and gives its conclusion; outputs are in its record. */
export async function runJob(request: JobRequest): Promise<Conclusion> {
  const late = new AbortController();
  const job = startJob(request, AbortSignal.any([request.scope.live.forced.signal, late.signal]));
  const { shape } = request.planned;
  const scope: Scope = {
    steps: {},
    inputs: request.contexts.inputs,
    source: job.source,
    action: undefined,
    env: {},
  };
  const deadline = jobDeadline(job, scope, request);
  const cancelDeadline = cancelTimeout(job, scope, request, late);
  try {
    for (const step of shape.steps ?? []) await runPre(job, scope, step);
    for (const step of shape.steps ?? []) {
      if (job.forced.aborted) break;
      if (job.signal.aborted) job.status = 'cancelled';
      const conclusion = await jobLog(job, stepName(job, scope, step), async (log) => {
        const result = await runStep(job, scope, step, log);
        return result.conclusion;
      });
      if (conclusion === 'failure' && job.status === 'success') job.status = 'failure';
    }
    // A job that was cancelled in its last step is cancelled, whatever that step made of it.
    if (job.signal.aborted) job.status = 'cancelled';
    for (let post = job.posts.shift(); post && !job.forced.aborted; post = job.posts.shift())
      if ((await post.run()) === 'failure' && job.status === 'success') job.status = 'failure';
    job.record.outputs = jobOutputs(job, scope, shape.outputs);
    if (job.record.environment) job.record.environment.url = environmentUrl(job, scope, shape.environment);
  } finally {
    clearTimeout(deadline);
    cancelDeadline.stop();
    endProcesses(trackingId(job));
    job.host.tokens.delete(job.token);
  }
  return job.status;
}

function startJob({ scope, planned, record, contexts, signal }: JobRequest, forced: AbortSignal): Job {
  const { host, run } = scope.live;
  const workspace = join(record.folder, 'work', run.repository.split('/')[1] ?? 'work');
  const temporary = join(record.folder, 'temp');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(record.folder, 'event.json'), JSON.stringify(run.payload, null, 2));
  const token = issueToken(scope, planned, record);
  const github = { ...contexts.github, ...jobGithubContext(planned.id, record.folder, workspace, token) };
  const secrets = { ...contexts.secrets, GITHUB_TOKEN: token, github_token: token };
  const { workflow } = scope.plan.file;
  const job: Job = {
    host,
    run,
    id: planned.id,
    record,
    source: scope.plan.source,
    permissions: planned.permissions,
    token,
    serverUrl: host.serverUrl,
    workspace,
    temporary,
    contexts: { ...contexts, github, secrets },
    env: {},
    paths: [],
    defaults: [planned.shape.defaults ?? {}, workflow.defaults ?? {}],
    masks: masks(Object.values(secrets).map(asText)),
    status: 'success',
    signal,
    forced,
    posts: [],
    states: new Map(),
    save: scope.live.save,
  };
  const names = { ...job.contexts, env: {} };
  Object.assign(job.env, interpolateTexts(workflow.env, names));
  Object.assign(job.env, interpolateTexts(planned.shape.env, { ...names, env: job.env }));
  host.progress({ ...whereabouts(job), status: 'in_progress', at: time(host) });
  return job;
}

function jobDeadline(job: Job, scope: Scope, { planned, scope: { live } }: JobRequest): NodeJS.Timeout {
  const contexts = stepContexts(job, scope, job.env);
  const minutes =
    Number(interpolate(planned.shape['timeout-minutes'], contexts, stepFunctions(job, scope)) ?? 360) || 360;
  const ms = Math.min(minutes * job.host.timing.minuteMs, 2 ** 31 - 1);
  return setTimeout(() => {
    job.record.annotations.push({
      level: 'failure',
      message: `The job has exceeded the maximum execution time of ${minutes} minutes.`,
      title: '',
      file: '.github',
      line: 1,
    });
    live.cancelJob(job.record.id);
  }, ms);
}

/** What still runs after a job was cancelled, post steps too, has GitHub's five minutes, or what the job says. */
function cancelTimeout(
  job: Job,
  scope: Scope,
  { planned }: JobRequest,
  late: AbortController,
): { stop: () => void } {
  const contexts = stepContexts(job, scope, job.env);
  const minutes = Number(interpolate(planned.shape['cancel-timeout-minutes'], contexts) ?? 5) || 5;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => late.abort(), minutes * job.host.timing.minuteMs);
  };
  if (job.signal.aborted) begin();
  else job.signal.addEventListener('abort', begin, { once: true });
  return {
    stop() {
      job.signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}

function environmentUrl(job: Job, scope: Scope, written: Json | undefined): string | null {
  if (written === null || typeof written !== 'object' || Array.isArray(written) || !written['url'])
    return null;
  return interpolateText(written['url'], stepContexts(job, scope, job.env), stepFunctions(job, scope));
}

/** A job's outputs; one that shows a secret is left out, as GitHub does, and whoever needs it must notice. */
function jobOutputs(job: Job, scope: Scope, written: JsonObject | undefined): Record<string, string> {
  const outputs = interpolateTexts(written, stepContexts(job, scope, job.env), stepFunctions(job, scope));
  const kept = Object.entries(outputs).filter(([name, value]) => {
    if (!job.masks.shows(value)) return true;
    const message = `Skip output '${name}' since it may contain secret.`;
    job.record.annotations.push({ level: 'warning', message, title: '', file: '.github', line: 1 });
    return false;
  });
  return Object.fromEntries(kept.filter(([, value]) => value !== ''));
}
