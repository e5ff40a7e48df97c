import { UserError } from '../user-error.ts';

/** What a column is given to be, whatever its values look like: a zip code is a text. */
export const GIVEN_TYPES = ['integer', 'fractional', 'text', 'boolean'] as const;
export type GivenType = (typeof GIVEN_TYPES)[number];

/** Columns by name; those that it does not name are inferred, `ignore` leaves one out. */
export type Schema = Readonly<Record<string, GivenType | 'ignore'>>;

const BY_INFERRED_TYPE = new Map<unknown, GivenType>([
  ['Integral', 'integer'],
  ['Fractional', 'fractional'],
  ['String', 'text'],
]);

/**
 * A schema from parsed JSON: a map like `{"zip": "text"}`, or Model Monitor's constraints.json or statistics.json.
 * @throws UserError naming all that is no type
 */
export function schemaFrom(json: unknown, file?: string): Schema {
  const place = { file };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UserError('is no schema: a map like {"zip": "text"} or a constraints.json is needed', place);
  }
  const { features } = json as { features?: unknown };
  if (Array.isArray(features)) return schemaFromFeatures(features as unknown[]);
  const known: readonly unknown[] = [...GIVEN_TYPES, 'ignore'];
  const wrong = Object.entries(json).filter(([, type]) => !known.includes(type));
  if (wrong.length > 0) {
    const found = wrong.map(([name, type]) => `"${name}" is ${JSON.stringify(type)}`).join(', ');
    throw new UserError(`is no schema: ${found}; ${known.join(', ')} are types`, place);
  }
  return json as Schema;
}

function schemaFromFeatures(features: readonly unknown[]): Schema {
  const given = features.flatMap((feature) => {
    const { name, inferred_type: inferred } = (feature ?? {}) as Record<string, unknown>;
    const type = BY_INFERRED_TYPE.get(inferred);
    return typeof name === 'string' && type ? [[name, type] as const] : [];
  });
  return Object.fromEntries(given);
}

/** A column may be called "constructor": only what the schema itself has counts. */
export function typeIn(schema: Schema | undefined, name: string): GivenType | 'ignore' | undefined {
  return schema && Object.hasOwn(schema, name) ? schema[name] : undefined;
}
