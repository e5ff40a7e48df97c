import { expect, test } from '@jest/globals';
import { parseDockerignore } from './dockerignore.ts';

// The expectations are those of moby's patternmatcher, which Docker and BuildKit use.
test.each<[string, string[], string[]]>([
  ['*.pyc', ['a.pyc'], ['dir/a.pyc', 'a.py']],
  ['**/*.pyc', ['a.pyc', 'dir/a.pyc', 'x/y/a.pyc'], ['a.py']],
  ['data', ['data', 'data/x', 'data/x/y'], ['mydata', 'x/data']],
  ['/data/', ['data', 'data/x'], ['x/data']],
  ['*/temp*', ['a/temporary.txt', 'b/temp'], ['temp', 'a/b/temp']],
  ['temp?', ['tempa', 'tempb/x'], ['temp', 'tempab']],
  ['docs/**', ['docs/x', 'docs/x/y'], ['docs2/x']],
  ['**', ['a', 'a/b'], []],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['z', 'b/a/z']],
  ['*.md\n!README.md', ['a.md'], ['README.md', 'docs/a.md']],
  ['*\n!keep\n!keep/**', ['other'], ['keep', 'keep/x']],
  ['docs\n!docs/README.md', ['docs/x'], ['docs/README.md']],
  ['!a\na', ['a'], ['b']],
  ['# a\n \n./b', ['b'], ['# a', 'a']],
  ['[a-c].txt', ['a.txt', 'c.txt'], ['d.txt']],
  ['[^a].txt', ['b.txt'], ['a.txt']],
  ['a\\*b', ['a*b'], ['axb']],
  ['x.y', ['x.y'], ['xzy']],
])('%j', (text, ignored, kept) => {
  const ignore = parseDockerignore(text);
  const found = [...ignored, ...kept].filter((path) => ignore(path, false));
  expect(found).toEqual(ignored);
});

test('a folder is entered where an exception may keep something in it', () => {
  expect(parseDockerignore('docs')('docs', true)).toBe(true);
  expect(parseDockerignore('docs\n!docs/README.md')('docs', true)).toBe(false);
});

test('a pattern that leads out of the context is refused', () => {
  expect(() => parseDockerignore('../secret')).toThrow('leads out of the context');
});
