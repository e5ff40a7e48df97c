/*
 * Trino's functions, as DuckDB has them. Only what stands here can be called: a function that DuckDB has and Athena has not must not
 * seem to work, and one that both name and each means differently must not answer.
 */

/** The same by name and meaning in both. */
export const SAME = new Set(
  `abs acos asin atan atan2 cbrt ceil ceiling cos degrees exp floor ln log10 log2 mod pi pow power radians round sign sin sqrt tan
   coalesce nullif concat_ws lower upper substr substring lpad rpad ltrim rtrim replace reverse starts_with strpos translate chr url_encode url_decode
   from_base64 to_base64 regexp_extract_all
   count sum avg min max min_by max_by bool_and bool_or any_value stddev stddev_pop stddev_samp variance var_pop var_samp corr
   covar_pop covar_samp regr_slope regr_intercept count_if histogram
   row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
   flatten map map_keys map_values map_entries map_from_entries map_concat
   date_trunc year month day hour minute second quarter
   uuid random try grouping`.split(/\s+/),
);

/** The same under another name. */
export const RENAMED: Readonly<Record<string, string>> = {
  every: 'bool_and',
  arbitrary: 'any_value',
  array_agg: 'list',
  approx_distinct: 'approx_count_distinct',
  approx_percentile: 'approx_quantile',
  bitwise_and_agg: 'bit_and',
  bitwise_or_agg: 'bit_or',
  truncate: 'trunc',
  rand: 'random',
  is_nan: 'isnan',
  is_infinite: 'isinf',
  is_finite: 'isfinite',
  codepoint: 'unicode',
  levenshtein_distance: 'levenshtein',
  hamming_distance: 'hamming',
  to_hex: 'hex',
  from_hex: 'unhex',
  to_utf8: 'encode',
  from_utf8: 'decode',
  array_join: 'array_to_string',
  array_max: 'list_max',
  array_min: 'list_min',
  contains: 'list_contains',
  zip: 'list_zip',
  day_of_year: 'dayofyear',
  doy: 'dayofyear',
  week: 'weekofyear',
  week_of_year: 'weekofyear',
  day_of_week: 'isodow',
  dow: 'isodow',
  split: 'string_split',
  regexp_split: 'string_split_regex',
};

/** Made of DuckDB's own, in a schema of ours: `name(parameters) → expression`, several of a name by how many parameters they have. */
const DEFINITIONS: readonly [signature: string, body: string][] = [
  [
    'length(x)',
    `CASE typeof(x) WHEN 'BLOB' THEN octet_length(CAST(x AS BLOB)) ELSE length(CAST(x AS VARCHAR)) END`,
  ],
  ['cardinality(x)', `len(x)`],
  ['trim(x)', `regexp_replace(x, '^\\s+|\\s+$', '', 'g')`],
  ['split_part(s, d, i)', `list_extract(string_split(s, d), i)`],
  ['infinity()', `CAST('Infinity' AS DOUBLE)`],
  ['nan()', `CAST('NaN' AS DOUBLE)`],
  ['e()', `exp(1.0)`],
  ['md5(b)', `unhex(md5(b))`],
  ['sha1(b)', `unhex(sha1(b))`],
  ['sha256(b)', `unhex(sha256(b))`],
  ['to_base(n, r)', `lower(to_base(n, r))`],
  [
    'from_base(s, r)',
    `list_reduce(list_transform(regexp_extract_all(lower(s), '.'),
      lambda d: CAST(strpos('0123456789abcdefghijklmnopqrstuvwxyz', d) - 1 AS BIGINT)), lambda n, d: n * r + d, CAST(0 AS BIGINT))`,
  ],
  ['to_ieee754_64(x)', `CAST(CAST(CAST(x AS DOUBLE) AS BIT) AS BLOB)`],
  ['from_ieee754_64(b)', `CAST(CAST(b AS BIT) AS DOUBLE)`],
  ['to_ieee754_32(x)', `CAST(CAST(CAST(x AS FLOAT) AS BIT) AS BLOB)`],
  ['from_ieee754_32(b)', `CAST(CAST(b AS BIT) AS FLOAT)`],
  ['to_big_endian_64(x)', `CAST(CAST(CAST(x AS BIGINT) AS BIT) AS BLOB)`],
  ['from_big_endian_64(b)', `CAST(CAST(b AS BIT) AS BIGINT)`],
  ['to_big_endian_32(x)', `CAST(CAST(CAST(x AS INTEGER) AS BIT) AS BLOB)`],
  ['from_big_endian_32(b)', `CAST(CAST(b AS BIT) AS INTEGER)`],
  ['bitwise_and(x, y)', `CAST(x AS BIGINT) & CAST(y AS BIGINT)`],
  ['bitwise_or(x, y)', `CAST(x AS BIGINT) | CAST(y AS BIGINT)`],
  ['bitwise_xor(x, y)', `xor(CAST(x AS BIGINT), CAST(y AS BIGINT))`],
  ['bitwise_not(x)', `~CAST(x AS BIGINT)`],
  ['bitwise_right_shift_arithmetic(x, s)', `CAST(x AS BIGINT) >> least(s, 63)`],
  [
    'bitwise_right_shift(x, s)',
    `CASE WHEN s >= 64 THEN CAST(0 AS BIGINT) WHEN x >= 0 OR s = 0 THEN CAST(x AS BIGINT) >> s
      ELSE CAST((CAST(x AS HUGEINT) + 18446744073709551616) >> s AS BIGINT) END`,
  ],
  ['sequence(a, b)', `CASE WHEN a <= b THEN generate_series(a, b, 1) ELSE generate_series(a, b, -1) END`],
  ['sequence(a, b, s)', `generate_series(a, b, s)`],
  ['element_at(x, k)', `x[k]`],
  ['array_distinct(a)', `list_distinct(a)`],
  ['array_sort(a)', `list_sort(a, 'ASC', 'NULLS LAST')`],
  ['array_position(a, x)', `coalesce(list_position(a, x), 0)`],
  ['slice(a, f, n)', `list_slice(a, f, f + n - 1)`],
  ['repeat(x, n)', `list_transform(range(n), lambda i: x)`],
  ['map_agg(k, v)', `map_from_entries(list(row(k, v)) FILTER (WHERE k IS NOT NULL))`],
  ['regexp_like(s, p)', `regexp_matches(s, p)`],
  ['regexp_extract(s, p)', `CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END`],
  ['regexp_extract(s, p, g)', `CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END`],
  ['regexp_replace(s, p)', `regexp_replace(s, p, '', 'g')`],
  // Trino's groups are $1, RE2's are \1.
  ['regexp_replace(s, p, r)', `regexp_replace(s, p, regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')`],
  ['date(x)', `CAST(x AS DATE)`],
  ['date_diff(u, a, b)', `date_sub(u, a, b)`],
  ['date_add(u, n, t)', `t + CAST(n || ' ' || u AS INTERVAL)`],
  ['from_unixtime(s)', `timezone('UTC', to_timestamp(s))`],
  ['to_unixtime(t)', `epoch(t)`],
  ['from_iso8601_date(s)', `CAST(s AS DATE)`],
  ['from_iso8601_timestamp(s)', `CAST(s AS TIMESTAMP WITH TIME ZONE)`],
  ['json_parse(s)', `json(s)`],
  ['json_format(j)', `CAST(CAST(j AS JSON) AS VARCHAR)`],
  ['json_extract(j, p)', `json_extract(j, ${jsonPath('p')})`],
  [
    'json_extract_scalar(j, p)',
    `CASE WHEN json_type(j, ${jsonPath('p')}) NOT IN ('ARRAY', 'OBJECT', 'NULL') THEN json_extract_string(j, ${jsonPath('p')}) END`,
  ],
  ['json_array_length(j)', `CASE WHEN json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END`],
  [
    'json_size(j, p)',
    `CASE WHEN json_type(j, ${jsonPath('p')}) = 'ARRAY' THEN CAST(json_array_length(j, ${jsonPath('p')}) AS BIGINT)
      WHEN json_type(j, ${jsonPath('p')}) = 'OBJECT' THEN len(json_keys(j, ${jsonPath('p')}))
      WHEN json_type(j, ${jsonPath('p')}) IS NOT NULL THEN 0 END`,
  ],
  ['is_json_scalar(j)', `json_type(j) NOT IN ('ARRAY', 'OBJECT')`],
  // What CAST(… AS varchar) means: of JSON, the value; of all else, its text.
  [
    'to_varchar(x)',
    `CASE typeof(x) WHEN 'JSON' THEN json_extract_string(to_json(x), '$') ELSE CAST(x AS VARCHAR) END`,
  ],
];

/** `$["a b"]`, as Trino writes a member with any name, is `$."a b"`. */
function jsonPath(path: string): string {
  return `regexp_replace(${path}, '\\["([^"]*)"\\]', '."\\1"', 'g')`;
}

/** Where the definitions live, out of the way of any database of the user's. */
export const MACRO_SCHEMA = 'memory.trino';

const byName = Map.groupBy(DEFINITIONS, ([signature]) => signature.slice(0, signature.indexOf('(')));

export const DEFINED: ReadonlySet<string> = new Set(byName.keys());

/** The statements that make the definitions. */
export const macros: readonly string[] = [
  `CREATE SCHEMA ${MACRO_SCHEMA}`,
  ...[...byName].map(([name, definitions]) => {
    const overloads = definitions.map(([signature, body]) => `${signature.slice(name.length)} AS (${body})`);
    return `CREATE MACRO ${MACRO_SCHEMA}.${name} ${overloads.join(', ')}`;
  }),
];
