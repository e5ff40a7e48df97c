import { ImageError } from '../errors.ts';
import type { Ignore } from './file-tree.ts';

type Rule = { expression: RegExp; keeps: boolean };

/**
 * The rules of a `.dockerignore`: patterns from the root of the context, `**` for any number of folders, `!` for what
 * is kept after all, the last rule that matches decides. (Docker's reference: "Build context", ".dockerignore files".)
 * @throws ImageError for a pattern that Docker refuses too
 */
export function parseDockerignore(text: string): Ignore {
  const rules = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseRule)
    .filter((rule) => rule !== undefined);
  const hasExceptions = rules.some(({ keeps }) => keeps);
  return (path, isFolder) => {
    const ignored = isIgnored(rules, path);
    // A folder is only passed over as a whole where no exception could keep something in it.
    return ignored && !(isFolder && hasExceptions);
  };
}

/** A path is ignored as its folders are, unless a later rule says otherwise. */
function isIgnored(rules: readonly Rule[], path: string): boolean {
  const parts = path.split('/');
  const above = parts.map((_, depth) => parts.slice(0, depth + 1).join('/'));
  let ignored = false;
  for (const { expression, keeps } of rules) {
    if (ignored === keeps && above.some((each) => expression.test(each))) ignored = !keeps;
  }
  return ignored;
}

function parseRule(line: string): Rule | undefined {
  const keeps = line.startsWith('!');
  const pattern = (keeps ? line.slice(1).trim() : line)
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .split('/')
    .filter((part) => part !== '.' && part !== '');
  if (pattern.length === 0) return undefined;
  if (pattern.includes('..')) throw new ImageError(`.dockerignore: "${line}" leads out of the context`);
  const parts = pattern.map((part, at) =>
    part === '**' && at === pattern.length - 1 ? '.*' : toSource(part),
  );
  // `**` brings its own slash.
  const source = parts.join('/').replaceAll(`${anyFolders}/`, anyFolders);
  return { expression: new RegExp(`^${source}$`, 's'), keeps };
}

const anyFolders = '(?:.*/)?';

/** One part of a pattern, in Go's filepath.Match, with `**` in addition. */
function toSource(part: string): string {
  if (part === '**') return anyFolders;
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const char = part[at] ?? '';
    if (char === '*') {
      source += part[at + 1] === '*' ? '.*' : '[^/]*';
      while (part[at + 1] === '*') at++;
    } else if (char === '?') source += '[^/]';
    else if (char === '\\') source += escape(part[++at] ?? '\\');
    else if (char === '[') {
      const end = part.indexOf(']', at + 2);
      if (end === -1) throw new ImageError(`.dockerignore: "${part}" has a [ without ]`);
      source += `[${part.slice(at + 1, end).replace(/\\?\^/g, (found) => (found === '^' ? '^' : '\\^'))}]`;
      at = end;
    } else source += escape(char);
  }
  return source;
}

function escape(char: string): string {
  return char.replace(/[.+*?^${}()|[\]\\/]/g, '\\$&');
}
