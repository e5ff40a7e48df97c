import { syntaxError } from './query-error.ts';

/** A piece of a statement. `text` is as it was written; of `quoted` and `string`, with its quotes. */
export type Token = Word | { kind: 'quoted' | 'string' | 'number' | 'symbol'; text: string };
type Word = { kind: 'word'; text: string };

/** What stands in parentheses or brackets. */
export type Group = { kind: 'group'; open: '(' | '['; nodes: Node[] };

export type Node = Token | Group;

const PATTERN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<string>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<word>[\p{L}_$@][\p{L}\p{N}_$@]*)|(?<symbol>->|=>|<=|>=|<>|!=|\|\||::|[-+*/%=<>().,;?:{}[\]])/uy;

/** A statement as a tree of its parentheses. Comments and white space are gone. @throws QueryError */
export function readSql(sql: string): Node[] {
  const root: Node[] = [];
  const open: { group: Group; parent: Node[] }[] = [];
  let nodes = root;
  for (const token of tokens(sql)) {
    if (token.text === '(' || token.text === '[') {
      const group: Group = { kind: 'group', open: token.text, nodes: [] };
      nodes.push(group);
      open.push({ group, parent: nodes });
      nodes = group.nodes;
    } else if (token.text === ')' || token.text === ']') {
      const last = open.pop();
      if (last?.group.open !== (token.text === ')' ? '(' : '['))
        throw syntaxError(`unexpected ${token.text}`);
      nodes = last.parent;
    } else {
      nodes.push(token);
    }
  }
  if (open.length > 0) throw syntaxError('a parenthesis or bracket is not closed');
  if (isSymbol(root.at(-1), ';')) root.pop();
  if (root.some((node) => isSymbol(node, ';'))) throw syntaxError('only one statement can be given');
  return root;
}

function* tokens(sql: string): Generator<Token> {
  for (PATTERN.lastIndex = 0; PATTERN.lastIndex < sql.length;) {
    const from = PATTERN.lastIndex;
    const match = PATTERN.exec(sql);
    if (match === null) throw syntaxError(`unexpected ${JSON.stringify(sql.slice(from, from + 20))}`);
    const found = Object.entries(match.groups!).find(([, text]) => text !== undefined);
    if (found) yield { kind: found[0] as Token['kind'], text: found[1] };
  }
}

export function isWord(node: Node | undefined): node is Word;
export function isWord(node: Node | undefined, ...words: string[]): boolean;
export function isWord(node: Node | undefined, ...words: string[]): boolean {
  return node?.kind === 'word' && (words.length === 0 || words.includes(node.text.toUpperCase()));
}

export function isSymbol(node: Node | undefined, text: string): boolean {
  return node?.kind === 'symbol' && node.text === text;
}

export function isGroup(node: Node | undefined, open: '(' | '[' = '('): node is Group {
  return node?.kind === 'group' && node.open === open;
}

/** The parts between commas, none for an empty list. */
export function splitByComma(nodes: readonly Node[]): Node[][] {
  if (nodes.length === 0) return [];
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (isSymbol(node, ',')) parts.push([]);
    else parts.at(-1)!.push(node);
  }
  return parts;
}

/** The name that an identifier means: unquoted ones have no case. Undefined where there is none. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.kind === 'word') return node.text.toLowerCase();
  if (node?.kind !== 'quoted') return undefined;
  const quote = node.text[0]!;
  return node.text.slice(1, -1).replaceAll(quote + quote, quote);
}

/** What a string literal says; undefined where there is none. */
export function stringOf(node: Node | undefined): string | undefined {
  return node?.kind === 'string' ? node.text.slice(1, -1).replaceAll("''", "'") : undefined;
}

export const quoteString = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
