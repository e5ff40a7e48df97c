import { holds, type Contexts, type Functions } from '../expressions/evaluate.ts';
import { interpolate, interpolateText, interpolateTexts } from '../expressions/interpolate.ts';
import type { Json, JsonObject } from '../expressions/values.ts';
import type { Plan, PlannedJob } from '../plan/plan.ts';
import type { Conclusion } from '../records.ts';
import { legLabel, strategyOf } from './matrix.ts';
import { runLegs } from './run-legs.ts';
import type { WorkflowScope, JobResult } from './workflow-scope.ts';

export type WorkflowResult = {
  result: Conclusion;
  jobs: Map<string, JobResult>;
  outputs: Record<string, string>;
};

/** Runs all jobs of a workflow, each as soon as those it needs have ended. */
export async function runWorkflow(scope: WorkflowScope): Promise<WorkflowResult> {
  const results = new Map<string, Promise<JobResult>>();
  const ended = new Map<string, JobResult>();
  const start = (id: string): Promise<JobResult> => {
    const known = results.get(id);
    if (known) return known;
    const planned = scope.plan.jobs.get(id);
    if (!planned) throw new Error(`job ${id} was not planned`);
    const promise = (async () => {
      await Promise.all(planned.needs.map(start));
      const result = await runPlanned(scope, planned, ended);
      ended.set(id, result);
      return result;
    })();
    results.set(id, promise);
    return promise;
  };
  await Promise.all([...scope.plan.jobs.keys()].map(start));
  return { result: overall(ended.values()), jobs: ended, outputs: workflowOutputs(scope, ended) };
}

function overall(results: Iterable<JobResult>): Conclusion {
  const all = [...results].map(({ result }) => result);
  if (all.includes('failure')) return 'failure';
  if (all.includes('cancelled')) return 'cancelled';
  return all.every((result) => result === 'skipped') ? 'skipped' : 'success';
}

async function runPlanned(
  scope: WorkflowScope,
  planned: PlannedJob,
  ended: Map<string, JobResult>,
): Promise<JobResult> {
  const { live, plan } = scope;
  const needs = Object.fromEntries(
    planned.needs.map((id) => [id, { ...(ended.get(id) ?? { result: 'skipped', outputs: {} }) }]),
  );
  const contexts = { github: scope.github, needs, vars: live.host.vars, inputs: scope.inputs };
  const functions = jobFunctions(scope, ancestors(plan, planned), ended);
  const name = planned.shape.name ?? planned.id;
  try {
    if (!holds(planned.shape.if, contexts, functions)) {
      const result = scope.signal.aborted ? 'cancelled' : 'skipped';
      live.skip(scope.callers, name, result);
      return { result, outputs: {} };
    }
    const strategy = strategyOf(interpolate(planned.shape.strategy, contexts));
    const stays = () => holds(planned.shape.if, contexts, functions);
    return await runLegs({
      scope,
      planned,
      strategy,
      contexts: { ...contexts, secrets: scope.secrets },
      stays,
      nameOf,
    });
  } catch (error) {
    live.fail(scope.callers, name, (error as Error).message);
    return { result: 'failure', outputs: {} };
  }

  function nameOf(leg: JsonObject, legContexts: Contexts): string {
    const written = planned.shape.name;
    if (written === undefined) return planned.id + legLabel(leg);
    const text = interpolateText(written, legContexts);
    return written.includes('${{') ? text : text + legLabel(leg);
  }
}

/** Every job that must end before this one, near and far: GitHub's success() and failure() look at all of them. */
function ancestors(plan: Plan, job: PlannedJob): Set<string> {
  const found = new Set<string>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    plan.jobs.get(id)?.needs.forEach(visit);
  };
  job.needs.forEach(visit);
  return found;
}

function jobFunctions(scope: WorkflowScope, before: Set<string>, ended: Map<string, JobResult>): Functions {
  const cancelled = () => scope.signal.aborted;
  const results = (names: Json[]) =>
    (names.length > 0 ? names.map(String) : [...before]).map((id) => ended.get(id)?.result);
  return {
    always: () => true,
    cancelled,
    success: (...names) => !cancelled() && results(names).every((result) => result === 'success'),
    failure: (...names) => !cancelled() && results(names).includes('failure'),
  };
}

function workflowOutputs(scope: WorkflowScope, ended: Map<string, JobResult>): Record<string, string> {
  const declared = Object.entries(scope.plan.file.events['workflow_call']?.outputs ?? {});
  const values = Object.fromEntries(declared.map(([name, { value }]) => [name, value]));
  const jobs = Object.fromEntries([...ended].map(([id, job]) => [id, { ...job }]));
  const contexts = { github: scope.github, inputs: scope.inputs, vars: scope.live.host.vars, jobs };
  return interpolateTexts(values, contexts);
}
