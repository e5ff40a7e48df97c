import type { Instant } from '../../kernel/world.ts';
import { DEFINED, MACRO_SCHEMA, RENAMED, SAME } from './functions.ts';
import { notBuiltHere, syntaxError } from './query-error.ts';
import {
  isGroup,
  isSymbol,
  isWord,
  nameOf,
  quoteString,
  splitByComma,
  type Group,
  type Node,
} from './tokens.ts';
import { duckDbType } from './types.ts';

/**
 * A SELECT in Trino's SQL, as DuckDB understands it. Only what the two write differently is touched; what Athena has and this has not is
 * refused by its name, and so is what only DuckDB has.
 * @param now what current_timestamp and its kin mean
 * @throws QueryError
 */
export function toDuckDb(nodes: readonly Node[], now: Instant): string {
  return render(withNamedColumns(nodes), { now });
}

type Context = { now: Instant };

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

function render(nodes: readonly Node[], context: Context): string {
  const out: string[] = [];
  for (let at = 0; at < nodes.length;) {
    const taken = special(nodes, at, context) ?? { sql: plain(nodes[at]!, context), next: at + 1 };
    out.push(taken.sql);
    at = taken.next;
  }
  return out.join(' ');
}

function plain(node: Node, context: Context): string {
  if (node.kind === 'group') {
    const inner = render(node.nodes, context);
    return node.open === '(' ? `(${inner})` : `[${inner}]`;
  }
  if (isWord(node, 'CURRENT_TIMESTAMP', 'CURRENT_DATE', 'LOCALTIMESTAMP')) return moment(node.text, context);
  if (isWord(node) && NOT_TRINO.has(node.text.toUpperCase())) throw syntaxError(`unexpected ${node.text}`);
  if (node.kind === 'symbol' && '::{}:=>'.includes(node.text) && !['=', '>'].includes(node.text)) {
    throw syntaxError(`unexpected ${node.text}`);
  }
  if (node.kind === 'quoted' && node.text.startsWith('`'))
    throw syntaxError('backquoted identifiers are not supported; use double quotes');
  return node.text;
}

type Taken = { sql: string; next: number };

/** What begins at a place and is written otherwise in DuckDB. */
function special(nodes: readonly Node[], at: number, context: Context): Taken | undefined {
  const node = nodes[at]!;
  const group = nodes[at + 1];
  if (!isWord(node) || !isGroup(group)) return undefined;
  const name = node.text.toLowerCase();
  if (name === 'unnest') return unnest(nodes, at, context);
  if (name === 'tablesample' || isWord(nodes[at - 1], 'TABLESAMPLE')) throw notBuiltHere('TABLESAMPLE');
  if (!isCall(nodes, at)) return undefined;
  return { sql: call(name, group, context), next: at + 2 };
}

function isCall(nodes: readonly Node[], at: number): boolean {
  const word = nodes[at]!;
  const before = nodes[at - 1];
  if (isWord(word) && NOT_CALLED.has(word.text.toUpperCase())) return false;
  // `WITH name (columns) AS (…)`
  if (isWord(nodes[at + 2], 'AS') && isGroup(nodes[at + 3])) return false;
  if (
    before === undefined ||
    before.kind === 'symbol' ||
    before.kind === 'number' ||
    before.kind === 'string'
  )
    return true;
  // `table AS t (columns)`, `table t (columns)`, `(…) t (columns)`
  return isWord(before) && !isWord(before, 'AS') && KEYWORDS_BEFORE_CALL.has(before.text.toUpperCase());
}

const KEYWORDS_BEFORE_CALL = new Set(
  'ALL AND BETWEEN BY CASE DISTINCT ELSE HAVING IN LIKE LIMIT NOT ON OR SELECT THEN WHEN WHERE ESCAPE'.split(
    ' ',
  ),
);

function call(name: string, group: Group, context: Context): string {
  if (name === 'cast' || name === 'try_cast') return cast(name, group.nodes, context);
  if (name === 'extract' || name === 'position') return `${name}(${render(group.nodes, context)})`;
  if (name === 'now') return moment('CURRENT_TIMESTAMP', context);
  const parts = splitByComma(group.nodes);
  const args = parts.map((part) => argument(part, context));
  const rewritten = REWRITTEN[name]?.(args);
  if (rewritten !== undefined) return rewritten;
  if (parts.some(isLambda)) throw notBuiltHere(`${name} with a function`);
  if (SAME.has(name)) return `${name}(${args.join(', ')})`;
  const renamed = RENAMED[name];
  if (renamed !== undefined) return `${renamed}(${args.join(', ')})`;
  if (DEFINED.has(name)) return `${MACRO_SCHEMA}.${name}(${args.join(', ')})`;
  throw notBuiltHere(`the function ${name}`);
}

/** Calls that are no calls in DuckDB, or take functions. */
const REWRITTEN: Readonly<Record<string, (args: readonly string[]) => string | undefined>> = {
  // Fields without names have those that Trino shows them with.
  row: (args) => `struct_pack(${args.map((arg, i) => `field${i} := ${arg}`).join(', ')})`,
  if: ([condition, then, otherwise = 'NULL']) => `CASE WHEN ${condition} THEN ${then} ELSE ${otherwise} END`,
  // DuckDB's leave nulls out, Trino's are null with them.
  concat: (args) => `(${args.join(' || ')})`,
  greatest: (args) => unlessNull('greatest', args),
  least: (args) => unlessNull('least', args),
  date_format: ([time, format]) => `strftime(${time}, ${timeFormat(format)})`,
  date_parse: ([text, format]) => `strptime(${text}, ${timeFormat(format)})`,
  transform: ([list, change]) => `list_transform(${list}, ${change})`,
  filter: ([list, wanted]) => `list_filter(${list}, ${wanted})`,
  reduce: ([list, initial, step, end]) =>
    `list_transform([list_reduce(${list}, ${step}, ${initial})], ${end})[1]`,
};

/** MySQL's letters for parts of a time, where strftime's are others. */
const TIME_LETTERS: Readonly<Record<string, string>> = {
  M: 'B',
  i: 'M',
  s: 'S',
  T: 'H:%M:%S',
  W: 'A',
  h: 'I',
  k: '-H',
  e: '-d',
  c: '-m',
  r: 'I:%M:%S %p',
};

/** DuckDB takes only formats that are written out. */
function timeFormat(format = ''): string {
  return format.replaceAll(/%([A-Za-z])/g, (whole, letter: string) =>
    TIME_LETTERS[letter] ? `%${TIME_LETTERS[letter]}` : whole,
  );
}

function unlessNull(name: string, args: readonly string[]): string {
  const missing = args.map((arg) => `(${arg}) IS NULL`).join(' OR ');
  return `CASE WHEN ${missing} THEN NULL ELSE ${name}(${args.join(', ')}) END`;
}

function isLambda(nodes: readonly Node[]): boolean {
  return isSymbol(nodes[1], '->') && (isWord(nodes[0]) || isGroup(nodes[0]));
}

function argument(nodes: readonly Node[], context: Context): string {
  if (!isLambda(nodes)) return render(nodes, context);
  const [head] = nodes;
  const parameters = isGroup(head) ? splitByComma(head.nodes).map((part) => nameOf(part[0])) : [nameOf(head)];
  return `lambda ${parameters.join(', ')}: ${render(nodes.slice(2), context)}`;
}

function cast(name: string, nodes: readonly Node[], context: Context): string {
  const as = nodes.findLastIndex((node) => isWord(node, 'AS'));
  if (as < 1) throw syntaxError(`${name} needs an expression AS a type`);
  const [head, items] = nodes;
  const isRow = as === 2 && isWord(head, 'ROW') && isGroup(items);
  // A row that is cast gets its names there, by place.
  const value = isRow ? `row${plain(items, context)}` : render(nodes.slice(0, as), context);
  const type = nodes.slice(as + 1);
  const to = nameOf(type[0]);
  // A text that is cast to JSON becomes a JSON string; DuckDB would parse it.
  if (to === 'json') return `to_json(${value})`;
  if (to === 'varchar') {
    const length = isGroup(type[1]) ? render(type[1].nodes, context) : undefined;
    const text = `${MACRO_SCHEMA}.to_varchar(${value})`;
    return length === undefined ? text : `left(${text}, ${length})`;
  }
  return `${name.toUpperCase()}(${value} AS ${duckDbType(type)})`;
}

/** `UNNEST(arrays) [WITH ORDINALITY] [[AS] t [(columns)]]`: arrays side by side, a row's fields as columns. */
function unnest(nodes: readonly Node[], at: number, context: Context): Taken {
  const arrays = splitByComma((nodes[at + 1] as Group).nodes).map((part) => render(part, context));
  let next = at + 2;
  const isNumbered = isWord(nodes[next], 'WITH') && isWord(nodes[next + 1], 'ORDINALITY');
  if (isNumbered) next += 2;
  if (isWord(nodes[next], 'AS')) next++;
  const alias = isAlias(nodes[next]) ? plain(nodes[next++]!, context) : undefined;
  const columns =
    alias !== undefined && isGroup(nodes[next]) ? splitByComma((nodes[next++] as Group).nodes).length : 0;
  const named = `${alias ?? 'unnested'}${columns > 0 ? plain(nodes[next - 1]!, context) : ''}`;
  const isRow = arrays.length === 1 && columns - (isNumbered ? 1 : 0) > 1;
  const values = isRow ? [`unnest(item)`] : arrays.map((array) => `unnest(${array})`);
  if (isNumbered) values.push(isRow ? 'number' : numbers(arrays));
  const from = isRow
    ? ` FROM (SELECT unnest(${arrays[0]}) AS item${isNumbered ? `, ${numbers(arrays)} AS number` : ''})`
    : '';
  return { sql: `LATERAL (SELECT ${values.join(', ')}${from}) AS ${named}`, next };
}

function numbers(arrays: readonly string[]): string {
  return `unnest(range(1, greatest(${arrays.map((array) => `coalesce(len(${array}), 0)`).join(', ')}) + 1))`;
}

function isAlias(node: Node | undefined): boolean {
  return node?.kind === 'quoted' || (isWord(node) && !AFTER_TABLE.has(node.text.toUpperCase()));
}

const AFTER_TABLE = new Set(
  'CROSS JOIN INNER LEFT RIGHT FULL NATURAL ON USING WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH UNION EXCEPT INTERSECT WINDOW'.split(
    ' ',
  ),
);

function moment(word: string, { now }: Context): string {
  const text = new Date(now).toISOString().replace('T', ' ').replace('Z', '');
  if (word.toUpperCase() === 'CURRENT_DATE') return `DATE ${quoteString(text.slice(0, 10))}`;
  if (word.toUpperCase() === 'LOCALTIMESTAMP') return `TIMESTAMP ${quoteString(text)}`;
  return `TIMESTAMPTZ ${quoteString(`${text}+00`)}`;
}

/** Columns of the result that have no name are called _col0, _col1, …, by their place. */
function withNamedColumns(nodes: readonly Node[]): Node[] {
  const select = nodes.findIndex((node) => isWord(node, 'SELECT'));
  if (select < 0) return [...nodes];
  const first = isWord(nodes[select + 1], 'DISTINCT', 'ALL') ? select + 2 : select + 1;
  const length = nodes
    .slice(first)
    .findIndex((node) => isWord(node) && AFTER_COLUMNS.has(node.text.toUpperCase()));
  const end = length < 0 ? nodes.length : first + length;
  const columns = splitByComma(nodes.slice(first, end)).flatMap((column, i): Node[] => [
    ...(i > 0 ? [{ kind: 'symbol' as const, text: ',' }] : []),
    ...column,
    ...(hasName(column)
      ? []
      : [
          { kind: 'word' as const, text: 'AS' },
          { kind: 'quoted' as const, text: `"_col${i}"` },
        ]),
  ]);
  return [...nodes.slice(0, first), ...columns, ...nodes.slice(end)];
}

const AFTER_COLUMNS = new Set(
  'FROM WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT INTERSECT FETCH WINDOW'.split(' '),
);

function hasName(column: readonly Node[]): boolean {
  const last = column.at(-1);
  const before = column.at(-2);
  if (isSymbol(last, '*') || column.length === 0) return true;
  if (last?.kind !== 'quoted' && !isWord(last)) return false;
  if (before === undefined)
    return !isWord(last, 'NULL', 'TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIMESTAMP', 'LOCALTIMESTAMP');
  if (isSymbol(before, '.') || isWord(before, 'AS')) return true;
  // `expression alias`, but not `CASE … END` or `x IS NULL`.
  return (
    before.kind !== 'symbol' &&
    !isWord(last, 'END', 'NULL', 'TRUE', 'FALSE') &&
    !isWord(before, 'NOT', 'AND', 'OR', 'IS', 'LIKE', 'IN', 'DATE')
  );
}
