/** Whether a key contains what makes it a pattern: `*`, `?` or `[…]`. */
export function isGlob(key: string): boolean {
  return /[*?[]/.test(key);
}

/** What every match begins with: the part before the first special character. */
export function literalPrefix(pattern: string): string {
  return pattern.slice(0, Math.max(0, pattern.search(/[*?[]/)));
}

/** `*` and `?` stay within one folder, `**` crosses folders, `[1-3]` and `[!a]` are one character; all else is literal. */
export function globToRegExp(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const closing = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*' && pattern[at + 1] === '*') {
      source += '.*';
      at += 1;
    } else if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (closing > 0) {
      const set = pattern.slice(at + 1, closing).replaceAll(/[\\[\]]/g, String.raw`\$&`);
      source += set.startsWith('!') ? `[^/${set.slice(1)}]` : `[${set}]`;
      at = closing;
    } else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  }
  return new RegExp(`^${source}$`, 's');
}
