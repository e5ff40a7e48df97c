import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
import { specMarkdown, unknownOperations } from './spec.ts';

test('every operation that a service has is one that AWS has', async () => {
  expect(await unknownOperations()).toEqual([]);
});

test('SPEC.md says what the code does', async () => {
  const file = join(import.meta.dirname, '..', 'SPEC.md');
  const fresh = await format(await specMarkdown(), { ...(await resolveConfig(file)), filepath: file });
  // `npm run docs` writes it anew.
  expect(readFileSync(file, 'utf8')).toBe(fresh);
});
