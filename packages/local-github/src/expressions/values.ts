import { data } from '@actions/expressions';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

type ExpressionData = ReturnType<data.Array['values']>[number];

/** A plain value as GitHub's evaluator wants it. `undefined` members are left out, as they are in JSON. */
export function toData(value: Json | undefined): ExpressionData {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  const pairs = Object.entries(value).filter(([, item]) => item !== undefined);
  return new data.Dictionary(...pairs.map(([key, item]) => ({ key, value: toData(item) })));
}

export function fromData(value: ExpressionData): Json {
  if (value instanceof data.Array) return value.values().map(fromData);
  if (value instanceof data.Dictionary)
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, fromData(pair.value)]));
  if (
    value instanceof data.StringData ||
    value instanceof data.NumberData ||
    value instanceof data.BooleanData
  )
    return value.value;
  return null;
}

/** How GitHub writes a value into text: `true`, `1.5`, nothing for null, `Object` and `Array` for the rest. */
export const asText = (value: Json | undefined): string => toData(value).coerceString();

/** GitHub's truth: false, 0, NaN, the empty string and null are false, everything else is true. */
export const isTrue = (value: Json): boolean => Boolean(value);
