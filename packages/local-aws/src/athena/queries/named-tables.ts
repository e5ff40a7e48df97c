import type { World } from '../../kernel/world.ts';
import { tableKey, tables, type TableRecord } from '../../glue/records.ts';
import { isSymbol, isWord, nameOf, type Node } from '../sql/tokens.ts';

/** What a query says of the tables it reads. */
export type Named = {
  tables: TableRecord[];
  /** In lower case; more than the columns, never fewer. */
  identifiers: ReadonlySet<string>;
  /** Whether it asks for all columns somewhere. */
  all: boolean;
};

/** The catalog's tables that a query may read: those named where tables are named. A name that is a common table's too does no harm. */
export function namedIn(world: World, nodes: readonly Node[], database: string): Named {
  const found = new Map<string, TableRecord>();
  const identifiers = new Set<string>();
  let all = false;
  const look = (list: readonly Node[], isCount: boolean): void => {
    list.forEach((node, at) => {
      const before = list[at - 1];
      if (node.kind === 'group') return look(node.nodes, isWord(before, 'COUNT'));
      if (isSymbol(node, '*') && !isCount && startsItem(before)) all = true;
      const name = nameOf(node)?.toLowerCase();
      if (name === undefined) return;
      identifiers.add(name);
      const owner = isSymbol(before, '.') ? (nameOf(list[at - 2])?.toLowerCase() ?? '') : database;
      if (!isSymbol(before, '.') && !isSymbol(before, ',') && !isWord(before, 'FROM', 'JOIN')) return;
      const table = tables(world).get(tableKey(owner, name));
      if (table) found.set(tableKey(owner, name), table);
    });
  };
  look(nodes, false);
  return { tables: [...found.values()], identifiers, all };
}

function startsItem(before: Node | undefined): boolean {
  return (
    before === undefined ||
    isSymbol(before, ',') ||
    isSymbol(before, '.') ||
    isWord(before, 'SELECT', 'DISTINCT', 'ALL')
  );
}
