import type { Render } from './calls.ts';
import { isGroup, isWord, splitByComma, type Group, type Node } from './tokens.ts';
import type { Taken } from './translate.ts';

/** `UNNEST(arrays) [WITH ORDINALITY] [[AS] t [(columns)]]`: arrays side by side, a row's fields as columns. */
export function unnest(nodes: readonly Node[], at: number, render: Render): Taken {
  const arrays = splitByComma((nodes[at + 1] as Group).nodes).map((part) => render(part));
  let next = at + 2;
  const isNumbered = isWord(nodes[next], 'WITH') && isWord(nodes[next + 1], 'ORDINALITY');
  if (isNumbered) next += 2;
  if (isWord(nodes[next], 'AS')) next++;
  const alias = isAlias(nodes[next]) ? render([nodes[next++]!]) : undefined;
  const columns =
    alias !== undefined && isGroup(nodes[next]) ? splitByComma((nodes[next++] as Group).nodes).length : 0;
  const named = `${alias ?? 'unnested'}${columns > 0 ? render([nodes[next - 1]!]) : ''}`;
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
