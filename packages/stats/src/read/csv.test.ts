import { expect, test } from '@jest/globals';
import { categoriesOf, noCounts } from '../table.ts';
import { readTable, scan } from './scan.ts';
import type { ReadOptions } from './scan.ts';

async function read(
  text: string | Uint8Array,
  options: ReadOptions = {},
): Promise<Record<string, (string | undefined)[]>> {
  const table = await readTable(
    { bytes: Buffer.from(text as string), name: 'x.csv' },
    { format: 'csv', ...options },
  );
  return Object.fromEntries(table.columns.map(({ name }) => [name, categoriesOf(table, name)]));
}

test('quotes, doubled quotes, newlines in quotes, CRLF, a BOM and blank lines are read as RFC 4180 says', async () => {
  expect(await read('\uFEFFa,"b ""x""",c\r\n1,"he said ""hi""","two\nlines"\r\n\r\n-2.5e3,,"a,b"')).toEqual({
    a: ['1', '-2500'],
    'b "x"': ['he said "hi"', undefined],
    c: ['two\nlines', 'a,b'],
  });
});

test('words for "no value" are missing, infinity is a number, and a leading zero does not make a text', async () => {
  expect(await read('a,b\nNaN,inf\nnull,-Infinity\n007,1e400\n.5,5.\n')).toEqual({
    a: [undefined, undefined, '7', '0.5'],
    b: ['Infinity', '-Infinity', 'Infinity', '5'],
  });
});

test('a column may hold numbers and texts', async () => {
  const table = await readTable(
    { bytes: Buffer.from('a\n1\nx\n\n2.5\n12345678901234567890\n') },
    { format: 'csv' },
  );
  expect(table.columns[0]!.counts).toEqual({
    ...noCounts(),
    integral: 2,
    fractional: 1,
    text: 1,
    rounded: 1,
  });
});

test('any cut of the bytes into pieces gives the same table', async () => {
  const text = 'a,b\r\n1,"x ""y""\nz"\r\n2,é\r\n3,"q"\r\n';
  const bytes = Buffer.from(text);
  const whole = await read(text);
  for (let size = 1; size <= bytes.length; size++) {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const table = await readTable({ stream: pieces() }, { format: 'csv' });
    expect(Object.fromEntries(table.columns.map(({ name }) => [name, categoriesOf(table, name)]))).toEqual(
      whole,
    );
  }
});

test.each([
  ['', 'x.csv: is empty: not even a header line was found'],
  ['a,b\n1,2\n1\n', 'x.csv, row 2: has 1 fields where 2 are expected'],
  ['a,b\n1,2,3\n', 'x.csv, row 1: has 3 fields where 2 are expected'],
  ['a,a\n1,2\n', 'x.csv, column "a": is in the header twice'],
  ['a\n"x\n', 'x.csv, row 1: has a quote that is never closed'],
  ['a\n"x"y\n', 'x.csv, row 1, column "a": has characters after a closing quote'],
])('%j is refused with its place', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});

test('bytes that are not UTF-8 are refused with row and column', async () => {
  const bytes = Buffer.from([...Buffer.from('a,b\n1,x\n2,'), 0xff, 10]);
  await expect(read(bytes)).rejects.toThrow('x.csv, row 2, column "b": holds bytes that are not UTF-8');
});

test('a header alone is a table without rows', async () => {
  expect(await read('a,b\n')).toEqual({ a: [], b: [] });
});

test('names may be given, or made as Spark makes them', async () => {
  expect(await read('1,2\n', { header: false })).toEqual({ _c0: ['1'], _c1: ['2'] });
  expect(await read('1,2\n', { names: ['x', 'y'] })).toEqual({ x: ['1'], y: ['2'] });
});

test('rows come in batches of bounded size', async () => {
  const text = `a\n${'1\n'.repeat(150_000)}`;
  const rows: number[] = [];
  for await (const table of scan({ bytes: Buffer.from(text) }, { format: 'csv' })) rows.push(table.rows);
  expect(rows).toEqual([131_072, 18_928]);
});
