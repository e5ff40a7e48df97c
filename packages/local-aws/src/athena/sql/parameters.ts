import { syntaxError } from './query-error.ts';
import { isSymbol, readSql, type Node } from './tokens.ts';

/** Question marks in the order of their parameters, each a literal as SQL writes it. */
export function bound(nodes: readonly Node[], parameters: readonly string[]): Node[] {
  const left = [...parameters];
  const within = (list: readonly Node[]): Node[] =>
    list.flatMap((node): Node[] => {
      if (node.kind === 'group') return [{ ...node, nodes: within(node.nodes) }];
      if (!isSymbol(node, '?')) return [node];
      const value = left.shift();
      if (value === undefined) throw syntaxError('there are more question marks than parameters');
      return [{ kind: 'group', open: '(', nodes: readSql(value) }];
    });
  const made = within(nodes);
  if (left.length > 0)
    throw syntaxError(
      `Incorrect number of parameters: expected ${parameters.length - left.length} but found ${parameters.length}`,
    );
  return made;
}
