import { inputRows, predictionRows } from './capture-payload.ts';
import type { NamedValues } from './capture-payload.ts';
import { tokensOf } from './json-tokens.ts';
import type { Token } from './json-tokens.ts';
import { templateOf } from './line-template.ts';
import type { Hole, Template } from './line-template.ts';
import { typeIn } from './schema.ts';
import type { Schema } from './schema.ts';

/**
 * Learns how an endpoint writes its capture lines from one of them that gives one row: what lies between the values is the same in all lines.
 * @returns undefined for a line from which nothing can be learned
 */
export function learnCapture(
  line: Uint8Array,
  names: readonly string[] | undefined,
  schema?: Schema,
): Template | undefined {
  // A byte a character: places in the text are places in the line.
  const text = Buffer.from(line).toString('latin1');
  const tokens = tokensOf(text, 'plain');
  const record = parse(line);
  if (!tokens || !record) return undefined;
  const { endpointInput, endpointOutput } = record.captureData ?? {};
  const input = holesIn(tokens, 'endpointInput', endpointInput, (side) => inputRows(side, names, schema));
  const output = holesIn(tokens, 'endpointOutput', endpointOutput, (side) => predictionRows(side, schema));
  if (!input || !output) return undefined;
  const metadata = Object.values(record.eventMetadata ?? {});
  const ignored = stringsAfter(tokens, 'eventMetadata', metadata);
  const holes = [...input, ...output].map((hole): Hole =>
    hole.kind === 'field' && typeIn(schema, hole.name) === 'text' ? { ...hole, kind: 'word' } : hole,
  );
  return templateOf(
    line,
    [...holes, ...ignored].sort((a, b) => a.from - b.from),
  );
}

type Captured = { captureData?: Record<string, unknown>; eventMetadata?: Record<string, unknown> };

function parse(line: Uint8Array): Captured | undefined {
  try {
    const record: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    return typeof record === 'object' && record !== null ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The holes of a side's data, none where there is no such side; undefined where they cannot be told. */
function holesIn(
  tokens: readonly Token[],
  name: string,
  side: unknown,
  rowsOf: (side: unknown) => NamedValues[],
): Hole[] | undefined {
  if (side === undefined) return [];
  const start = tokens.findIndex(({ isKey, text }) => isKey && text === name);
  const key = tokens.findIndex(({ isKey, text }, i) => i > start && isKey && text === 'data');
  const data = tokens[key + 1];
  if (start < 0 || key < 0 || !data?.isString) return undefined;
  let rows: NamedValues[];
  try {
    rows = rowsOf(side);
  } catch {
    return undefined;
  }
  const [row] = rows;
  if (!row || rows.length !== 1) return undefined;
  const { encoding } = side as { encoding?: unknown };
  if (encoding === 'CSV') return fieldsOf(data, row);
  return encoding === 'JSON' ? scalarsOf(data, row) : undefined;
}

function fieldsOf({ text, from }: Token, row: NamedValues): Hole[] | undefined {
  const fields = text.replace(/(?:\\r)?\\n$/, '');
  if (/[\\"\s]/.test(fields)) return undefined;
  const holes: Hole[] = [];
  let at = from;
  for (const field of fields.split(',')) {
    const name = row[holes.length]?.[0];
    if (name === undefined) return undefined;
    holes.push({ from: at, to: at + field.length, kind: 'field', name });
    at += field.length + 1;
  }
  return holes.length === row.length ? holes : undefined;
}

/** A payload's scalars are the row's values, one after another. */
function scalarsOf({ text, from }: Token, row: NamedValues): Hole[] | undefined {
  const tokens = tokensOf(text, 'quoted');
  // Members named by integers come in another order than they are written in.
  if (!tokens || tokens.some(({ isKey, text: key }) => isKey && /^\d+$/.test(key))) return undefined;
  const scalars = tokens.filter(({ isKey }) => !isKey);
  const isRow = scalars.length === row.length && scalars.every((token, i) => isWritten(token, row[i]![1]));
  if (!isRow) return undefined;
  return scalars.map(({ from: start, to, isString }, i) => ({
    from: from + start,
    to: from + to,
    kind: isString ? 'text' : 'scalar',
    name: row[i]![0],
  }));
}

function isWritten({ isString, text }: Token, value: unknown): boolean {
  if (isString || typeof value === 'string') return isString && typeof value === 'string';
  return typeof value === 'number' ? Number(text) === value : text === String(value);
}

/** The strings of an object's members, which nobody wants; none where they are not all plain. */
function stringsAfter(tokens: readonly Token[], name: string, values: readonly unknown[]): Hole[] {
  const start = tokens.findIndex(({ isKey, text }) => isKey && text === name);
  const own = tokens.slice(start + 1, start + 1 + 2 * values.length);
  const isFlat = own.every(({ isKey, isString, text }, i) =>
    i % 2 === 0 ? isKey : !isKey && isString && text === values[(i - 1) / 2],
  );
  if (start < 0 || !isFlat || own.length !== 2 * values.length) return [];
  return own
    .filter(({ isKey }) => !isKey)
    .map(({ from, to }): Hole => ({ from, to, kind: 'ignored', name: '' }));
}
