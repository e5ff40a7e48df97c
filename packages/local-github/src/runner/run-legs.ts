import type { Contexts } from '../expressions/evaluate.ts';
import { interpolate } from '../expressions/interpolate.ts';
import { isTrue, type JsonObject } from '../expressions/values.ts';
import type { PlannedJob } from '../plan/plan.ts';
import type { Conclusion } from '../records.ts';
import type { Strategy } from './matrix.ts';
import { runLeg } from './run-leg.ts';
import type { JobResult, WorkflowScope } from './workflow-scope.ts';

export type LegsRequest = {
  scope: WorkflowScope;
  planned: PlannedJob;
  strategy: Strategy;
  contexts: Contexts;
  /** Whether the job's `if:` would hold now: a job with always() outlives the cancelling of its run. */
  stays: () => boolean;
  nameOf: (leg: JsonObject, contexts: Contexts) => string;
};

/** Runs every leg of a job, `max-parallel` at a time; the first that fails cancels the others if `fail-fast`. */
export async function runLegs(request: LegsRequest): Promise<JobResult> {
  const { planned, strategy, contexts } = request;
  const abort = new AbortController();
  const waiting = strategy.legs.map((leg, index) => ({ leg, index }));
  const results: { result: Conclusion; outputs: Record<string, string>; at: number }[] = [];
  let order = 0;

  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { leg, index } = next;
      const legContexts = {
        ...contexts,
        matrix: leg,
        strategy: {
          'fail-fast': strategy.failFast,
          'job-index': index,
          'job-total': strategy.legs.length,
          'max-parallel': Number.isFinite(strategy.maxParallel) ? strategy.maxParallel : strategy.legs.length,
        },
      };
      const ended = await runLeg(request, legContexts, abort.signal);
      const forgiven =
        ended.result === 'failure' && isTrue(interpolate(planned.shape['continue-on-error'], legContexts));
      if (ended.result === 'failure' && !forgiven && strategy.failFast) abort.abort();
      results.push({ ...ended, result: forgiven ? 'success' : ended.result, at: order++ });
    }
  };
  await Promise.all(Array.from({ length: Math.min(strategy.maxParallel, strategy.legs.length) }, worker));
  return {
    result: worst(results.map(({ result }) => result)),
    // Legs write the same outputs: the last to end that gave one a value has the say.
    outputs: Object.assign(
      {},
      ...results.sort((a, b) => a.at - b.at).map(({ outputs }) => outputs),
    ) as Record<string, string>,
  };
}

function worst(results: Conclusion[]): Conclusion {
  const found = (['failure', 'cancelled', 'success'] as const).find((result) => results.includes(result));
  return found ?? 'skipped';
}
