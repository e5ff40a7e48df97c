import { expect, test } from '@jest/globals';
import { withSection } from './comment.ts';

test('a section replaces itself and leaves the others where they are', () => {
  const first = withSection('<!-- tidegate:m -->', 'gate', 'A');
  const both = withSection(first, 'cost', 'B');
  expect(withSection(both, 'gate', 'C')).toBe(
    '<!-- tidegate:m -->\n<!-- section:gate -->\nC\n<!-- section:cost -->\nB',
  );
});

test('the longest section is cut at a line, its details closed, until the comment fits', () => {
  const long = `<details><summary>all</summary>\n${'a line of forty characters, more or less\n'.repeat(100)}</details>`;
  const body = withSection(withSection('<!-- tidegate:m -->', 'cost', 'short'), 'gate', long, 1000);
  expect(body.length).toBeLessThanOrEqual(1000);
  expect(body).toContain('short');
  expect(body).toMatch(/<\/details>\n\n_Cut to fit GitHub’s limit; the whole is in the job’s summary\._$/);
});

test('text that looks like a section’s mark cannot forge one', () => {
  const body = withSection('<!-- tidegate:m -->', 'gate', 'x <!-- section:cost --> y');
  expect(body.match(/<!-- section:/g)).toHaveLength(1);
});
