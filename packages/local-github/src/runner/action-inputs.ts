import { interpolate, interpolateTexts } from '../expressions/interpolate.ts';
import { asText, type Json } from '../expressions/values.ts';
import type { Resolved } from '../plan/resolve-action.ts';
import { stepContexts, stepFunctions } from './contexts.ts';
import type { StepRequest } from './step.ts';

export type ActionFiles = Extract<Resolved, { kind: 'files' }>;

/** What `with:` gives, by the inputs' names in lower case. */
export function givenInputs({ job, scope, step, env }: StepRequest): Record<string, string> {
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
