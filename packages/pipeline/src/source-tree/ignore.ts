/** One line of a .gitignore, relative to the folder of the file it stands in. */
type Rule = { folder: string; negated: boolean; foldersOnly: boolean; expression: RegExp };

/** Which paths are left out, by gitignore's rules: the last rule that matches decides, and what is below an ignored folder is lost. */
export class Ignore {
  readonly #rules: Rule[] = [];

  /** @param folder where the lines count, `''` for the root, otherwise with a slash at the end */
  add(folder: string, lines: readonly string[]): void {
    for (const line of lines) {
      const rule = parseRule(folder, line);
      if (rule) this.#rules.push(rule);
    }
  }

  /** @param path relative to the root, with slashes, without one at the end */
  ignores(path: string, isFolder: boolean): boolean {
    let ignored = false;
    for (const { folder, negated, foldersOnly, expression } of this.#rules) {
      if ((foldersOnly && !isFolder) || !path.startsWith(folder)) continue;
      if (expression.test(path.slice(folder.length))) ignored = !negated;
    }
    return ignored;
  }
}

function parseRule(folder: string, line: string): Rule | undefined {
  let pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return undefined;
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  // A slash at the beginning or in the middle ties the pattern to its folder; otherwise it counts at every depth.
  const anchored = pattern.includes('/');
  const expression = new RegExp(
    `^${anchored ? '' : '(?:.*/)?'}${toSource(pattern.replace(/^\//, ''))}$`,
    's',
  );
  return { folder, negated, foldersOnly, expression };
}

function toSource(pattern: string): string {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const rest = pattern.slice(at);
    const set = /^\[(!?)([^\]]+)\]/.exec(rest);
    if (rest.startsWith('**/')) {
      source += '(?:.*/)?';
      at += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      at += 1;
    } else if (rest.startsWith('*')) source += '[^/]*';
    else if (rest.startsWith('?')) source += '[^/]';
    else if (set) {
      source += `[${set[1] === '!' ? '^' : ''}${(set[2] ?? '').replaceAll('\\', '\\\\')}]`;
      at += set[0].length - 1;
    } else {
      const literal = rest.startsWith('\\') && rest.length > 1 ? rest.charAt(1) : rest.charAt(0);
      if (rest.startsWith('\\') && rest.length > 1) at += 1;
      source += literal.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    }
  }
  return source;
}
