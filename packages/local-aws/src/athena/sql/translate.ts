import type { Instant } from '../../kernel/world.ts';
import { call } from './calls.ts';
import { notBuiltHere, syntaxError } from './query-error.ts';
import { withNamedColumns } from './result-columns.ts';
import { isGroup, isWord, quoteString, splitByComma, type Node } from './tokens.ts';
import { unnest } from './unnest.ts';

/**
 * A SELECT in Trino's SQL, as DuckDB understands it. Only what the two write differently is touched; what Athena has and this has not is
 * refused by its name, and so is what only DuckDB has.
 * @param now what current_timestamp and its kin mean
 * @throws QueryError
 */
export function toDuckDb(nodes: readonly Node[], now: Instant): string {
  return render(withNamedColumns(nodes), now);
}

/** Words that may stand before a parenthesis and call nothing. */
const NOT_CALLED = new Set(
  `ALL AND ANY AS BETWEEN BY CASE CUBE DISTINCT ELSE EXCEPT EXISTS FILTER FROM HAVING IN INTERSECT IS JOIN LATERAL LIKE LIMIT NOT OFFSET ON OR
   ORDER OVER PARTITION RECURSIVE ROLLUP SELECT SETS SOME THEN UNION USING VALUES WHEN WHERE WITH WITHIN GROUP ESCAPE END NULL`.split(
    /\s+/,
  ),
);

/** Written by DuckDB alone. */
const NOT_TRINO = new Set([
  'QUALIFY',
  'PIVOT',
  'UNPIVOT',
  'POSITIONAL',
  'ASOF',
  'ANTI',
  'SEMI',
  'SUMMARIZE',
  'PRAGMA',
]);

function render(nodes: readonly Node[], now: Instant): string {
  const out: string[] = [];
  for (let at = 0; at < nodes.length;) {
    const taken = special(nodes, at, now) ?? { sql: plain(nodes[at]!, now), next: at + 1 };
    out.push(taken.sql);
    at = taken.next;
  }
  return out.join(' ');
}

function plain(node: Node, now: Instant): string {
  if (node.kind === 'group') {
    const inner = render(node.nodes, now);
    return node.open === '(' ? `(${inner})` : `[${inner}]`;
  }
  if (isWord(node, 'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'LOCALTIMESTAMP')) return moment(node.text, now);
  if (isWord(node) && NOT_TRINO.has(node.text.toUpperCase())) throw syntaxError(`unexpected ${node.text}`);
  if (node.kind === 'symbol' && '::{}:=>'.includes(node.text) && !['=', '>'].includes(node.text)) {
    throw syntaxError(`unexpected ${node.text}`);
  }
  if (node.kind === 'quoted' && node.text.startsWith('`'))
    throw syntaxError('backquoted identifiers are not supported; use double quotes');
  return node.text;
}

/** What was made of some nodes, and which is the next after them. */
export type Taken = { sql: string; next: number };

/** What begins at a place and is written otherwise in DuckDB. */
function special(nodes: readonly Node[], at: number, now: Instant): Taken | undefined {
  const node = nodes[at]!;
  const group = nodes[at + 1];
  if (isWord(node, 'VALUES')) return values(nodes, at, now);
  if (!isWord(node) || !isGroup(group)) return undefined;
  const name = node.text.toLowerCase();
  const inner = (part: readonly Node[]): string => render(part, now);
  if (name === 'unnest') return unnest(nodes, at, inner);
  if (name === 'tablesample' || isWord(nodes[at - 1], 'TABLESAMPLE')) throw notBuiltHere('TABLESAMPLE');
  if (!isCall(nodes, at)) return undefined;
  const sql = name === 'now' ? moment('CURRENT_TIMESTAMP', now) : call(name, group, inner);
  return { sql, next: at + 2 };
}

/** `VALUES 1, 2`: of one column, rows need no parentheses in Trino. */
function values(nodes: readonly Node[], at: number, now: Instant): Taken {
  const length = nodes
    .slice(at)
    .findIndex((node) => isWord(node, 'ORDER', 'LIMIT', 'OFFSET', 'UNION', 'EXCEPT', 'INTERSECT'));
  const next = length < 0 ? nodes.length : at + length;
  const rows = splitByComma(nodes.slice(at + 1, next)).map((row) => {
    const sql = render(row, now);
    return row.length === 1 && isGroup(row[0]) ? sql : `(${sql})`;
  });
  return { sql: `VALUES ${rows.join(', ')}`, next };
}

function isCall(nodes: readonly Node[], at: number): boolean {
  const word = nodes[at]!;
  const before = nodes[at - 1];
  if (isWord(word) && NOT_CALLED.has(word.text.toUpperCase())) return false;
  // `WITH name (columns) AS (…)`
  if (isWord(nodes[at + 2], 'AS') && isGroup(nodes[at + 3])) return false;
  if (before === undefined || before.kind === 'symbol' || before.kind === 'number') return true;
  // `table AS t (columns)`, `table t (columns)`, `(…) t (columns)`
  return isWord(before) && !isWord(before, 'AS') && KEYWORDS_BEFORE_CALL.has(before.text.toUpperCase());
}

const KEYWORDS_BEFORE_CALL = new Set(
  'ALL AND BETWEEN BY CASE DISTINCT ELSE FROM HAVING IN JOIN LIKE LIMIT NOT ON OR SELECT THEN WHEN WHERE ESCAPE'.split(
    ' ',
  ),
);

function moment(word: string, now: Instant): string {
  const text = new Date(now).toISOString().replace('T', ' ').replace('Z', '');
  if (word.toUpperCase() === 'CURRENT_DATE') return `DATE ${quoteString(text.slice(0, 10))}`;
  if (word.toUpperCase() === 'LOCALTIMESTAMP') return `TIMESTAMP ${quoteString(text)}`;
  return `TIMESTAMPTZ ${quoteString(`${text}+00`)}`;
}
