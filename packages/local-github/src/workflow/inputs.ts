import { UserError } from '../errors.ts';
import type { Contexts } from '../expressions/evaluate.ts';
import { interpolate } from '../expressions/interpolate.ts';
import { asText, type Json, type JsonObject } from '../expressions/values.ts';
import type { InputShape } from './shape.ts';

/** The `inputs` context: every declared input with its type; what is missing or of the wrong type is named, all at once. */
export function typedInputs(
  declared: Record<string, InputShape>,
  given: JsonObject,
  contexts: Contexts,
): JsonObject {
  const values = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const wrong: string[] = [];
  const inputs: JsonObject = {};
  for (const [name, input] of Object.entries(declared)) {
    const value = values.get(name.toLowerCase());
    values.delete(name.toLowerCase());
    try {
      if (value === undefined && input.required && input.default === undefined)
        throw new UserError('is required, but not given');
      inputs[name] = typed(value === undefined ? interpolate(input.default, contexts) : value, input);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      wrong.push(`input '${name}' ${error.message}`);
    }
  }
  for (const name of values.keys()) wrong.push(`input '${name}' is not declared`);
  if (wrong.length > 0)
    throw new UserError(`The workflow cannot be given these inputs: ${wrong.join('; ')}.`);
  return inputs;
}

function typed(value: Json, { type = 'string', options }: InputShape): Json {
  if (type === 'boolean') {
    if (value === null || value === '') return false;
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new UserError(`is ${JSON.stringify(value)}, not true or false`);
  }
  if (type === 'number') {
    const number = value === null || value === '' ? 0 : typeof value === 'boolean' ? NaN : Number(value);
    if (Number.isNaN(number)) throw new UserError(`is ${JSON.stringify(value)}, not a number`);
    return number;
  }
  const text = asText(value);
  if (type === 'choice' && options && !options.includes(text) && text !== '')
    throw new UserError(`is '${text}', not one of ${options.join(', ')}`);
  return text;
}
