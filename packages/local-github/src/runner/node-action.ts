import { join } from 'node:path';
import type { Json } from '../expressions/values.ts';
import { resolveAction } from '../plan/resolve-action.ts';
import type { Conclusion } from '../records.ts';
import type { StepShape } from '../workflow/shape.ts';
import { actionInputs, type ActionFiles } from './action-inputs.ts';
import { stepHolds } from './contexts.ts';
import { execute } from './execute.ts';
import { jobLog } from './job-log.ts';
import type { Job, Scope } from './job.ts';
import { stepName, type Handled, type StepRequest } from './step.ts';

/**
 * The `pre` part of a step's action, before the first step of the job. As on GitHub an action in the workspace has none:
 * its files are not there yet. Within a composite action `pre` runs just before `main`.
 */
export async function runPre(job: Job, scope: Scope, step: StepShape): Promise<void> {
  if (step.uses === undefined || step.uses.startsWith('./')) return;
  const resolved = await resolveAction(job.host, step.uses, {
    source: scope.source,
    workspace: job.workspace,
  });
  if (resolved.kind === 'builtin' || resolved.action.runs.pre === undefined) return;
  const condition = resolved.action.runs['pre-if'] ?? 'always()';
  if (!stepHolds(job, scope, condition, job.env)) return;
  const conclusion = await jobLog(job, `Pre ${stepName(job, scope, step)}`, async (log) => {
    const request = {
      job,
      scope,
      step,
      env: job.env,
      own: {},
      log,
      signal: job.signal,
      timeoutMs: undefined,
    };
    return (await runPart(request, resolved, actionInputs(request, resolved), 'pre')).outcome;
  });
  if (conclusion === 'failure') job.status = 'failure';
}

/** The `main` part; its `post` part is kept for the end of the job. */
export async function runNode(
  request: StepRequest,
  resolved: ActionFiles,
  inputs: Record<string, string>,
): Promise<Handled> {
  const { job, scope, step, env } = request;
  const { pre, 'pre-if': condition } = resolved.action.runs;
  const isLate = scope.action && pre !== undefined && !job.states.has(step);
  if (isLate && stepHolds(job, scope, condition ?? 'always()', env)) {
    const before = await runPart(request, resolved, inputs, 'pre');
    if (before.outcome !== 'success') return before;
  }
  return runPart(request, resolved, inputs, 'main');
}

async function runPart(
  request: StepRequest,
  resolved: ActionFiles,
  inputs: Record<string, string>,
  part: 'pre' | 'main' | 'post',
): Promise<Handled> {
  const { job, step } = request;
  const state = job.states.get(step) ?? new Map<string, string>();
  if (part !== 'post' && !job.states.has(step)) keepPost(request, resolved, inputs);
  job.states.set(step, state);
  const { handled, state: saved } = await execute(request, {
    command: process.execPath,
    args: [join(resolved.folder, resolved.action.runs[part] ?? '')],
    cwd: job.workspace,
    extra: {
      ...inputVariables(inputs),
      ...Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value])),
      GITHUB_ACTION_PATH: resolved.folder,
      GITHUB_ACTION_REPOSITORY: resolved.source.repository,
      GITHUB_ACTION_REF: resolved.source.ref,
    },
  });
  for (const [name, value] of saved) state.set(name, value);
  return handled;
}

/** `INPUT_MAX-RUNTIME`: upper case, spaces as underscores, everything else as it is. */
const inputVariables = (inputs: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );

function keepPost(request: StepRequest, resolved: ActionFiles, inputs: Record<string, string>): void {
  const { job, scope, step } = request;
  const { post, 'post-if': condition } = resolved.action.runs;
  if (post === undefined) return;
  const name = `Post ${stepName(job, scope, step)}`;
  job.posts.unshift({ name, run: () => runPost(request, resolved, inputs, { name, condition }) });
}

async function runPost(
  request: StepRequest,
  resolved: ActionFiles,
  inputs: Record<string, string>,
  { name, condition }: { name: string; condition: Json | undefined },
): Promise<Conclusion> {
  const { job, scope } = request;
  if (!stepHolds(job, scope, condition ?? 'always()', request.env)) return 'skipped';
  // The variables of the step as it was, and what later steps wrote to GITHUB_ENV.
  const env = { ...job.env, ...request.own };
  return jobLog(job, name, async (log) => {
    const signal = job.status === 'cancelled' ? undefined : job.signal;
    return (await runPart({ ...request, env, log, signal, timeoutMs: undefined }, resolved, inputs, 'post'))
      .outcome;
  });
}
