import { UserError } from '../user-error.ts';
import { typeIn } from './schema.ts';
import type { Schema } from './schema.ts';

/** One row: names and values as JSON gives them. */
export type NamedValues = [name: string, value: unknown][];

/** The column of what the model answered. */
export const PREDICTION = 'prediction';

/** Whether a column is what a model answered: `prediction`, or one of several like `prediction.1`. */
export function isPrediction(name: string): boolean {
  return name === PREDICTION || name.startsWith(`${PREDICTION}.`);
}

/** The rows of a request: `{"instances": [...]}`, a list, one object, or lines of CSV. */
export function inputRows(
  side: unknown,
  names: readonly string[] | undefined,
  schema?: Schema,
): NamedValues[] {
  const payload = payloadOf(side, 'endpointInput');
  if (payload.kind === 'csv') {
    return payload.rows.map((fields) => typed(featuresOfList(fields, names), schema));
  }
  const { value } = payload;
  const instances = listIn(value, ['instances', 'inputs', 'data']) ?? [value];
  return instances.map((instance) => {
    if (Array.isArray(instance)) return featuresOfList(instance, names);
    const features = listIn(instance, ['features']);
    if (features) return featuresOfList(features, names);
    if (isRecord(instance)) return Object.entries(instance);
    return featuresOfList([instance], names);
  });
}

/** The rows of an answer: `{"predictions": [...]}`, a list, one value, or lines of CSV. */
export function predictionRows(side: unknown, schema?: Schema, of = 'endpointOutput'): NamedValues[] {
  const payload = payloadOf(side, of);
  if (payload.kind === 'csv') return payload.rows.map((fields) => typed(predictionsOfList(fields), schema));
  const answers = listIn(payload.value, ['predictions', 'outputs', 'scores']) ?? [payload.value];
  return answers.map((answer): NamedValues => {
    if (Array.isArray(answer)) return predictionsOfList(answer);
    if (!isRecord(answer)) return [[PREDICTION, answer]];
    const members = Object.entries(answer);
    if (members.length === 1) return [[PREDICTION, members[0]![1]]];
    return members.map(([name, value]) => [`${PREDICTION}.${name}`, value]);
  });
}

function predictionsOfList(values: readonly unknown[]): NamedValues {
  return values.map((value, i) => [i === 0 ? PREDICTION : `${PREDICTION}.${i}`, value]);
}

type Payload = { kind: 'csv'; rows: string[][] } | { kind: 'json'; value: unknown };

function payloadOf(side: unknown, name: string): Payload {
  if (!isRecord(side) || typeof side['data'] !== 'string') {
    throw new UserError(`has no text "data" in its "${name}"`);
  }
  const encoding = side['encoding'] ?? 'CSV';
  const type = typeof side['observedContentType'] === 'string' ? side['observedContentType'] : '';
  let data = side['data'];
  if (encoding === 'BASE64') data = Buffer.from(data, 'base64').toString('utf8');
  else if (encoding !== 'CSV' && encoding !== 'JSON') {
    throw new UserError(
      `has the encoding ${JSON.stringify(encoding)} in its "${name}"; CSV, JSON and BASE64 can be read`,
    );
  }
  const isJson =
    encoding === 'JSON' || (encoding === 'BASE64' && (type.includes('json') || /^\s*[[{]/.test(data)));
  if (!isJson) return { kind: 'csv', rows: csvRows(data) };
  try {
    return { kind: 'json', value: JSON.parse(data) };
  } catch (cause) {
    throw new UserError(
      `has data in its "${name}" that are not JSON (${(cause as Error).message})`,
      {},
      { cause },
    );
  }
}

function csvRows(data: string): string[][] {
  return data
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(','));
}

/** Fields as what they are written as; those of a column that is given as text stay as they are. */
function typed(fields: NamedValues, schema: Schema | undefined): NamedValues {
  return fields.map(([name, field]) => [name, csvValue(field as string, typeIn(schema, name) === 'text')]);
}

function csvValue(field: string, isText: boolean): unknown {
  const text = field.trim().replace(/^"(.*)"$/, '$1');
  if (text === '' || text.toLowerCase() === 'nan') return null;
  if (isText) return text;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function featuresOfList(values: readonly unknown[], names: readonly string[] | undefined): NamedValues {
  if (names && names.length !== values.length) {
    throw new UserError(
      `has ${values.length} features where ${names.length} are expected (${names.join(', ')})`,
    );
  }
  return values.map((value, i) => [names?.[i] ?? `_c${i}`, value]);
}

function listIn(value: unknown, names: readonly string[]): unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (!isRecord(value)) return undefined;
  const list = names.map((name) => value[name]).find((each) => Array.isArray(each));
  return list as unknown[] | undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
