import { WorkflowProblems, problemText, UserError } from '../errors.ts';
import { interpolate, interpolateText } from '../expressions/interpolate.ts';
import type { JsonObject } from '../expressions/values.ts';
import type { Repository } from '../git/repository.ts';
import { time, type Host, type LiveRun } from '../host.ts';
import { planWorkflow } from '../plan/plan-workflow.ts';
import type { Plan } from '../plan/plan.ts';
import { commitSource } from '../plan/source.ts';
import type { WorkflowRun } from '../records.ts';
import { withConcurrency } from './concurrency.ts';
import { githubContext } from './github-context.ts';
import { createLive, type Live } from './live.ts';
import { runWorkflow } from './run-workflow.ts';

export type RunRequest = {
  repository: Repository;
  path: string;
  workflow: string;
  event: string;
  payload: JsonObject;
  ref: string;
  sha: string;
  headSha?: string;
  headBranch: string;
  actor: string;
  inputs: JsonObject;
};

/** Makes a run's record, which has its number and id from now on, and starts it. */
export function startRun(host: Host, request: RunRequest): LiveRun {
  const {
    repository,
    path,
    workflow,
    event,
    payload,
    ref,
    sha,
    headSha = sha,
    headBranch,
    actor,
    inputs,
  } = request;
  const at = time(host);
  const run: WorkflowRun = {
    id: host.store.nextId('run'),
    attempt: 1,
    number: host.store.nextId(`run:${repository.name}:${path}`),
    repository: repository.name,
    workflow,
    path,
    title: workflow,
    event,
    payload,
    ref,
    sha,
    headSha,
    headBranch,
    actor,
    inputs,
    status: 'queued',
    conclusion: null,
    createdAt: at,
    startedAt: at,
    completedAt: null,
    jobs: [],
    outputs: {},
    errors: [],
  };
  return begin(host, repository, run);
}

/** The same commit, event and inputs again, under the same id. */
export function rerun(host: Host, repository: Repository, before: WorkflowRun): LiveRun {
  if (host.live.has(before.id)) throw new UserError(`Run ${before.id} is still under way.`);
  return begin(host, repository, {
    ...before,
    attempt: before.attempt + 1,
    status: 'queued',
    conclusion: null,
    startedAt: time(host),
    completedAt: null,
    jobs: [],
    outputs: {},
    errors: [],
  });
}

function begin(host: Host, repository: Repository, run: WorkflowRun): LiveRun {
  const live = createLive(host, run);
  live.announce();
  const finished = conduct(live, repository).finally(() => host.live.delete(run.id));
  const started = { run, cancel: live.cancel, finished };
  host.live.set(run.id, started);
  return started;
}

async function conduct(live: Live, repository: Repository): Promise<WorkflowRun> {
  const { host, run } = live;
  try {
    const source = commitSource(repository, run.ref, run.sha);
    const plan = await planWorkflow(host, source, run.path);
    run.conclusion = await conductJobs(live, plan);
  } catch (error) {
    run.conclusion = 'startup_failure';
    if (error instanceof WorkflowProblems) run.errors.push(...error.problems.map(problemText));
    else run.errors.push(error instanceof UserError ? error.message : String((error as Error).stack));
  }
  run.status = 'completed';
  run.completedAt = time(host);
  live.announce();
  return run;
}

async function conductJobs(live: Live, plan: Plan) {
  const { host, run } = live;
  const github = githubContext(host, run, plan);
  const contexts = { github, inputs: run.inputs, vars: host.vars };
  const { workflow } = plan.file;
  run.title = interpolateText(workflow['run-name'], contexts) || defaultTitle(run);
  run.status = 'in_progress';
  run.startedAt = time(host);
  live.announce();
  const written = interpolate(workflow.concurrency, contexts);
  const request = { written, held: [], signal: live.signal, name: run.workflow };
  const { result } = await withConcurrency(live, request, async (held, signal) => {
    const scope = {
      live,
      plan,
      inputs: run.inputs,
      secrets: host.secrets,
      github,
      callers: [],
      held,
      signal,
    };
    const { result: conclusion, jobs } = await runWorkflow(scope);
    run.outputs = Object.fromEntries([...jobs].map(([id, job]) => [id, job.outputs]));
    return { result: signal.aborted && conclusion !== 'failure' ? 'cancelled' : conclusion, outputs: {} };
  });
  return result;
}

function defaultTitle(run: WorkflowRun): string {
  const commit = run.payload['head_commit'] as { message?: string } | undefined;
  const pullRequest = run.payload['pull_request'] as { title?: string } | undefined;
  return pullRequest?.title ?? commit?.message?.split('\n')[0] ?? run.workflow;
}
