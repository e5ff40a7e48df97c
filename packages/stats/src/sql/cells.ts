import { MISSING_WORDS } from '../read/csv.ts';
import { BOOLEAN, FRACTIONAL, INTEGRAL, MISSING, ROUNDED, TEXT } from '../read/parse-number.ts';
import type { Form, SqlColumn } from './columns.ts';
import { hashOfBits, type Step } from './hash.ts';
import { arrayInSql, nameInSql, textInSql } from './text.ts';

/** A relation that has a row for each value of the columns: `place` (the column's), `mask`, `form`, and the value as `given` or as `written`. */
export function cellsOf(columns: readonly SqlColumn[], floors: readonly number[], from: string): string {
  const isNumber = ({ form }: SqlColumn): boolean => form === 'integral' || form === 'fractional';
  const value = ({ name, expression }: SqlColumn): string => expression ?? nameInSql(name);
  const arrays = [
    columns.map((_, place) => String(place)),
    // What drops a double's low bits, see profile/prefix-histogram.ts.
    floors.map((floor) => `BIGINT '${-(2 ** floor)}'`),
    columns.map(({ form }) => textInSql(form)),
    columns.map((column) => `CAST(${isNumber(column) ? value(column) : 'NULL'} AS double)`),
    columns.map((column) => `CAST(${isNumber(column) ? 'NULL' : value(column)} AS varchar)`),
  ].map(arrayInSql);
  return `SELECT place, mask, form, given, written FROM ${from}
  CROSS JOIN UNNEST(${arrays.join(',\n    ')}) AS cell (place, mask, form, given, written)`;
}

const INTEGER = '^[+-]?[0-9]+$';
/** What JavaScript's Number and parse-number.ts take for a number; Trino's cast would take `1d` too. */
export const NUMBER = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$';
const INFINITE = '^[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?$';

/** How each form says what a value is (read/parse-number.ts's kinds); of numbers in JSON the value itself decides later. */
const KINDS: Record<Form, (missing: readonly string[]) => string> = {
  integral: () => `CASE WHEN given IS NULL THEN ${MISSING} ELSE ${INTEGRAL} END`,
  fractional: () => `CASE WHEN given IS NULL OR is_nan(given) THEN ${MISSING} ELSE ${FRACTIONAL} END`,
  text: () => `CASE WHEN written IS NULL THEN ${MISSING} ELSE ${TEXT} END`,
  boolean: () => `CASE WHEN written IS NULL THEN ${MISSING} ELSE ${BOOLEAN} END`,
  csv: (missing) => `CASE
      WHEN written IS NULL OR written IN (${['', ...missing].map(textInSql).join(', ')}) THEN ${MISSING}
      WHEN regexp_like(written, '${INTEGER}') THEN ${INTEGRAL}
      WHEN regexp_like(written, '${NUMBER}') OR regexp_like(written, '${INFINITE}') THEN ${FRACTIONAL}
      WHEN written IN ('true', 'True', 'TRUE', 'false', 'False', 'FALSE') THEN ${BOOLEAN}
      ELSE ${TEXT} END`,
  json: () => `CASE
      WHEN written IS NULL OR written = 'null' THEN ${MISSING}
      WHEN written LIKE '"%' THEN ${TEXT}
      WHEN written IN ('true', 'false') THEN ${BOOLEAN}
      ELSE ${FRACTIONAL} END`,
};

const NUMBERS: Record<Form, string> = {
  integral: 'given',
  fractional: 'given',
  text: 'CAST(NULL AS double)',
  boolean: 'CAST(NULL AS double)',
  csv: `CASE WHEN NOT regexp_like(written, '${INFINITE}') THEN CAST(written AS double)
      WHEN written LIKE '-%' THEN -infinity() ELSE infinity() END`,
  // What is nested is no number, and fails here.
  json: 'CAST(written AS double)',
};

const WORDS: Record<Form, string> = {
  integral: 'CAST(NULL AS varchar)',
  fractional: 'CAST(NULL AS varchar)',
  text: 'written',
  boolean: 'written',
  csv: `CASE kind WHEN ${BOOLEAN} THEN lower(written) ELSE written END`,
  json: `CASE kind WHEN ${TEXT} THEN json_extract_scalar(written, '$') ELSE written END`,
};

/**
 * What is made of each cell, step by step: its kind, its number or word, the histogram's key and the distinct counter's hashes.
 * @param missing what means "no value" in texts of CSV
 */
export function typedSteps(columns: readonly SqlColumn[], missing = MISSING_WORDS): Step[] {
  const forms = [...new Set(columns.map(({ form }) => form))];
  const byForm = (of: (form: Form) => string, otherwise = ''): string =>
    `CASE form ${forms.map((form) => `WHEN ${textInSql(form)} THEN ${of(form)}`).join('\n    ')}${otherwise} END`;
  return [
    { kind: byForm((form) => KINDS[form](missing)) },
    {
      number: `CASE WHEN kind IN (${INTEGRAL}, ${FRACTIONAL}) THEN ${byForm((form) => NUMBERS[form])} END`,
      word: `CASE WHEN kind IN (${TEXT}, ${BOOLEAN}) THEN ${byForm((form) => WORDS[form])} END`,
    },
    {
      exact_kind: `CASE
      WHEN form = 'json' AND kind = ${FRACTIONAL} AND is_finite(number) AND floor(number) = number
        THEN CASE WHEN abs(number) > 9007199254740991e0 THEN ${ROUNDED} ELSE ${INTEGRAL} END
      WHEN kind = ${INTEGRAL} AND abs(number) > CASE form WHEN 'csv' THEN 9007199254740991e0 ELSE 9007199254740992e0 END
        THEN ${ROUNDED}
      ELSE kind END`,
      infinite: `CASE WHEN number = infinity() THEN 1 WHEN number = -infinity() THEN -1 ELSE 0 END`,
      bits: `CASE WHEN is_finite(number)
      THEN from_big_endian_64(to_ieee754_64(CASE WHEN number = 0e0 THEN 0e0 ELSE number END)) END`,
    },
    { prefix: 'bitwise_and(bits, mask)' },
    { base: 'from_ieee754_64(to_big_endian_64(prefix))' },
    ...hashOfBits,
    { register: 'first_hash / 1048576' },
  ];
}
