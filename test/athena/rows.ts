/** The columns of ROWS, as Trino names their types. */
export const TYPES: Record<string, string> = {
  normal: 'double',
  since_1970: 'double',
  small: 'integer',
  many_integers: 'bigint',
  beyond_doubles: 'bigint',
  few_words: 'varchar',
  a_word_a_row: 'varchar',
  yes: 'boolean',
  special: 'double',
  magnitudes: 'double',
  single: 'real',
  money: 'decimal(12,2)',
  at: 'timestamp',
  day: 'date',
  nothing: 'double',
};

/** 10,000 rows in which each kind of column has what is hard about it; the same numbers in every run. */
export const ROWS = `(SELECT
    CASE WHEN mod(i, 17) = 0 THEN NULL ELSE sqrt(-2e0 * ln(u)) * cos(6.283185307179586e0 * v) END AS normal,
    1.7e9 + 86400e0 * u AS since_1970,
    CAST(mod(i, 100) AS integer) AS small,
    mod(i * 7919, 20011) AS many_integers,
    BIGINT '9007199254740993' * mod(i, 3) AS beyond_doubles,
    CASE WHEN mod(i, 9) = 0 THEN NULL ELSE 'wörd ' || CAST(mod(i, 50) AS varchar) END AS few_words,
    CASE WHEN mod(i, 20) = 0 THEN 'often' ELSE 'é' || CAST(i AS varchar) || substr('abcdefgh', 1, mod(i, 8)) END AS a_word_a_row,
    mod(i, 3) = 0 AS yes,
    CASE mod(i, 6) WHEN 0 THEN nan() WHEN 1 THEN infinity() WHEN 2 THEN -infinity() WHEN 3 THEN -0e0 WHEN 4 THEN -5e-324 ELSE round(u, 2) END AS special,
    (u - 0.5e0) * power(1e1, 300e0 * v - 150e0) AS magnitudes,
    CAST(u AS real) AS single,
    CAST(100e0 * u AS decimal(12,2)) AS money,
    TIMESTAMP '2027-06-03 13:00:00.125' + i * INTERVAL '1' SECOND AS at,
    DATE '2027-06-03' AS day,
    CAST(NULL AS double) AS nothing
  FROM (SELECT i, (mod(i * 7919 + 31, 20011) + 0.5e0) / 20011e0 AS u, (mod(i * 104729 + 7, 19997) + 0.5e0) / 19997e0 AS v
    FROM UNNEST(sequence(1, 10000)) AS t (i)) AS random)`;
