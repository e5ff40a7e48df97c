/** A scalar of JSON in a text, or a key; a string's span is that of its content, its escapes as they are. */
export type Token = { from: number; to: number; text: string; isString: boolean; isKey: boolean };

/** JSON as it is, and JSON within a string of JSON, whose quotes have a backslash each. */
const STRINGS = { plain: /"(?:[^"\\]|\\.)*"/y, quoted: /\\"[^"\\]*\\"/y } as const;
const GAP = /[\s[\]{},:]*/y;
const WORD = /[-+.\w]+/y;

/** The scalars of a text one after another, keys among them; undefined for what does not look like JSON. */
export function tokensOf(text: string, form: keyof typeof STRINGS): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    const gap = matchAt(GAP, text, at) ?? '';
    const last = tokens.at(-1);
    if (last && gap.trimStart().startsWith(':')) last.isKey = true;
    at += gap.length;
    if (at >= text.length) return tokens;
    const string = matchAt(STRINGS[form], text, at);
    const found = string ?? matchAt(WORD, text, at);
    if (!found) return undefined;
    const quote = string === undefined ? 0 : form === 'plain' ? 1 : 2;
    const [from, to] = [at + quote, at + found.length - quote];
    tokens.push({ from, to, text: text.slice(from, to), isString: string !== undefined, isKey: false });
    at += found.length;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
