import { resolveAction, type Resolved } from '../plan/resolve-action.ts';
import { givenInputs, actionInputs } from './action-inputs.ts';
import { runComposite } from './composite.ts';
import { jobLog } from './job-log.ts';
import { runNode } from './node-action.ts';
import { stepName, type Handled, type StepRequest } from './step.ts';

/** A `uses:` step: a JavaScript action, a composite one, or one of the stand-ins. */
export async function useAction(request: StepRequest): Promise<Handled> {
  const { job, scope, step, log } = request;
  const resolved = await resolveAction(job.host, step.uses ?? '', {
    source: scope.source,
    workspace: job.workspace,
  });
  const given = givenInputs(request);
  log.say(`##[group]Run ${step.uses}`);
  for (const [name, value] of Object.entries(given)) if (value) log.say(`  ${name}: ${value}`);
  log.say('##[endgroup]');
  if (resolved.kind === 'builtin') return runBuiltin(request, resolved, given);
  const inputs = actionInputs(request, resolved);
  if (resolved.action.runs.using === 'composite') return runComposite(request, resolved, inputs);
  return runNode(request, resolved, inputs);
}

async function runBuiltin(
  request: StepRequest,
  { run }: Extract<Resolved, { kind: 'builtin' }>,
  given: Record<string, string>,
): Promise<Handled> {
  const { job, log, env, signal, scope, step } = request;
  const input = (name: string) => (given[name] ?? '').trim();
  const { outputs = {}, post } = await run({
    job,
    environment: env,
    input,
    say: log.say,
    warn: log.warn,
    signal: signal ?? job.forced,
  });
  if (post) {
    const name = `Post ${stepName(job, scope, step)}`;
    const runPost = async () => {
      await post();
      return 'success' as const;
    };
    job.posts.unshift({ name, run: () => jobLog(job, name, runPost) });
  }
  return { outcome: 'success', outputs };
}
