import { expect, test } from '@jest/globals';
import { captureRows } from './capture-rows.ts';
import { captureHours, captureTable } from './capture-table.ts';
import { sqlColumn, type Form, type SqlColumn } from './columns.ts';
import { profileOfRows } from './profile-of-rows.ts';
import { profileQuery } from './profile-query.ts';

/** All of them are in Trino's list of functions, and were in the version that Athena's engine 3 began with. */
const TRINO = new Set(
  `abs array_agg array_join bitwise_and bitwise_xor cardinality cast chr coalesce count element_at filter floor from_base from_base64
   from_big_endian_64 from_ieee754_64 from_utf8 grouping infinity is_finite is_nan json_array_length json_extract json_extract_scalar
   json_format json_parse json_size lag least length lower map_agg map_values max min mod power reduce regexp_extract_all regexp_like
   regexp_replace row_number split substr sum to_base to_big_endian_64 to_hex to_ieee754_64 to_utf8 transform trim`.split(
    /\s+/,
  ),
);

/** Words that stand before a parenthesis and are no functions. */
const KEYWORDS = new Set(
  'AND AS FROM IN OVER SETS UNNEST WITH array bigint cell made map pair struct'.split(' '),
);

function functionsIn(sql: string): string[] {
  const code = sql.replaceAll(/'(?:[^']|'')*'/g, "''");
  const called = [...code.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].map(([, name]) => name!);
  return [...new Set(called)].filter((name) => !KEYWORDS.has(name)).map((name) => name.toLowerCase());
}

const FORMS: Form[] = ['integral', 'fractional', 'text', 'boolean', 'csv', 'json'];
const columns: SqlColumn[] = FORMS.map((form) => ({ name: form, form }));

test('only functions of Trino are called', () => {
  const captured = captureRows('captures', ['a', 'b c', 'prediction', 'prediction.1', 'prediction.score']);
  const sql = profileQuery([...columns, ...captured.columns], captured.from);
  expect(functionsIn(sql).filter((name) => !TRINO.has(name))).toEqual([]);
});

test('every relation is used once, so that the table is read once', () => {
  const sql = profileQuery(columns, '"lab"."flights"');
  expect(sql.match(/"lab"\."flights"/g)).toHaveLength(1);
  const used = [...sql.matchAll(/FROM (step\d+)/g)].map(([, name]) => name);
  expect(used).toEqual([...new Set(used)]);
});

test('long lists are made of pieces, because Trino makes no longer ones', () => {
  const many = Array.from({ length: 600 }, (_, i): SqlColumn => ({ name: `c${i}`, form: 'fractional' }));
  const sql = profileQuery(many, 't');
  expect(sql.match(/ARRAY\[/g)!.length).toBeGreaterThan(15);
  expect(sql.length).toBeLessThan(262_144);
});

test('columns by their declared types: times are milliseconds', () => {
  const types = [
    'bigint',
    'double',
    'decimal(10,2)',
    'decimal(10)',
    'varchar(3)',
    'boolean',
    'timestamp',
    'date',
  ];
  expect(
    types.map((type) => [type, sqlColumn('a "b"', type).form, sqlColumn('a "b"', type).expression]),
  ).toEqual([
    ['bigint', 'integral', undefined],
    ['double', 'fractional', undefined],
    ['decimal(10,2)', 'fractional', undefined],
    ['decimal(10)', 'integral', undefined],
    ['varchar(3)', 'text', undefined],
    ['boolean', 'boolean', undefined],
    ['timestamp', 'integral', `date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', "a ""b""")`],
    ['date', 'integral', `date_diff('day', DATE '1970-01-01', "a ""b""") * 86400000`],
  ]);
});

test.each([
  [() => profileQuery([], 't'), 'there are no columns to profile'],
  [() => profileQuery([columns[0]!, columns[0]!], 't'), 'column "integral": is there twice'],
  [
    () =>
      profileQuery(
        Array.from({ length: 3000 }, (_, i) => ({ name: `a long name ${i}`, form: 'csv' as const })),
        't',
      ),
    'a query over 3000 columns is longer than Athena takes; profile fewer at once',
  ],
  [
    () => sqlColumn('tags', 'array<string>'),
    'column "tags": has the type array<string>; only numbers, texts, booleans and times',
  ],
  [() => captureRows('t', ['say "x"']), 'column "say "x"": has a quote or backslash in its name'],
])('bad input %# is named', (make, message) => {
  expect(make).toThrow(message);
});

test('rows of another query are not taken for a profile', () => {
  expect(() => profileOfRows([{ place: '9', item: 'kind' }], columns)).toThrow('no row of a profile');
});

test('no rows are a profile of none, as coarse as what it is to be compared with', () => {
  const made = profileOfRows([], columns.slice(0, 1));
  expect([made.rows, made.columns[0]!.rows, made.columns[0]!.types.integral]).toEqual([0, 0, 0]);
});

test('a table over captures has their hours for partitions', () => {
  expect(captureTable('lab', 'captures', 's3://lab/capture/flights/primary/')).toContain(
    "'storage.location.template' = 's3://lab/capture/flights/primary/${hour}'",
  );
  expect(captureHours(Date.UTC(2027, 5, 3, 12, 59), Date.UTC(2027, 5, 3, 14))).toBe(
    "hour >= '2027/06/03/12' AND hour < '2027/06/03/14'",
  );
});
