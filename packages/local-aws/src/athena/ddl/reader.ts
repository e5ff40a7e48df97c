import { syntaxError } from '../sql/query-error.ts';
import { isGroup, isSymbol, isWord, nameOf, type Group, type Node } from '../sql/tokens.ts';

/** Walks along a DDL statement, which reads like a sentence. */
export type Reader = {
  /** Takes these words if they come next. */
  takes(...words: string[]): boolean;
  /** @throws QueryError when they do not */
  needs(...words: string[]): void;
  name(what: string): string;
  /** A name with its database before it, perhaps. */
  qualifiedName(what: string): { database: string | undefined; name: string };
  string(what: string): string;
  number(what: string): number;
  group(what: string): Group;
  hasGroup(): boolean;
  /** @throws QueryError when something is left */
  end(): void;
  /** What comes next, for an error. */
  rest(): string;
};

export function reader(nodes: readonly Node[]): Reader {
  let at = 0;
  const text = (node: Node | undefined): string =>
    node === undefined ? 'the end' : node.kind === 'group' ? node.open : node.text;
  const expected = (what: string): never => {
    throw syntaxError(`expected ${what}, found ${text(nodes[at])}`);
  };
  const name = (what: string): string => {
    const found = nameOf(nodes[at]);
    if (found === undefined) return expected(what);
    at++;
    return found.toLowerCase();
  };
  const takes = (...words: string[]): boolean => {
    if (!words.every((word, i) => isWord(nodes[at + i], word))) return false;
    at += words.length;
    return true;
  };
  return {
    takes,
    needs(...words) {
      if (!takes(...words)) expected(words.join(' '));
    },
    name,
    qualifiedName(what) {
      const first = name(what);
      if (!isSymbol(nodes[at], '.')) return { database: undefined, name: first };
      at++;
      return { database: first, name: name(what) };
    },
    string(what) {
      const found = hiveString(nodes[at]);
      if (found === undefined) return expected(what);
      at++;
      return found;
    },
    number(what) {
      const node = nodes[at];
      if (node?.kind !== 'number') return expected(what);
      at++;
      return Number(node.text);
    },
    group(what) {
      const node = nodes[at];
      if (!isGroup(node)) return expected(what);
      at++;
      return node;
    },
    hasGroup: () => isGroup(nodes[at]),
    end() {
      if (at < nodes.length) expected('the end of the statement');
    },
    rest: () => text(nodes[at]),
  };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', '0': '\0' };

/** A text as Hive writes it: in single or double quotes, with backslashes. */
export function hiveString(node: Node | undefined): string | undefined {
  if (node?.kind !== 'string' && !(node?.kind === 'quoted' && node.text.startsWith('"'))) return undefined;
  const quote = node.text[0]!;
  return node.text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replaceAll(/\\(?:([0-7]{3})|u([0-9a-fA-F]{4})|(.))/gs, (_, octal?: string, hex?: string, other = '') => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return ESCAPES[other as string] ?? (other as string);
    });
}
