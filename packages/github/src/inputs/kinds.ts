import { kind, NotUnderstood, pattern, type InputOptions } from './input.ts';
import { parseDuration, parseList, parseMap, parseNumber } from './text.ts';

export const text = kind('text', (value) => value);

export const name = pattern(
  'a name (letters, digits and single hyphens, at most 63 characters)',
  /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
);

/** Milliseconds. */
export const duration = kind('a duration (90s, 45m, 2h)', parseDuration);

export const list = kind('a list (separated by commas or lines)', parseList);

export const map = kind('a map (JSON, or one KEY=value per line)', parseMap);

export const json = kind('JSON', (value): unknown => {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new NotUnderstood(`is not JSON: ${(error as Error).message}`);
  }
});

export const flag = kind('true or false', (value) => {
  if (/^(true|yes|on)$/i.test(value)) return true;
  if (/^(false|no|off)$/i.test(value)) return false;
  throw new NotUnderstood();
});

export const number = kind('a number', parseNumber);

/** A fraction between 0 and 1, from `20%` or `0.2`. */
export const percent = kind('a percentage (20%) or a fraction (0.2)', (value) => {
  const fraction = value.endsWith('%') ? parseNumber(value.slice(0, -1)) / 100 : parseNumber(value);
  if (fraction < 0 || fraction > 1) throw new NotUnderstood('is not between 0% and 100%');
  return fraction;
});

/** A percentage as AWS takes it: a number between 0 and 100, from `10` or `10%`. */
export const percentage = kind('a percentage between 0 and 100', (value) => {
  const amount = parseNumber(value.replace(/%$/, ''));
  if (amount < 0 || amount > 100) throw new NotUnderstood();
  return amount;
});

export function integer<const O extends InputOptions & { min?: number; max?: number }>(options: O) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `between ${min} and ${max}`;
  return kind(`a whole number ${bounds}`, (value) => {
    const amount = parseNumber(value);
    if (!Number.isSafeInteger(amount) || amount < min || amount > max) throw new NotUnderstood();
    return amount;
  })(options);
}

export function choice<const C extends string, const O extends InputOptions>(
  choices: readonly C[],
  options: O,
) {
  return kind(`one of ${choices.join(', ')}`, (value): C => {
    const found = choices.find((candidate) => candidate === value);
    if (found === undefined) throw new NotUnderstood();
    return found;
  })(options);
}

export const s3Uri = pattern(
  'an S3 URI (s3://bucket/key)',
  /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/,
);

export const imageUri = pattern(
  'an image (registry/repository:tag or @sha256:digest, or a family such as scikit-learn:1.4)',
  /^[a-z0-9][\w.\-/:]*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/,
);

export const instanceType = pattern('an instance type (ml.m5.xlarge)', /^ml\.[a-z0-9-]+\.[a-z0-9-]+$/);

export const region = pattern('an AWS region (us-east-1)', /^[a-z]{2}(-[a-z]+)+-\d$/);

const arns = {
  'iam role': [
    'an IAM role ARN (arn:aws:iam::<12 digits>:role/<name>)',
    /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  ],
  'model package': [
    'a model package ARN (arn:aws:sagemaker:<region>:<12 digits>:model-package/<group>/<version>)',
    /^arn:aws[\w-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/[\w-]+\/\d+$/,
  ],
  'kms key': ['a KMS key ARN', /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]+$/],
  any: [
    'an ARN (arn:aws:<service>:<region>:<12 digits>:<resource>)',
    /^arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$/,
  ],
} as const;

export function arn<const O extends InputOptions>(of: keyof typeof arns, options: O) {
  const [expects, expression] = arns[of];
  return pattern(expects, expression)(options);
}
