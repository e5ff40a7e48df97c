import { interpolateText } from '../expressions/interpolate.ts';
import type { StepShape } from '../workflow/shape.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import type { Job, Scope } from './job.ts';
import type { StepLog } from './step-log.ts';

/** What a step's handler gets: everything is evaluated. */
export type StepRequest = {
  job: Job;
  scope: Scope;
  step: StepShape;
  /** All variables that the workflow gives the step. */
  env: Record<string, string>;
  /** Those of them that only this step has, not the job. */
  own: Record<string, string>;
  log: StepLog;
  /** The job's, or undefined where the step runs because the job was cancelled. */
  signal: AbortSignal | undefined;
  timeoutMs: number | undefined;
};

export type Handled = { outcome: 'success' | 'failure' | 'cancelled'; outputs: Record<string, string> };

/** What the log and the API call a step. */
export function stepName(job: Job, scope: Scope, step: StepShape): string {
  const written = step.name ?? `Run ${step.uses ?? step.run?.trim().split('\n')[0] ?? ''}`;
  try {
    return interpolateText(
      written,
      stepContexts(job, scope, { ...job.env, ...scope.env }),
      stepFunctions(job, scope),
    );
  } catch {
    return written; // the same expression fails the step where it matters
  }
}
