/** A JSON value as the training toolkit decodes it; a number keeps its text, since Python tells 1 from 1.0. */
type Decoded = string | boolean | null | { number: string } | Decoded[] | { fields: Map<string, Decoded> };

const numberText = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * What a training script is told of its hyperparameters, as SageMaker's training toolkit tells it: every value is
 * decoded as JSON where it is JSON and left as it is otherwise; names that begin with `sagemaker_` are the platform's.
 */
export type ScriptParameters = {
  /** `--name value` in the order of the names; a name of one letter gets one dash. */
  args: string[];
  /** `SM_HP_<NAME>` → value; the name in capitals, dashes kept. */
  environment: Record<string, string>;
  /** All of them as one JSON object with sorted keys. */
  json: string;
  /** The platform's own, decoded, without quotes: `sagemaker_program` and so on. */
  platform: Record<string, string>;
};

export function scriptParameters(hyperparameters: Readonly<Record<string, string>>): ScriptParameters {
  const names = Object.keys(hyperparameters).sort();
  const isPlatform = (name: string) => name.startsWith('sagemaker_') || name === '_tuning_objective_metric';
  const own = names
    .filter((name) => !isPlatform(name))
    .map((name) => [name, decode(hyperparameters[name] ?? '')] as const);
  const platform = names
    .filter(isPlatform)
    .map((name) => [name, plain(decode(hyperparameters[name] ?? ''))] as const);
  return {
    args: own.flatMap(([name, value]) => [`${name.length > 1 ? '--' : '-'}${name}`, argument(value)]),
    environment: Object.fromEntries(
      own.map(([name, value]) => [`SM_HP_${name.toUpperCase()}`, plain(value)]),
    ),
    json: `{${own.map(([name, value]) => `${json(name)}:${json(value)}`).join(',')}}`,
    platform: Object.fromEntries(platform),
  };
}

function decode(text: string): Decoded {
  const trimmed = text.trim();
  if (numberText.test(trimmed)) return { number: trimmed };
  try {
    return fromJson(JSON.parse(text));
  } catch {
    return text;
  }
}

function fromJson(value: unknown): Decoded {
  if (typeof value === 'number') return { number: String(value) };
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value as string | boolean | null;
  return { fields: new Map(Object.entries(value).map(([name, inner]) => [name, fromJson(inner)])) };
}

/** Python's `json.dumps(value, sort_keys=True, separators=(',', ':'))`. */
function json(value: Decoded): string {
  if (typeof value === 'string') return asciiJson(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if ('number' in value) return value.number;
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`;
  return `{${sortedFields(value.fields)
    .map(([name, inner]) => `${json(name)}:${json(inner)}`)
    .join(',')}}`;
}

/** A string as itself, anything else as JSON. */
const plain = (value: Decoded) => (typeof value === 'string' ? value : json(value));

/** A command-line argument: `str(value)` of Python, and `a=1,b=2` for a map. */
function argument(value: Decoded): string {
  if (typeof value === 'object' && value !== null && 'fields' in value) {
    return sortedFields(value.fields)
      .map(([name, inner]) => `${name}=${python(inner, false)}`)
      .join(',');
  }
  return python(value, false);
}

function python(value: Decoded, quoted: boolean): string {
  if (typeof value === 'string')
    return quoted ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'` : value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if ('number' in value) return value.number;
  if (Array.isArray(value)) return `[${value.map((inner) => python(inner, true)).join(', ')}]`;
  return `{${[...value.fields].map(([name, inner]) => `${python(name, true)}: ${python(inner, true)}`).join(', ')}}`;
}

const sortedFields = (fields: Map<string, Decoded>) => [...fields].sort(([a], [b]) => (a < b ? -1 : 1));

/** Python escapes what is not ASCII. */
export const asciiJson = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
