/** One instruction of a Dockerfile, its continuation lines put together. */
export type Instruction = { line: number; name: string; rest: string };

/**
 * Takes a Dockerfile apart: comments, continuations, upper-case names (Docker's reference, "Format").
 * Undefined where it uses what only a builder understands: parser directives, here-documents.
 */
export function instructions(text: string): Instruction[] | undefined {
  if (/^\s*#\s*(escape|syntax)\s*=/im.test(text.split(/\r?\n/, 3).join('\n'))) return undefined;
  const found: Instruction[] = [];
  let open: Instruction | undefined;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*#/.test(raw) || (open && raw.trim() === '')) continue;
    const goesOn = /\\\s*$/.test(raw);
    const part = raw.replace(/\\\s*$/, '').trim();
    if (open) open.rest = `${open.rest} ${part}`.trim();
    else {
      const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(part) ?? [];
      if (name === '') continue;
      open = { line: index + 1, name: name.toUpperCase(), rest };
    }
    if (goesOn) continue;
    if (/<<-?\s*["']?\w/.test(open.rest)) return undefined;
    found.push(open);
    open = undefined;
  }
  if (open) found.push(open);
  return found;
}

/** Words in quotes or without, `\` taking the next character as it is. */
export function words(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\$])/g, '$1'),
    ),
  );
}

/** `["a", "b"]`, as ENTRYPOINT, CMD and COPY take it; undefined for the other form. */
export function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((each) => typeof each === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Puts variables in: `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME:+instead}`. */
export function substitute(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (whole: string, bare?: string, braced?: string, sign?: string, other = '') => {
      if (whole === '\\$') return '$';
      const value = variables.get(bare ?? braced ?? '');
      if (sign === '-') return value ? value : other;
      if (sign === '+') return value ? other : '';
      return value ?? '';
    },
  );
}
