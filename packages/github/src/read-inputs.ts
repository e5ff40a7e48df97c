import type { Contract, ParsedInputs } from './contract.ts';
import { manifestKeys, NotUnderstood, type Input } from './inputs/input.ts';
import { UserError } from './user-error.ts';

/** A value of the manifest with its place, or undefined where the manifest does not say. */
export type ManifestLookup = (
  key: string,
) => { value: string | number | boolean | object | null; place: string } | undefined;

type Problem = { input: string; sentence: string };

/**
 * Parses every input of a contract from the environment, an empty input from the manifest, then from its default.
 * Throws one `UserError` that names every input that cannot be used.
 */
export function readInputs<C extends Contract>(
  contract: C,
  environment: Readonly<Record<string, string | undefined>>,
  manifest: ManifestLookup = () => undefined,
): ParsedInputs<C['inputs']> {
  const problems: Problem[] = [];
  const parsed: Record<string, unknown> = {};
  for (const [name, input] of Object.entries(contract.inputs)) {
    const source = find(name, input, environment, manifest);
    if (source === undefined) {
      if (input.required) problems.push({ input: name, sentence: missing(input) });
      parsed[camelCase(name)] = undefined;
      continue;
    }
    try {
      parsed[camelCase(name)] = input.parse(source.text);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      const found = input.secret ? 'the value' : quoted(source.text);
      const sentence = `${found} ${error.message === '' ? `is not ${input.expects}` : error.message}`;
      problems.push({
        input: name,
        sentence: source.place === undefined ? sentence : `${sentence}, in ${source.place}`,
      });
    }
  }
  if (problems.length === 0) {
    for (const [input, sentence] of contract.check?.(parsed) ?? []) problems.push({ input, sentence });
  }
  if (problems.length > 0) throw new UserError(describe(contract.name, problems));
  return parsed as ParsedInputs<C['inputs']>;
}

function find(
  name: string,
  input: Input<unknown>,
  environment: Readonly<Record<string, string | undefined>>,
  manifest: ManifestLookup,
): { text: string; place?: string } | undefined {
  const given = environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`]?.trim();
  // The runner hands a default over like a given input, so a default must not hide what the manifest says.
  if (given && given !== input.default) return { text: given };
  const found = manifestKeys(input)
    .map((key) => manifest(key))
    .find((each) => each?.value != null);
  if (found?.value != null) {
    const { value, place } = found;
    return {
      text: typeof value === 'object' ? JSON.stringify(value) : String(value),
      place,
    };
  }
  if (given) return { text: given };
  return input.default ? { text: input.default } : undefined;
}

function missing(input: Input<unknown>): string {
  const keys = manifestKeys(input);
  const where = keys.length === 0 ? '' : `, here or as ${keys.join(' or ')} in the manifest`;
  return `is missing: give ${input.expects}${where}`;
}

function describe(action: string, problems: readonly Problem[]): string {
  const width = Math.max(...problems.map(({ input }) => input.length)) + 2;
  const lines = problems.map(({ input, sentence }) => `  ${input.padEnd(width)}${sentence}`);
  const count = problems.length === 1 ? 'an input' : `${problems.length} inputs`;
  return `${count} of ${action} cannot be used:\n${lines.join('\n')}`;
}

const quoted = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text);

export const camelCase = (name: string) =>
  name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
