import { join } from 'node:path';
import { interpolate, interpolateTexts } from '../expressions/interpolate.ts';
import { asText, type Json } from '../expressions/values.ts';
import { resolveAction, type Resolved } from '../plan/resolve-action.ts';
import type { Conclusion } from '../records.ts';
import { runComposite } from './composite.ts';
import { stepContexts, stepFunctions, stepHolds } from './contexts.ts';
import { execute } from './execute.ts';
import { jobLog } from './job-log.ts';
import { stepName, type Handled, type StepRequest } from './steps.ts';

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
  const inputs = withDefaults(request, resolved, given);
  if (resolved.action.runs.using === 'composite') return runComposite(request, resolved, inputs);
  return runNode(request, resolved, inputs);
}

type Files = Extract<Resolved, { kind: 'files' }>;

function givenInputs({ job, scope, step, env }: StepRequest): Record<string, string> {
  const texts = interpolateTexts(step.with, stepContexts(job, scope, env), stepFunctions(job, scope));
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Every declared input, in its declared spelling: what was given, else its default, else nothing. */
function withDefaults(
  { job, scope, env, log }: StepRequest,
  { action, folder, source }: Files,
  given: Record<string, string>,
) {
  const own = {
    ...scope,
    action: { folder, repository: source.repository, ref: source.ref, status: 'success' as const },
  };
  const declared = Object.entries(action.inputs ?? {});
  const names = new Set(declared.map(([name]) => name.toLowerCase()));
  const extra = Object.keys(given).filter((name) => !names.has(name));
  if (extra.length > 0)
    log.say(
      `##[warning]Unexpected input(s) '${extra.join("', '")}', valid inputs are ['${[...names].join("', '")}']`,
    );
  const defaults = (value: Json | undefined) =>
    asText(interpolate(value ?? '', stepContexts(job, own, env), stepFunctions(job, own)));
  const inputs = declared.map(
    ([name, input]) => [name, given[name.toLowerCase()] ?? defaults(input?.default)] as const,
  );
  return Object.fromEntries([...inputs, ...extra.map((name) => [name, given[name] ?? ''] as const)]);
}

const inputVariables = (inputs: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );

async function runNode(
  request: StepRequest,
  resolved: Files,
  inputs: Record<string, string>,
): Promise<Handled> {
  const { job } = request;
  const { runs } = resolved.action;
  const program = (file: string, state: Map<string, string>) => ({
    command: process.execPath,
    args: [join(resolved.folder, file)],
    cwd: job.workspace,
    extra: {
      ...inputVariables(inputs),
      ...Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value])),
      GITHUB_ACTION_PATH: resolved.folder,
      GITHUB_ACTION_REPOSITORY: resolved.source.repository,
      GITHUB_ACTION_REF: resolved.source.ref,
    },
  });
  const state = new Map<string, string>();
  if (runs.pre !== undefined && stepHolds(job, request.scope, runs['pre-if'] ?? 'always()', request.env)) {
    const before = await execute(request, program(runs.pre, state));
    for (const [name, value] of before.state) state.set(name, value);
    if (before.handled.outcome !== 'success') return before.handled;
  }
  const { post } = runs;
  if (post !== undefined) {
    const name = `Post ${stepName(job, request.scope, request.step)}`;
    job.posts.unshift({ name, run: () => runPost(request, name, program(post, state), runs['post-if']) });
  }
  const { handled, state: saved } = await execute(request, program(runs.main ?? '', state));
  for (const [key, value] of saved) state.set(key, value);
  return handled;
}

async function runPost(
  request: StepRequest,
  name: string,
  program: Parameters<typeof execute>[1],
  condition: Json | undefined,
): Promise<Conclusion> {
  const { job, scope, env } = request;
  if (!stepHolds(job, scope, condition ?? 'always()', env)) return 'skipped';
  return jobLog(job, name, async (log) => {
    const signal = job.status === 'cancelled' ? job.forced : job.signal;
    const { handled } = await execute({ ...request, log, signal, timeoutMs: undefined }, program);
    return handled.outcome;
  });
}

async function runBuiltin(
  request: StepRequest,
  { run }: Extract<Resolved, { kind: 'builtin' }>,
  given: Record<string, string>,
): Promise<Handled> {
  const { job, log, env } = request;
  const { outputs = {}, post } = await run({
    job,
    environment: env,
    input: (name) => given[name] ?? '',
    say: log.say,
  });
  if (post) {
    const name = `Post ${stepName(job, request.scope, request.step)}`;
    job.posts.unshift({ name, run: () => jobLog(job, name, async () => (await post(), 'success')) });
  }
  return { outcome: 'success', outputs };
}
