import { existsSync, readFileSync } from 'node:fs';
import { userJson, repositoryJson } from '../events/payloads.ts';
import type { JsonObject } from '../expressions/values.ts';
import type { JobRecord, WorkflowRun } from '../records.ts';
import { rerun } from '../runner/start-run.ts';
import { zip } from '../artifacts/zip.ts';
import { ApiError, notFound } from './api-error.ts';
import { found, id, page } from './read.ts';
import { route, type ApiRequest, type Reply } from './router.ts';

function runJson(request: ApiRequest, run: WorkflowRun): JsonObject {
  const { host, repository } = request;
  const url = `${host.apiUrl}/repos/${run.repository}/actions/runs/${run.id}`;
  return {
    id: run.id,
    name: run.workflow,
    display_title: run.title,
    run_number: run.number,
    run_attempt: run.attempt,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    path: run.path,
    head_branch: run.headBranch,
    head_sha: run.headSha,
    actor: userJson(host, run.actor),
    triggering_actor: userJson(host, run.actor),
    created_at: run.createdAt,
    updated_at: run.completedAt ?? run.startedAt,
    run_started_at: run.startedAt,
    url,
    html_url: `${host.serverUrl}/${run.repository}/actions/runs/${run.id}`,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    pull_requests: [],
    repository: repositoryJson(host, repository),
  };
}

function jobJson({ host }: ApiRequest, run: WorkflowRun, job: JobRecord): JsonObject {
  const url = `${host.apiUrl}/repos/${run.repository}/actions/jobs/${job.id}`;
  return {
    id: job.id,
    run_id: run.id,
    run_attempt: run.attempt,
    workflow_name: run.workflow,
    name: job.name,
    head_sha: run.headSha,
    head_branch: run.headBranch,
    status: job.status,
    conclusion: job.conclusion,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    runner_name: 'local',
    labels: [],
    url,
    html_url: `${host.serverUrl}/${run.repository}/actions/runs/${run.id}/job/${job.id}`,
    steps: job.steps.map((step) => ({
      number: step.number,
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      started_at: step.startedAt,
      completed_at: step.completedAt,
    })),
  };
}

function runOf(request: ApiRequest): WorkflowRun {
  const run = found(request.host.runs.get(id(request, 'run')));
  if (run.repository !== request.repository.name) throw notFound();
  return run;
}

function jobOf(request: ApiRequest): { run: WorkflowRun; job: JobRecord } {
  const wanted = id(request, 'job');
  for (const run of request.host.runs.all()) {
    const job = run.jobs.find((candidate) => candidate.id === wanted);
    if (job && run.repository === request.repository.name) return { run, job };
  }
  throw notFound();
}

/** Runs of the repository that a test lets through and that fit the query, newest first. */
export function runsPage(request: ApiRequest, fits: (run: WorkflowRun) => boolean): Reply {
  const { host, repository, query } = request;
  const asked = (name: string, ...values: (string | null)[]) =>
    !query.has(name) || values.includes(query.get(name));
  const runs = host.runs
    .all()
    .filter((run) => run.repository === repository.name && fits(run))
    .filter(
      (run) => asked('event', run.event) && asked('branch', run.headBranch) && asked('head_sha', run.headSha),
    )
    .filter((run) => asked('actor', run.actor) && asked('status', run.status, run.conclusion))
    .sort((a, b) => b.id - a.id);
  return page(
    request,
    runs.map((run) => runJson(request, run)),
    'workflow_runs',
  );
}

/** A job's whole log: that of its steps, one after the other. */
const jobLog = (job: JobRecord): string =>
  job.steps.map(({ logFile }) => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')).join('');

function cancel(request: ApiRequest, times: number): Reply {
  const run = runOf(request);
  const live = request.host.live.get(run.id);
  if (!live) throw new ApiError(409, 'Cannot cancel a workflow run that is completed.');
  for (let time = 0; time < times; time++) live.cancel(`The run was canceled by @${request.token.actor}.`);
  return { status: 202, body: {} };
}

export const RUNS = [
  route('GET /repos/{owner}/{repo}/actions/runs', ['actions:read'], (request) =>
    runsPage(request, () => true),
  ),
  route('GET /repos/{owner}/{repo}/actions/runs/{run}', ['actions:read'], (request) => ({
    status: 200,
    body: runJson(request, runOf(request)),
  })),
  route('GET /repos/{owner}/{repo}/actions/runs/{run}/jobs', ['actions:read'], (request) => {
    const run = runOf(request);
    return page(
      request,
      run.jobs.map((job) => jobJson(request, run, job)),
      'jobs',
    );
  }),
  route('GET /repos/{owner}/{repo}/actions/jobs/{job}', ['actions:read'], (request) => {
    const { run, job } = jobOf(request);
    return { status: 200, body: jobJson(request, run, job) };
  }),
  route('GET /repos/{owner}/{repo}/actions/jobs/{job}/logs', ['actions:read'], (request) => ({
    status: 200,
    body: Buffer.from(jobLog(jobOf(request).job)),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })),
  route('GET /repos/{owner}/{repo}/actions/runs/{run}/logs', ['actions:read'], (request) => {
    const files = runOf(request).jobs.map((job, index) => ({
      path: `${index}_${job.name.replaceAll('/', '_')}.txt`,
      bytes: Buffer.from(jobLog(job)),
    }));
    return { status: 200, body: zip(files), headers: { 'content-type': 'application/zip' } };
  }),
  route('POST /repos/{owner}/{repo}/actions/runs/{run}/cancel', ['actions:write'], (request) =>
    cancel(request, 1),
  ),
  route('POST /repos/{owner}/{repo}/actions/runs/{run}/force-cancel', ['actions:write'], (request) =>
    cancel(request, 2),
  ),
  route('POST /repos/{owner}/{repo}/actions/runs/{run}/rerun', ['actions:write'], (request) => {
    const run = runOf(request);
    if (run.status !== 'completed') throw new ApiError(403, 'This workflow is already running');
    rerun(request.host, request.repository, run);
    return { status: 201, body: {} };
  }),
];
