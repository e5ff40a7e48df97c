/** The shape of one place in the manifest. Checks, JSON Schema and the reference page are all read from it. */
export type Node = Scalar | Group | Dictionary | Sequence;

type Described = { readonly description: string };

export type Scalar = Described & {
  readonly kind: 'scalar';
  readonly type: 'string' | 'number' | 'boolean' | 'any';
  /** Completes "is not …". */
  readonly expects: string;
  readonly pattern?: RegExp;
  readonly choices?: readonly string[];
  readonly range?: readonly [number, number];
  readonly default?: string | number | boolean;
  /** What to say of a choice that once was, in the place of "is not …". */
  readonly retired?: Readonly<Record<string, string>>;
};

/** Fixed keys. */
export type Group = Described & {
  readonly kind: 'group';
  readonly keys: Readonly<Record<string, Node>>;
  readonly required: readonly string[];
  /** What keys that are not named hold, where any key may be given. */
  readonly others?: Node;
};

/** Keys of the reader's own choice. */
export type Dictionary = Described & { readonly kind: 'dictionary'; readonly of: Node };

/** A list, or a single item in its place. */
export type Sequence = Described & { readonly kind: 'sequence'; readonly of: Scalar };

type Options = { readonly default?: string | number | boolean };

export const text = (description: string, options: Options = {}): Scalar => ({
  kind: 'scalar',
  type: 'string',
  expects: 'text',
  description,
  ...options,
});

export const matching = (
  expects: string,
  pattern: RegExp,
  description: string,
  options: Options = {},
): Scalar => ({
  kind: 'scalar',
  type: 'string',
  expects,
  pattern,
  description,
  ...options,
});

export const oneOf = (
  choices: readonly string[],
  description: string,
  options: Options & Pick<Scalar, 'retired'> = {},
): Scalar => ({
  kind: 'scalar',
  type: 'string',
  expects: `one of ${choices.join(', ')}`,
  choices,
  description,
  ...options,
});

export const amount = (
  range: readonly [number, number],
  description: string,
  options: Options = {},
): Scalar => ({
  kind: 'scalar',
  type: 'number',
  expects: rangeExpects(range),
  range,
  description,
  ...options,
});

export const flag = (description: string, options: Options = {}): Scalar => ({
  kind: 'scalar',
  type: 'boolean',
  expects: 'true or false',
  description,
  ...options,
});

export const anyScalar = (description: string): Scalar => ({
  kind: 'scalar',
  type: 'any',
  expects: 'text, a number, true or false',
  description,
});

export const group = (
  description: string,
  keys: Readonly<Record<string, Node>>,
  { required = [], others }: { required?: readonly string[]; others?: Node } = {},
): Group => ({ kind: 'group', description, keys, required, ...(others === undefined ? {} : { others }) });

export const dictionary = (description: string, of: Node): Dictionary => ({
  kind: 'dictionary',
  description,
  of,
});

export const sequence = (description: string, of: Scalar): Sequence => ({
  kind: 'sequence',
  description,
  of,
});

function rangeExpects([low, high]: readonly [number, number]): string {
  if (low === -Infinity) return 'a finite number';
  return high === Infinity ? `a number of ${low} or more` : `a number between ${low} and ${high}`;
}
