import { UserError } from '../errors.ts';
import type { Json, JsonObject } from '../expressions/values.ts';

export type Strategy = { legs: JsonObject[]; failFast: boolean; maxParallel: number };

const isMap = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const same = (a: Json | undefined, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Every leg of a job by GitHub's rules; no matrix is one leg with no values. The strategy is already evaluated. */
export function strategyOf(strategy: Json): Strategy {
  const written = isMap(strategy) ? strategy : {};
  const legs = isMap(written['matrix']) ? expand(written['matrix']) : [{}];
  if (legs.length === 0)
    throw new UserError('The matrix has no combination left: its vectors are empty or all excluded.');
  if (legs.length > 256) throw new UserError(`The matrix makes ${legs.length} jobs; GitHub allows 256.`);
  return {
    legs,
    failFast: written['fail-fast'] !== false,
    maxParallel: Number(written['max-parallel'] ?? Infinity) || Infinity,
  };
}

function expand({ include, exclude, ...vectors }: JsonObject): JsonObject[] {
  let legs: JsonObject[] = Object.keys(vectors).length > 0 ? [{}] : [];
  for (const [name, values] of Object.entries(vectors)) {
    if (!Array.isArray(values)) throw new UserError(`matrix.${name} is not a list.`);
    legs = legs.flatMap((leg) => values.map((value) => ({ ...leg, [name]: value })));
  }
  const excluded = listOf(exclude);
  legs = legs.filter(
    (leg) => !excluded.some((out) => Object.entries(out).every(([key, value]) => matches(leg[key], value))),
  );
  return addIncluded(legs, listOf(include), Object.keys(vectors));
}

/** An include joins every original leg it does not contradict; one that joins none is a leg of its own. */
function addIncluded(legs: JsonObject[], included: JsonObject[], vectors: string[]): JsonObject[] {
  const originals = legs.map((leg) => ({ ...leg }));
  const added: JsonObject[] = [];
  for (const extra of included) {
    let joined = false;
    originals.forEach((original, index) => {
      const fits = vectors.every((name) => !(name in extra) || same(original[name], extra[name] ?? null));
      if (!fits) return;
      Object.assign(legs[index] ?? {}, extra);
      joined = true;
    });
    if (!joined) added.push({ ...extra });
  }
  return [...legs, ...added];
}

/** An exclude may name only a part of a value that is itself a map. */
function matches(value: Json | undefined, wanted: Json): boolean {
  if (isMap(wanted) && isMap(value))
    return Object.entries(wanted).every(([key, inner]) => matches(value[key], inner));
  return same(value, wanted);
}

const listOf = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isMap) : []);

/** What GitHub writes behind a job's name: `(3.12, linux)`. */
export function legLabel(leg: JsonObject): string {
  const words = Object.values(leg).flatMap(function words(value): string[] {
    if (Array.isArray(value)) return value.flatMap(words);
    if (isMap(value)) return Object.values(value).flatMap(words);
    return [value === null ? '' : String(value)];
  });
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}
