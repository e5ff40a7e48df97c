import type { Contexts } from '../expressions/evaluate.ts';
import { interpolate, interpolateTexts } from '../expressions/interpolate.ts';
import type { JsonObject } from '../expressions/values.ts';
import { typedInputs } from '../workflow/inputs.ts';
import { withConcurrency } from './concurrency.ts';
import { withEnvironment } from './environments.ts';
import type { JobContexts } from './job.ts';
import { runJob } from './run-job.ts';
import type { LegsRequest } from './run-legs.ts';
import { runWorkflow } from './run-workflow.ts';
import type { JobResult, WorkflowScope } from './workflow-scope.ts';

/** Runs one leg: the steps of a job, or the workflow it calls, within its concurrency group and environment. */
export async function runLeg(
  request: LegsRequest,
  contexts: Contexts,
  failFast: AbortSignal,
): Promise<JobResult> {
  const { scope, planned, stays, nameOf } = request;
  const { live } = scope;
  const name = [...scope.callers, nameOf(contexts['matrix'] as JsonObject, contexts)].join(' / ');
  const written = interpolate(
    planned.shape.concurrency ?? planned.callee?.file.workflow.concurrency,
    contexts,
  );

  if (planned.callee) {
    const stop = AbortSignal.any([scope.signal, failFast]);
    const callee = calleeScope(request, contexts, name, stop);
    return withConcurrency(live, { written, held: scope.held, signal: stop, name }, async (held, signal) => {
      const { result, outputs } = await runWorkflow({ ...callee, held, signal });
      return { result, outputs };
    });
  }

  const record = live.job(name, planned.shape.steps ?? []);
  const controller = live.controllerOf(record.id);
  const end = () => controller.abort();
  const cancel = () => {
    if (!stays()) end();
  };
  scope.signal.addEventListener('abort', cancel);
  failFast.addEventListener('abort', end);
  if (failFast.aborted) end();
  try {
    const ended = await withConcurrency(
      live,
      { written, held: scope.held, signal: controller.signal, name, record },
      (_held, signal) =>
        withEnvironment(live, { written: planned.shape.environment, record, contexts }, async () => {
          const result = await runJob({
            scope,
            planned,
            record,
            contexts: contexts as JobContexts,
            signal,
          });
          return { result, outputs: record.outputs };
        }),
    );
    live.ended(record, ended.result);
    return ended;
  } catch (error) {
    live.say(record, (error as Error).message);
    live.ended(record, 'failure');
    return { result: 'failure', outputs: {} };
  } finally {
    scope.signal.removeEventListener('abort', cancel);
    failFast.removeEventListener('abort', end);
  }
}

function calleeScope(
  { scope, planned }: LegsRequest,
  contexts: Contexts,
  name: string,
  signal: AbortSignal,
): WorkflowScope {
  const { callee, shape } = planned;
  if (!callee) throw new Error('a job without a workflow was asked for one');
  const declared = callee.file.events['workflow_call'] ?? {};
  const given = interpolate(shape.with, contexts) as JsonObject | null;
  const secrets = shape.secrets === 'inherit' ? scope.secrets : interpolateTexts(shape.secrets, contexts);
  return {
    ...scope,
    plan: callee,
    inputs: typedInputs(declared.inputs ?? {}, given ?? {}, { ...contexts, inputs: {} }),
    secrets,
    callers: [name],
    signal,
  };
}
