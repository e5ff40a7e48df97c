import { expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constant, integer, oneof, string } from 'fast-check';
import { athenaCsv } from './athena-csv.ts';

async function read(chunks: readonly Uint8Array[]): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  for await (const row of athenaCsv(source())) rows.push(row);
  return rows;
}

test('null is nothing at all, an empty text a pair of quotes', async () => {
  expect(await read([Buffer.from('"a","b"\n"",\n"say ""x""","1\n2"\n')])).toEqual([
    ['a', 'b'],
    ['', null],
    ['say "x"', '1\n2'],
  ]);
  expect(await read([])).toEqual([]);
  expect(await read([Buffer.from('"cut",')])).toEqual([['cut', null]]);
});

test('any rows come back as they were, however their bytes are cut', async () => {
  const value = oneof(constant(null), string({ unit: 'grapheme' }), constant('"'), constant(',\n'));
  await assert(
    asyncProperty(
      array(array(value, { minLength: 2, maxLength: 4 })),
      array(integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (rows, sizes) => {
        const quoted = rows.map((row) =>
          row.map((text) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`)).join(','),
        );
        const bytes = Buffer.from(quoted.map((line) => `${line}\n`).join(''));
        const chunks: Uint8Array[] = [];
        for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]!) {
          chunks.push(bytes.subarray(at, at + sizes[i % sizes.length]!));
        }
        expect(await read(chunks)).toEqual(rows);
      },
    ),
  );
});
