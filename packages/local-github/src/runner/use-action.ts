import { interpolate, interpolateTexts } from '../expressions/interpolate.ts';
import { asText, type Json } from '../expressions/values.ts';
import { resolveAction, type Resolved } from '../plan/resolve-action.ts';
import { runComposite } from './composite.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import { jobLog } from './job-log.ts';
import { runNode } from './node-action.ts';
import { stepName, type Handled, type StepRequest } from './steps.ts';

export type ActionFiles = Extract<Resolved, { kind: 'files' }>;

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

/** What `with:` gives, by the inputs' names in lower case. */
function givenInputs({ job, scope, step, env }: StepRequest): Record<string, string> {
  const texts = interpolateTexts(step.with, stepContexts(job, scope, env), stepFunctions(job, scope));
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Every declared input, in its declared spelling: what was given, else its default, else nothing. */
export function actionInputs(
  request: StepRequest,
  { action, folder, source }: ActionFiles,
): Record<string, string> {
  const { job, scope, env, log } = request;
  const given = givenInputs(request);
  const own = {
    ...scope,
    action: { folder, repository: source.repository, ref: source.ref, status: 'success' as const },
  };
  const declared = Object.entries(action.inputs ?? {});
  const names = new Set(declared.map(([name]) => name.toLowerCase()));
  const extra = Object.keys(given).filter((name) => !names.has(name));
  if (extra.length > 0)
    log.warn(`Unexpected input(s) '${extra.join("', '")}', valid inputs are ['${[...names].join("', '")}']`);
  const evaluated = (value: Json | undefined) =>
    asText(interpolate(value ?? '', stepContexts(job, own, env), stepFunctions(job, own)));
  const inputs = declared.map(
    ([name, input]) => [name, given[name.toLowerCase()] ?? evaluated(input?.default)] as const,
  );
  return Object.fromEntries([...inputs, ...extra.map((name) => [name, given[name] ?? ''] as const)]);
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
