import type { Problem } from '../errors.ts';
import type { Json } from '../expressions/values.ts';
import type { InputShape, JobShape } from '../workflow/shape.ts';
import type { Plan } from './plan.ts';

/** Whether a job gives a reusable workflow the inputs and secrets it declares, of the right types. */
export function checkCall(caller: Plan, id: string, shape: JobShape, callee: Plan): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: (string | number)[], message: string) =>
    problems.push({ file: caller.file.file, ...caller.file.locate(['jobs', id, ...path]), message });
  const declared = callee.file.events['workflow_call'];
  if (!declared) {
    refuse(['uses'], `${callee.file.file} has no \`on: workflow_call\`, so it cannot be called.`);
    return problems;
  }

  const inputs = byLowerCase(declared.inputs);
  const given = byLowerCase(shape.with);
  for (const [key, [name, input]] of inputs)
    if (input.required && !given.has(key))
      refuse(['uses'], `Input '${name}' is required by ${callee.file.file}, but not given.`);
  for (const [key, [name, value]] of given) {
    const input = inputs.get(key)?.[1];
    if (!input) refuse(['with', name], `Input '${name}' is not declared by ${callee.file.file}.`);
    else if (!fits(value, input))
      refuse(
        ['with', name],
        `Input '${name}' is ${JSON.stringify(value)}, but ${callee.file.file} wants a ${input.type}.`,
      );
  }

  if (shape.secrets === 'inherit') return problems;
  const secrets = byLowerCase(declared.secrets);
  const passed = byLowerCase(shape.secrets);
  for (const [key, [name, secret]] of secrets)
    if (secret?.required && !passed.has(key))
      refuse(['uses'], `Secret '${name}' is required by ${callee.file.file}, but not given.`);
  for (const [key, [name]] of passed)
    if (!secrets.has(key))
      refuse(['secrets', name], `Secret '${name}' is not declared by ${callee.file.file}.`);
  return problems;
}

const byLowerCase = <T>(map: Record<string, T> | undefined) =>
  new Map(Object.entries(map ?? {}).map(([name, value]) => [name.toLowerCase(), [name, value] as const]));

/** An expression's type is known only when it has been evaluated; see typedInput. */
function fits(value: Json, { type }: InputShape): boolean {
  if (typeof value === 'string' && value.includes('${{')) return true;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'number') return typeof value === 'number';
  return value === null || typeof value !== 'object';
}
