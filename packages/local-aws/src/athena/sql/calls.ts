import { DEFINED, MACRO_SCHEMA, RENAMED, SAME } from './functions.ts';
import { notBuiltHere, syntaxError } from './query-error.ts';
import { isGroup, isSymbol, isWord, nameOf, splitByComma, type Group, type Node } from './tokens.ts';
import { duckDbType } from './types.ts';

/** Makes SQL of what stands within a call. */
export type Render = (nodes: readonly Node[]) => string;

/** A function's call, as DuckDB has it. @throws QueryError for a function that is not built or not Trino's */
export function call(name: string, group: Group, render: Render): string {
  if (name === 'cast' || name === 'try_cast') return cast(name, group.nodes, render);
  if (name === 'extract' || name === 'position') return `${name}(${render(group.nodes)})`;
  const parts = splitByComma(group.nodes);
  const args = parts.map((part) => argument(part, render));
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

function argument(nodes: readonly Node[], render: Render): string {
  if (!isLambda(nodes)) return render(nodes);
  const [head] = nodes;
  const parameters = isGroup(head) ? splitByComma(head.nodes).map((part) => nameOf(part[0])) : [nameOf(head)];
  return `lambda ${parameters.join(', ')}: ${render(nodes.slice(2))}`;
}

function cast(name: string, nodes: readonly Node[], render: Render): string {
  const as = nodes.findLastIndex((node) => isWord(node, 'AS'));
  if (as < 1) throw syntaxError(`${name} needs an expression AS a type`);
  const [head, items] = nodes;
  const isRow = as === 2 && isWord(head, 'ROW') && isGroup(items);
  // A row that is cast gets its names there, by place.
  const value = isRow ? `row${render([items])}` : render(nodes.slice(0, as));
  const type = nodes.slice(as + 1);
  const to = nameOf(type[0]);
  // A text that is cast to JSON becomes a JSON string; DuckDB would parse it.
  if (to === 'json') return `to_json(${value})`;
  if (to === 'varchar') {
    const length = isGroup(type[1]) ? render(type[1].nodes) : undefined;
    const text = `${MACRO_SCHEMA}.to_varchar(${value})`;
    return length === undefined ? text : `left(${text}, ${length})`;
  }
  return `${name.toUpperCase()}(${value} AS ${duckDbType(type)})`;
}
