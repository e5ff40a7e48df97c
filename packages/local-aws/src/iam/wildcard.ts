const patterns = new Map<string, RegExp>();

/** IAM's wildcards: `*` for any text, also none; `?` for one character. Case counts. */
export function matchesWildcard(text: string, pattern: string): boolean {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    regex = new RegExp(`^${source}$`, 's');
    patterns.set(pattern, regex);
  }
  return regex.test(text);
}
