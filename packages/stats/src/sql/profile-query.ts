import { CATEGORY_LIMIT, HASH_BUCKETS, TOP_LIMIT } from '../profile/categories.ts';
import { BUCKET_LIMIT, MAX_SHIFT } from '../profile/prefix-histogram.ts';
import type { Profile } from '../profile/profile.ts';
import { UserError } from '../user-error.ts';
import { cellsOf, typedSteps } from './cells.ts';
import type { SqlColumn } from './columns.ts';
import { hashOfBytes, type Step } from './hash.ts';
import { inSteps } from './text.ts';

export type ProfileQueryOptions = {
  /** As profileFiles takes it: numbers are held no finer than there. Far fewer groups are made then. */
  like?: Profile | undefined;
  /** What means "no value" in columns of the form csv, besides an empty field; pandas's list when absent. */
  missing?: readonly string[] | undefined;
};

/** Athena takes no longer statements. */
const LONGEST_QUERY_BYTES = 262_144;

/**
 * One SELECT in Trino's SQL (Athena's engine version 3) whose rows `profileOfRows` makes a profile of: the same that profileFiles makes of
 * the same values. What `from` names is read once, and each relation is used once, since Trino would run it again for each use.
 *
 * All values become rows of (column, value), which are counted by value. Sorted, each differs from the one before at some highest bit;
 * a histogram of the leading bits has one bucket more than there are such differences among them, so the BUCKET_LIMIT-th largest
 * difference says how many bits have to go.
 * @param from what stands after FROM: a table, or a relation in parentheses
 * @throws UserError when there are no columns, one is there twice, or the statement becomes too long
 */
export function profileQuery(
  columns: readonly SqlColumn[],
  from: string,
  { like, missing }: ProfileQueryOptions = {},
): string {
  check(columns);
  const floors = columns.map(
    ({ name }) => like?.columns.find((column) => column.name === name)?.numbers.histogram.shift ?? 0,
  );
  const query = inSteps('step', [
    cellsOf(columns, floors, from),
    ...typedSteps(columns, missing).map(adding),
    COUNTED,
    PARTS,
    ...[...COARSENED, ...hashOfBytes].map(adding),
    ITEMS,
    SUMMED,
    LISTED,
  ]);
  if (Buffer.byteLength(query) > LONGEST_QUERY_BYTES) {
    throw new UserError(
      `a query over ${columns.length} columns is longer than Athena takes; profile fewer at once`,
    );
  }
  return query;
}

function check(columns: readonly SqlColumn[]): void {
  if (columns.length === 0) throw new UserError('there are no columns to profile');
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw new UserError('is there twice', { column: name });
    seen.add(name);
  }
}

/** New columns beside those of the relation before. */
function adding(step: Step): string {
  const added = Object.entries(step).map(([name, expression]) => `${expression} AS ${name}`);
  return `SELECT *, ${added.join(',\n    ')} FROM before`;
}

/** Once by value, and once by kind and by the distinct counter's register: the least hash has the highest rank. */
const COUNTED = `SELECT place, mask, prefix, word, exact_kind, infinite, register, grouping(exact_kind) AS of_values,
    count(*) AS n, min(second_hash) AS least, min(number) AS lowest, max(number) AS highest,
    sum(number - base) AS above, sum((number - base) * (number - base)) AS squares
  FROM before
  GROUP BY GROUPING SETS ((place, mask, prefix, word), (place, mask, exact_kind, infinite, register))`;

const PARTS = `SELECT *, CASE WHEN of_values = 0 THEN 'kind' WHEN prefix IS NOT NULL THEN 'number' ELSE 'word' END AS part
  FROM before WHERE of_values = 0 OR prefix IS NOT NULL OR word IS NOT NULL`;

const COARSENED: readonly Step[] = [
  { difference: 'bitwise_xor(prefix, lag(prefix) OVER (PARTITION BY place, part ORDER BY prefix))' },
  {
    // Only the sign bit makes a difference negative, and there is none larger.
    weight: `CASE part WHEN 'word' THEN n
      WHEN 'number' THEN CASE WHEN difference < 0 THEN 9223372036854775807 ELSE difference END END`,
  },
  { rank_in_part: 'row_number() OVER (PARTITION BY place, part ORDER BY weight DESC NULLS LAST, word)' },
  {
    bound: `max(CASE WHEN part = 'number' AND rank_in_part = ${BUCKET_LIMIT} THEN weight END) OVER (PARTITION BY place, part)`,
    many: `max(rank_in_part) OVER (PARTITION BY place, part)`,
  },
  {
    final_mask: `CASE WHEN bound IS NULL THEN mask
      ELSE least(mask, -CAST(power(2e0, least(${MAX_SHIFT}, length(to_base(bound, 2)))) AS bigint)) END`,
    bytes: `CASE WHEN part = 'word' AND many > ${CATEGORY_LIMIT} THEN to_hex(to_utf8(word)) END`,
  },
  { final_prefix: 'bitwise_and(prefix, final_mask)' },
  { moved: 'from_ieee754_64(to_big_endian_64(prefix)) - from_ieee754_64(to_big_endian_64(final_prefix))' },
];

const ITEMS = `SELECT *, CASE item
      WHEN 'bucket' THEN final_prefix
      WHEN 'kind' THEN exact_kind * 4 + infinite + 1
      WHEN 'share' THEN bitwise_and(first_hash, ${HASH_BUCKETS - 1})
      WHEN 'distinct-numbers' THEN register
      WHEN 'distinct-texts' THEN first_hash / 1048576 END AS code,
    CASE item WHEN 'text' THEN word END AS text,
    CASE part WHEN 'word' THEN second_hash ELSE least END AS least_hash
  FROM before CROSS JOIN UNNEST(CASE part
      WHEN 'number' THEN ARRAY['bucket']
      WHEN 'kind' THEN CASE WHEN register IS NULL THEN ARRAY['kind'] ELSE ARRAY['kind', 'distinct-numbers'] END
      ELSE CASE WHEN many <= ${CATEGORY_LIMIT} THEN ARRAY['text']
        WHEN rank_in_part <= ${TOP_LIMIT + 1} THEN ARRAY['text', 'share', 'distinct-texts'] ELSE ARRAY['share', 'distinct-texts'] END END
    ) AS made (item)`;

const SUMMED = `SELECT place, item, code, text, sum(n) AS n, min(least_hash) AS least_hash, min(final_mask) AS mask,
    min(lowest) AS lowest, max(highest) AS highest,
    sum(above + n * moved) AS above, sum(squares + 2 * moved * above + n * moved * moved) AS squares
  FROM before GROUP BY place, item, code, text`;

const LISTED = `SELECT place, item, min(mask) AS mask, min(lowest) AS lowest, max(highest) AS highest,
    CASE item WHEN 'text' THEN json_format(CAST(map_agg(text, n) AS JSON))
      ELSE array_join(array_agg(CAST(code AS varchar) || ' ' || CASE
        WHEN item LIKE 'distinct%' THEN CAST(least_hash AS varchar)
        WHEN item = 'bucket' THEN CAST(n AS varchar) || ' ' || CAST(above AS varchar) || ' ' || CAST(squares AS varchar)
        ELSE CAST(n AS varchar) END), ',') END AS entries
  FROM before GROUP BY place, item`;
