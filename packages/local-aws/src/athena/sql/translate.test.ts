import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBench } from '../testing/bench.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  bench = await openBench({ clock: { manual: true, start: new Date('2027-06-03T13:00:00Z') } });
});
afterAll(async () => await bench[Symbol.asyncDispose]());

/** What Trino's documentation says each of these is, as Athena writes it. */
const VALUES: Record<string, [expression: string, value: string | undefined][]> = {
  numbers: [
    ['7 / 2', '3'],
    ['-7 / 2', '-3'],
    ['mod(-5, 3)', '-2'],
    ['7e0 / 2', '3.5'],
    ["BIGINT '9223372036854775807'", '9223372036854775807'],
    ['greatest(1, NULL)', undefined],
    ['least(3, 2)', '2'],
    ['round(2.5e0)', '3.0'],
    ['truncate(-1.9e0)', '-1.0'],
    ["TRY_CAST('x' AS bigint)", undefined],
    ["try(CAST('x' AS bigint))", undefined],
    ['power(2, 52)', '4.503599627370496E15'],
    ['infinity()', 'Infinity'],
    ['-infinity()', '-Infinity'],
    ['nan()', 'NaN'],
    ['is_nan(nan())', 'true'],
    ['is_finite(infinity())', 'false'],
    ['1e-4', '1.0E-4'],
    ['0.001e0', '0.001'],
    ['1.50', '1.50'],
    ['to_base(255, 16)', 'ff'],
    ["from_base('zz', 36)", '1295'],
  ],
  bits: [
    ['bitwise_and(19, 25)', '17'],
    ['bitwise_or(19, 25)', '27'],
    ['bitwise_xor(19, 25)', '10'],
    ['bitwise_not(-12)', '11'],
    ['bitwise_right_shift(8, 3)', '1'],
    ["bitwise_right_shift(BIGINT '-1', 60)", '15'],
    ['bitwise_right_shift(-45, 64)', '0'],
    ['bitwise_right_shift_arithmetic(-45, 64)', '-1'],
    ['from_big_endian_64(to_ieee754_64(1.5e0))', '4609434218613702656'],
    ['from_big_endian_64(to_ieee754_64(-1e0))', '-4616189618054758400'],
    ['from_ieee754_64(to_big_endian_64(4609434218613702656))', '1.5'],
    ['from_big_endian_32(to_big_endian_32(-7))', '-7'],
    ['to_hex(to_ieee754_64(1e0))', '3FF0000000000000'],
  ],
  texts: [
    ["concat('a', NULL, 'b')", undefined],
    ["concat('a', 'b', 'c')", 'abc'],
    ["length('né')", '2'],
    ["length(to_utf8('né'))", '3'],
    ["trim(chr(9) || ' x ' || chr(13))", 'x'],
    ["split_part('a,b', ',', 3)", undefined],
    ["split('a,b', ',')", '[a, b]'],
    ["regexp_like('1a 2b 14m', '\\d+b')", 'true'],
    ["regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", 'a'],
    ["regexp_extract('abc', 'z')", undefined],
    ["regexp_extract_all('1a 2b 14m', '\\d+')", '[1, 2, 14]'],
    ["regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')", '3ca 3cb 14m'],
    ["CAST('abcdef' AS varchar(3))", 'abc'],
    ["from_utf8(from_base64('w6k='))", 'é'],
    ["to_utf8('hi')", '68 69'],
    ["'it''s'", "it's"],
    ["if(1 = 2, 'a')", undefined],
    ["strpos('abc', 'c')", '3'],
    ["levenshtein_distance('a', 'b')", '1'],
  ],
  lists: [
    ['ARRAY[1, NULL, 3]', '[1, null, 3]'],
    ['element_at(ARRAY[1, 2], 5)', undefined],
    ['ARRAY[1, 2][2]', '2'],
    ['cardinality(ARRAY[1, 2])', '2'],
    ['contains(ARRAY[1, 2], 2)', 'true'],
    ['array_position(ARRAY[1, 2], 9)', '0'],
    ['array_sort(ARRAY[3, NULL, 1])', '[1, 3, null]'],
    ["array_join(ARRAY['a', NULL, 'b'], '-')", 'a-b'],
    ['slice(ARRAY[1, 2, 3, 4], 2, 2)', '[2, 3]'],
    ['sequence(3, 1)', '[3, 2, 1]'],
    ['sequence(1, 10, 4)', '[1, 5, 9]'],
    ['transform(ARRAY[5, 6], x -> x + 1)', '[6, 7]'],
    ['filter(ARRAY[5, -6, NULL, 7], x -> x > 0)', '[5, 7]'],
    ['reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s * 2)', '150'],
    ['transform(ARRAY[ARRAY[1, 2], ARRAY[3]], a -> filter(a, x -> x > 1))', '[[2], [3]]'],
    ["map(ARRAY['a', 'b'], ARRAY[1, 2])", '{a=1, b=2}'],
    ["map(ARRAY['a', 'b'], ARRAY[1, 2])['b']", '2'],
    ["ROW(1, 'a')", '{field0=1, field1=a}'],
    ["CAST(ROW(1, 'a') AS ROW(n bigint, w varchar)).w", 'a'],
    ['CAST(ARRAY[1] AS array(varchar))', '[1]'],
  ],
  json: [
    ['json_extract(\'{"a b": [1, 2.50]}\', \'$["a b"]\')', '[1,2.5]'],
    ['json_extract_scalar(\'{"a": {"b": "x"}}\', \'$.a.b\')', 'x'],
    ["json_extract_scalar('{\"a\": [1]}', '$.a')", undefined],
    ["json_array_length('[1, 2, 3]')", '3'],
    ["json_array_length('{}')", undefined],
    ['json_size(\'{"a": 1, "b": 2}\', \'$\')', '2'],
    ["json_size('{\"a\": 1}', '$.z')", undefined],
    ['json_format(CAST(\'say "x"\' AS JSON))', '"say \\"x\\""'],
    ['CAST(json_parse(\'"abc"\') AS varchar)', 'abc'],
    ["json_format(CAST(map(ARRAY['k'], ARRAY[1]) AS JSON))", '{"k":1}'],
    ['transform(CAST(json_parse(\'[1, "a"]\') AS array(json)), x -> json_format(x))', '[1, "a"]'],
    ['map_values(CAST(json_parse(\'{"a": [2]}\') AS map(varchar, json)))', '[[2]]'],
  ],
  times: [
    ['now()', '2027-06-03 13:00:00.000 UTC'],
    ['current_date', '2027-06-03'],
    ["date_diff('hour', TIMESTAMP '2020-01-01 10:59:00', TIMESTAMP '2020-01-01 12:00:00')", '1'],
    ["date_diff('millisecond', TIMESTAMP '1970-01-01 00:00:00', TIMESTAMP '1970-01-01 00:00:01.5')", '1500'],
    ["date_trunc('month', DATE '2020-02-03')", '2020-02-01 00:00:00.000'],
    ["date_format(TIMESTAMP '2020-01-02 03:04:05', '%Y/%m/%d %H:%i:%s')", '2020/01/02 03:04:05'],
    ["date_parse('2020-01-02 03:04', '%Y-%m-%d %H:%i')", '2020-01-02 03:04:00.000'],
    ["day_of_week(DATE '2020-01-05')", '7'],
    ["to_unixtime(TIMESTAMP '1970-01-01 00:00:02')", '2.0'],
    ['from_unixtime(1.5e0)', '1970-01-01 00:00:01.500'],
  ],
};

test.each(Object.entries(VALUES))('%s are what Trino makes of them', async (_, values) => {
  const [row] = await bench.query(`SELECT ${values.map(([expression]) => expression).join(',\n  ')}`);
  expect(values.map(([expression], i) => [expression, row![i]])).toEqual(values);
});

test('arrays become rows side by side, numbered, and rows of fields become columns', async () => {
  expect(
    await bench.query(`SELECT t.k, u.n, u.v, u.i, w.a, w.b
      FROM (VALUES (1, ARRAY['x', 'y'])) AS t (k, words)
      CROSS JOIN UNNEST(ARRAY[10], words) WITH ORDINALITY AS u (n, v, i)
      CROSS JOIN UNNEST(ARRAY[CAST(ROW(k, 'r') AS ROW(a bigint, b varchar))]) AS w (a, b)
      ORDER BY i`),
  ).toEqual([
    ['1', '10', 'x', '1', '1', 'r'],
    ['1', undefined, 'y', '2', '1', 'r'],
  ]);
});

test('groups, windows and common tables are the same SQL', async () => {
  expect(
    await bench.query(`WITH t (a, b) AS (VALUES ('x', 1), ('x', 2), ('y', 5))
      SELECT a, sum(b) AS total, grouping(a) AS g, rank() OVER (ORDER BY sum(b) DESC) AS place,
        array_agg(b ORDER BY b DESC), map_agg(CASE WHEN b < 5 THEN CAST(b AS varchar) END, a), count(*) FILTER (WHERE b > 1)
      FROM t GROUP BY GROUPING SETS ((a), ()) ORDER BY place, a`),
  ).toEqual([
    [undefined, '8', '1', '1', '[5, 2, 1]', '{1=x, 2=x}', '2'],
    ['y', '5', '0', '2', '[5]', undefined, '1'],
    ['x', '3', '0', '3', '[2, 1]', '{1=x, 2=x}', '1'],
  ]);
});

test('values of one column need no parentheses', async () => {
  expect(await bench.query('SELECT sum(x) FROM (VALUES 1, 2 + 3, (4)) AS t (x)')).toEqual([['10']]);
  expect(await bench.query('VALUES (1, 2) LIMIT 1')).toEqual([['1', '2']]);
});

test.each([
  [
    "SELECT read_text('/etc/hostname')",
    'NOT_SUPPORTED: the function read_text is not built in this local Athena; SPEC.md lists what is.',
  ],
  ["SELECT * FROM '/etc/hostname'", 'TABLE_NOT_FOUND: Table with name /etc/hostname does not exist!'],
  ["SELECT * FROM read_csv('/etc/hostname')", 'NOT_SUPPORTED: the function read_csv is not built'],
  [
    'SELECT * FROM (VALUES 1) AS t (x) JOIN duckdb_settings() ON true',
    'NOT_SUPPORTED: the function duckdb_settings is not built',
  ],
  ['SELECT 1::varchar', 'SYNTAX_ERROR: unexpected ::'],
  ["SELECT {'a': 1}", 'SYNTAX_ERROR: unexpected {'],
  ['SELECT (1', 'SYNTAX_ERROR: a parenthesis or bracket is not closed'],
  ['SELECT 1; SELECT 2', 'SYNTAX_ERROR: only one statement can be given'],
  ['SELECT a FROM (VALUES 1) t (a) TABLESAMPLE BERNOULLI (10)', 'NOT_SUPPORTED: TABLESAMPLE is not built'],
  ['SELECT array_sort(ARRAY[1], (x, y) -> 0)', 'NOT_SUPPORTED: array_sort with a function is not built'],
  ["SELECT CAST('x' AS ipaddress)", 'NOT_SUPPORTED: the type ipaddress is not built'],
  [
    'SELECT 9223372036854775807 + 1',
    'NUMERIC_VALUE_OUT_OF_RANGE: Overflow in addition of INT64 (9223372036854775807 + 1)!',
  ],
  ["SELECT CAST('x' AS bigint)", "INVALID_CAST_ARGUMENT: Could not convert string 'x' to INT64"],
  ['SELECT nothing', 'COLUMN_NOT_FOUND: Referenced column "nothing"'],
  ['SELECT * FRM t', 'SYNTAX_ERROR: syntax error at or near "t"'],
])('%s fails by its name', async (sql, reason) => {
  await expect(bench.query(sql)).rejects.toThrow(reason);
});
