import { isSymbol, isWord, splitByComma, type Node } from './tokens.ts';

/** Columns of the result that have no name are called _col0, _col1, …, by their place. */
export function withNamedColumns(nodes: readonly Node[]): Node[] {
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
