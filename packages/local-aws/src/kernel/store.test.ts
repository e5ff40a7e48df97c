import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openStore } from './store.ts';

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'store-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

type Thing = { n: number; at?: Date };

test('what was put is there after the store is opened anew, in order of first insertion', () => {
  using folder = temporaryFolder();
  const first = openStore(folder.path, () => 5).table<Thing>('things');
  first.put('b', { n: 1 });
  first.put('a', { n: 2 });
  first.put('b', { n: 3 });
  first.put('c', { n: 4 });
  expect(first.delete('c')).toBe(true);
  expect(first.delete('c')).toBe(false);
  const again = openStore(folder.path, () => 6);
  expect(again.lastWrite).toBe(5);
  const table = again.table<Thing>('things');
  expect([table.keys(), table.values()]).toEqual([
    ['b', 'a'],
    [{ n: 3 }, { n: 2 }],
  ]);
});

test('a value is what a restart would read: a copy, frozen, its dates already text', () => {
  using folder = temporaryFolder();
  const table = openStore(folder.path, () => 0).table<Thing>('things');
  const value = { n: 1, at: new Date(0) };
  table.put('a', value);
  value.n = 2;
  expect(table.get('a')).toEqual({ n: 1, at: '1970-01-01T00:00:00.000Z' });
  expect(() => {
    (table.get('a') as Thing).n = 3;
  }).toThrow('read only');
});

test('a line that a crash cut off is dropped, and the next one is written where it began', () => {
  using folder = temporaryFolder();
  openStore(folder.path, () => 1)
    .table<Thing>('things')
    .put('a', { n: 1 });
  appendFileSync(join(folder.path, 'things.jsonl'), '[2,"b",{"n":');
  const reopened = openStore(folder.path, () => 3).table<Thing>('things');
  expect(reopened.keys()).toEqual(['a']);
  reopened.put('c', { n: 3 });
  expect(
    openStore(folder.path, () => 4)
      .table<Thing>('things')
      .keys(),
  ).toEqual(['a', 'c']);
});

test('a journal that is mostly history is rewritten at the start', () => {
  using folder = temporaryFolder();
  const table = openStore(folder.path, () => 7).table<Thing>('things');
  for (let n = 0; n < 500; n++) table.put('a', { n });
  table.put('b', { n: 1 });
  table.delete('b');
  const file = join(folder.path, 'things.jsonl');
  expect(
    openStore(folder.path, () => 8)
      .table<Thing>('things')
      .values(),
  ).toEqual([{ n: 499 }]);
  expect(readFileSync(file, 'utf8')).toBe('[7,"a",{"n":499}]\n');
});

test('a file that is not a journal is named, not overwritten', () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'things.jsonl'), 'hello\n[1,"a",{}]\n');
  expect(() => openStore(folder.path, () => 0).table('things')).toThrow(
    'things.jsonl:1: not a line of a journal',
  );
});
