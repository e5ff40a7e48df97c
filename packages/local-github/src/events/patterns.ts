/** One of GitHub's filter patterns as a regular expression: `*` stays within a path segment, `**` does not. */
function patternToRegExp(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] ?? '';
    if (pattern.startsWith('**/', at)) {
      source += '(?:.*/)?';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      source += '.*';
      at += 1;
    } else if (letter === '*') source += '[^/]*';
    else if (letter === '\\') source += `\\${pattern[++at] ?? '\\'}`;
    else if ('?+'.includes(letter))
      source += letter; // of the character before, as GitHub reads them
    else if ('[]'.includes(letter)) source += letter;
    else source += letter.replace(/[.^$(){}|]/, '\\$&');
  }
  return new RegExp(`^${source}$`);
}

/** Whether a name matches a list of patterns, of which the last that matches decides; `!` takes back. */
export function matchesPatterns(name: string, patterns: string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    if (patternToRegExp(negative ? pattern.slice(1) : pattern).test(name)) matched = !negative;
  }
  return matched;
}
