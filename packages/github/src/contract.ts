import type { Input } from './inputs/input.ts';
import { arn, region, text } from './inputs/kinds.ts';

type Inputs = Readonly<Record<string, Input<unknown>>>;

/** What an action takes and gives: the source of its action.yml, its README tables and its types. */
export type Contract<I extends Inputs = Inputs, O extends string = string> = {
  readonly name: string;
  readonly description: string;
  readonly inputs: I;
  /** Descriptions by name. */
  readonly outputs: Readonly<Record<O, string>>;
  /** Whether a post step undoes something on cancel: `post.ts` beside `main.ts`. */
  readonly post?: boolean;
  /** Problems that only show when inputs are seen together, as `[input, sentence]`. */
  check?(inputs: ParsedInputs<I>): readonly (readonly [string, string])[];
};

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

export type ParsedInputs<I extends Inputs> = {
  readonly [K in keyof I as CamelCase<K & string>]: I[K] extends Input<infer T> ? T : never;
};

export type OutputValue = string | number | boolean | undefined;

/** Outputs every action sets; the first three by the framework itself, on success and on failure. */
export const commonOutputs = {
  status: 'What became of the work, in one word; `failure` when the action failed.',
  'failure-reason': 'Why it failed, in a sentence; empty on success.',
  'duration-seconds': 'How long the action took.',
  'console-url': 'Where to look in the AWS console.',
  'report-path': 'The JSON report on the runner.',
  reused: '`true` when nothing had to be started because the same work was done before.',
  'cost-estimate-usd': 'What the work cost, or will cost, where it is known.',
} as const;

type CommonOutput = keyof typeof commonOutputs;

export type Outputs<C extends Contract> = {
  readonly [K in Exclude<keyof C['outputs'] & string, CommonOutput>]: OutputValue;
} & { readonly [K in CommonOutput]?: OutputValue } & {
  /** What the action came to, in a sentence for the run's page. */
  readonly notice?: string | undefined;
  /** Given, the outputs are set and then the step fails with this sentence. */
  readonly fail?: string | undefined;
};

/** Inputs that every action takes. */
export const commonInputs = {
  manifest: text({
    description: 'The manifest whose settings stand in for inputs not given; none when the file is absent.',
    default: 'tidegate.yml',
  }),
  'aws-region': region({
    description: 'The AWS region; otherwise AWS_REGION of the environment.',
    manifest: 'region',
  }),
  'role-to-assume': arn('iam role', {
    description:
      'Assumed with the workflow’s OIDC token, and renewed while the action runs; otherwise the usual AWS credential chain.',
  }),
  'github-token': text({
    description: 'For comments, checks and deployments.',
    default: '${{ github.token }}',
    secret: true,
  }),
};

type AllInputs<I extends Inputs> = I & typeof commonInputs;

/** Declares an action; the inputs and outputs that every action has are added to its own. */
export function defineAction<const I extends Inputs, const O extends string>(
  contract: Omit<Contract<I, O>, 'check'> & {
    check?(inputs: ParsedInputs<AllInputs<I>>): readonly (readonly [string, string])[];
  },
): Contract<AllInputs<I>, O | CommonOutput> {
  return {
    ...contract,
    inputs: { ...contract.inputs, ...commonInputs },
    outputs: { ...contract.outputs, ...commonOutputs },
  };
}
