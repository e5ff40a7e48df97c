import { interpolateTexts } from '../expressions/interpolate.ts';
import type { Resolved } from '../plan/resolve-action.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import type { Scope } from './job.ts';
import { runStep } from './run-step.ts';
import { stepName, type Handled, type StepRequest } from './step.ts';

/** A composite action: its steps, in a scope of their own, in the log of the step that uses it. */
export async function runComposite(
  request: StepRequest,
  { action, folder, source }: Extract<Resolved, { kind: 'files' }>,
  inputs: Record<string, string>,
): Promise<Handled> {
  const { job, env, own: variables, log } = request;
  const own = {
    folder,
    repository: source.repository,
    ref: source.ref,
    status: 'success' as 'success' | 'failure',
  };
  const scope: Scope = { steps: {}, inputs, source, action: own, env: variables };
  for (const step of action.runs.steps ?? []) {
    const { conclusion } = await runStep(job, scope, step, log);
    if (conclusion === 'failure') own.status = 'failure';
    if (conclusion === 'skipped') log.say(`Skipped: ${stepName(job, scope, step)}`);
  }
  const values = Object.fromEntries(
    Object.entries(action.outputs ?? {}).map(([name, output]) => [name, output?.value ?? '']),
  );
  const outputs = interpolateTexts(values, stepContexts(job, scope, env), stepFunctions(job, scope));
  return { outcome: job.status === 'cancelled' ? 'cancelled' : own.status, outputs };
}
