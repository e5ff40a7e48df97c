import { UserError } from '../user-error.ts';
import { nameInSql } from './text.ts';

/**
 * How a column's values are typed, each as the reader of that format does it:
 * by the column (integral, fractional, text, boolean: Parquet), or value by value from texts as they stand in a CSV file (csv) or as
 * pieces of JSON (json).
 */
export type Form = 'integral' | 'fractional' | 'text' | 'boolean' | 'csv' | 'json';

export type SqlColumn = {
  /** As the profile is to name it. */
  name: string;
  form: Form;
  /** What gives the value, where it is not the column of that name: of numbers a bigint or double, of csv and json a varchar. */
  expression?: string | undefined;
};

const FORMS: Record<string, Form> = {
  tinyint: 'integral',
  smallint: 'integral',
  int: 'integral',
  integer: 'integral',
  bigint: 'integral',
  float: 'fractional',
  real: 'fractional',
  double: 'fractional',
  string: 'text',
  varchar: 'text',
  char: 'text',
  boolean: 'boolean',
};

/**
 * A column by the type that its table declares, in Hive's or Trino's words: times become milliseconds, as everywhere here.
 * @throws UserError for a type that is neither number, text nor boolean
 */
export function sqlColumn(name: string, type: string): SqlColumn {
  const plain = /^\w+/.exec(type.trim().toLowerCase())?.[0] ?? '';
  const quoted = nameInSql(name);
  if (plain === 'timestamp') {
    return {
      name,
      form: 'integral',
      expression: `date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', ${quoted})`,
    };
  }
  if (plain === 'date') {
    return {
      name,
      form: 'integral',
      expression: `date_diff('day', DATE '1970-01-01', ${quoted}) * 86400000`,
    };
  }
  if (plain === 'decimal') {
    const hasFraction = /,\s*[1-9]/.test(type);
    return { name, form: hasFraction ? 'fractional' : 'integral' };
  }
  const form = FORMS[plain];
  if (form) return { name, form };
  throw new UserError(`has the type ${type}; only numbers, texts, booleans and times can be profiled`, {
    column: name,
  });
}
