import { interpolate, interpolateTexts } from '../expressions/interpolate.ts';
import { isTrue, type Json } from '../expressions/values.ts';
import type { Conclusion } from '../records.ts';
import type { StepShape } from '../workflow/shape.ts';
import { stepContexts, stepFunctions, stepHolds } from './contexts.ts';
import type { Job, Scope } from './job.ts';
import { runScript } from './script.ts';
import type { StepLog } from './step-log.ts';
import type { StepRequest, Handled } from './step.ts';
import { useAction } from './use-action.ts';

/** How a step ended before and after `continue-on-error`, and what it left for others. */
export type StepResult = { outcome: Conclusion; conclusion: Conclusion; outputs: Record<string, string> };

/** Runs one step of a job or of a composite action, from its `if:` to its place in the `steps` context. */
export async function runStep(job: Job, scope: Scope, step: StepShape, log: StepLog): Promise<StepResult> {
  const result = await evaluateAndRun(job, scope, step, log);
  if (step.id !== undefined) scope.steps[step.id] = { ...result };
  return result;
}

async function evaluateAndRun(job: Job, scope: Scope, step: StepShape, log: StepLog): Promise<StepResult> {
  try {
    const outer = { ...job.env, ...scope.env };
    const written = interpolateTexts(step.env, stepContexts(job, scope, outer), stepFunctions(job, scope));
    const own = { ...scope.env, ...written };
    const env = { ...job.env, ...own };
    if (!stepHolds(job, scope, step.if, env))
      return { outcome: 'skipped', conclusion: 'skipped', outputs: {} };
    const value = (setting: Json | undefined) =>
      interpolate(setting, stepContexts(job, scope, env), stepFunctions(job, scope));
    const minutes = Number(value(step['timeout-minutes']) ?? 0);
    const timeoutMs = minutes > 0 ? minutes * job.host.timing.minuteMs : undefined;
    // A job that is already cancelled cancels no further step: those that still run asked for it.
    const signal = job.status === 'cancelled' ? undefined : job.signal;
    const { outcome, outputs } = await handle({ job, scope, step, env, own, log, signal, timeoutMs });
    const forgiven = outcome === 'failure' && isTrue(value(step['continue-on-error']));
    return { outcome, conclusion: forgiven ? 'success' : outcome, outputs };
  } catch (error) {
    log.fail((error as Error).message);
    const forgiven = step['continue-on-error'] === true;
    return { outcome: 'failure', conclusion: forgiven ? 'success' : 'failure', outputs: {} };
  }
}

async function handle(request: StepRequest): Promise<Handled> {
  const handled = request.step.uses === undefined ? await runScript(request) : await useAction(request);
  for (const [name, value] of request.log.heard.outputs) handled.outputs[name] ??= value;
  if (request.signal?.aborted) request.job.status = 'cancelled';
  return handled;
}
