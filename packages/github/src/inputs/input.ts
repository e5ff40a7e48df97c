/** How one input is described to GitHub, found, and understood. */
export type Input<T> = {
  readonly description: string;
  readonly required: boolean;
  /** As GitHub shows it: text, before parsing. */
  readonly default?: string;
  /** Where the value is found in `tidegate.yml` when the input is empty, such as `deploy.bake`; of several, the first that is there. */
  readonly manifest?: string | readonly string[];
  /** Never printed, not even in an error. */
  readonly secret: boolean;
  /** What would be right, completing "is not …": `a duration (90s, 45m, 2h)`. */
  readonly expects: string;
  /** Throws `NotUnderstood` when the text is not what the input expects. */
  readonly parse: (text: string) => T;
};

export type InputOptions = {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
  readonly manifest?: string | readonly string[];
  readonly secret?: boolean;
};

/** What a parser says of text that it cannot use; `reason` replaces the standard "is not <expects>". */
export class NotUnderstood extends Error {
  override name = 'NotUnderstood';
}

type Found<T, O extends InputOptions> = O extends { required: true } | { default: string }
  ? T
  : T | undefined;

/** Makes a kind of input out of what it expects and how its text is parsed. */
export function kind<T>(expects: string, parse: (text: string) => T) {
  return <const O extends InputOptions>(options: O): Input<Found<T, O>> => ({
    ...options,
    required: options.required ?? false,
    secret: options.secret ?? false,
    expects,
    parse,
  });
}

/** A kind whose text must match a pattern and is used as it stands. */
export function pattern(expects: string, expression: RegExp) {
  return kind(expects, (text) => {
    if (!expression.test(text)) throw new NotUnderstood();
    return text;
  });
}

/** Where in the manifest an input is looked for, in order. */
export function manifestKeys({ manifest = [] }: Pick<Input<unknown>, 'manifest'>): readonly string[] {
  return typeof manifest === 'string' ? [manifest] : manifest;
}
