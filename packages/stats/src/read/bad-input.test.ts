import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { drift } from '../drift/drift.ts';
import { bucketsOf } from '../profile/buckets.ts';
import { profileSource } from '../profile/profile-files.ts';
import { inferredType, missingIn } from '../profile/profile.ts';
import { categoriesOf, noCounts } from '../table.ts';
import { readTable, scan } from './scan.ts';
import type { ReadOptions } from './scan.ts';

async function read(
  text: string | Uint8Array,
  name: string,
  options: ReadOptions = {},
): Promise<Record<string, (string | undefined)[]>> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const table = await readTable({ bytes, name }, options);
  return Object.fromEntries(table.columns.map((column) => [column.name, categoriesOf(table, column.name)]));
}

describe('JSON Lines', () => {
  test('members may be missing, new, null or of another type', async () => {
    expect(
      await read('\uFEFF{"a":1,"b":"x"}\r\n\r\n{"b":2.5,"c":true}\n{"a":null,"\\u0061b":-0}', 'x.jsonl'),
    ).toEqual({
      a: ['1', undefined, undefined],
      b: ['x', '2.5', undefined],
      c: [undefined, 'true', undefined],
      ab: [undefined, undefined, '0'],
    });
  });

  test('integers past 2^53 and numbers past the largest double are kept as near as can be', async () => {
    const table = await readTable({
      bytes: Buffer.from('{"a":9007199254740993}\n{"a":1e999}\n{"a":5e-324}'),
    });
    expect([...table.columns[0]!.numbers!]).toEqual([9007199254740992, Infinity, 5e-324]);
    expect(table.columns[0]!.counts).toEqual({ ...noCounts(), integral: 1, fractional: 2, rounded: 1 });
  });

  test.each([
    ['{"a":1}\n{"a":', 'x.jsonl, row 2: is not JSON'],
    ['{"a":NaN}\n', 'x.jsonl, row 1: is not JSON'],
    ['[1,2]\n', 'x.jsonl, row 1: needs an object like {"name": 1.5}, found a list'],
    ['{"a":1}\n5\n', 'x.jsonl, row 2: needs an object like {"name": 1.5}, found a number'],
    ['{"a":1}\n\n{"a":{"b":1}}\n', 'x.jsonl, row 3, column "a": holds an object'],
    ['{"a":[1]}', 'x.jsonl, row 1, column "a": holds a list'],
  ])('%j is refused with file, line and column', async (text, message) => {
    await expect(read(text, 'x.jsonl')).rejects.toThrow(message);
  });

  test('bytes that are not UTF-8 are refused with file and line', async () => {
    const bytes = Buffer.from([...Buffer.from('{"a":"x"}\n{"a":"'), 0xc3, 0x28, ...Buffer.from('"}\n')]);
    await expect(read(bytes, 'x.jsonl')).rejects.toThrow('x.jsonl, row 2: holds bytes that are not UTF-8');
  });

  test('a line without an end is refused before it fills the memory', async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(4 << 20, 97);
      yield Buffer.from('{"a":"');
      for (; sent < 1024; sent += 4) yield piece;
    }
    await expect(readTable({ stream: endless() }, { format: 'jsonl' })).rejects.toThrow(
      'row 1: the line is longer than 64 MiB',
    );
    expect(sent).toBeLessThan(100);
  });
});

test.each([
  ['{"a":"', 'plain', 'endless, row 1: the line is longer than 64 MiB'],
  ['{"a":"', 'gzip', 'endless, row 1: the line is longer than 64 MiB'],
  ['{"captureData":{"endpointInput":{"data":"', 'plain', 'endless, row 1: the line is longer than 64 MiB'],
  ['a,b\n1,2\n3,"', 'plain', 'endless, row 2: is longer than 64 MiB; is a quote left open?'],
])(
  'a gigabyte in one line that begins %j, %s, is refused in bounded memory',
  async (start, packed, message) => {
    const program = join(import.meta.dirname, '../testing/endless.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program, start, packed]);
    const { fault, megabytes } = JSON.parse(stdout) as { fault: string; megabytes: number };
    expect({ fault, isBounded: megabytes < 450, megabytes }).toEqual({
      fault: `UserError: ${message}`,
      isBounded: true,
      megabytes: expect.any(Number),
    });
  },
);

test('an open quote in CSV is refused before it fills the memory', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a,b\n1,"');
    for (; sent < 1024; sent += 4) yield Buffer.alloc(4 << 20, 'abc\n');
  }
  await expect(readTable({ stream: endless() }, { format: 'csv' })).rejects.toThrow(
    'row 1: is longer than 64 MiB; is a quote left open?',
  );
  expect(sent).toBeLessThan(100);
});

test.each(['x.csv', 'x.csv.gz'])('an empty %s has no header', async (name) => {
  const bytes = name.endsWith('.gz') ? gzipSync('') : Buffer.from('');
  await expect(read(bytes, name)).rejects.toThrow(`${name}: is empty: not even a header line was found`);
});

test('an empty JSON Lines file has no rows and no columns', async () => {
  expect(await read('', 'x.jsonl')).toEqual({});
});

test('gzip is undone, and damaged gzip is said to be so', async () => {
  const bytes = gzipSync('a\n1\n');
  expect(await read(bytes, 'x.csv.gz')).toEqual({ a: ['1'] });
  await expect(read(bytes.subarray(0, 15), 'x.csv.gz')).rejects.toThrow('x.csv.gz: is damaged gzip');
});

test('ten thousand columns are profiled in bounded memory', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
  const row = names.map((_, i) => i).join(',');
  const profile = await profileSource(
    { bytes: Buffer.from(`${names.join(',')}\n${row}\n${row}\n`) },
    { format: 'csv' },
  );
  expect(profile.columns.length).toBe(10_000);
  expect(profile.columns[9999]!.numbers.moments).toMatchObject({ count: 2, min: 9999, max: 9999 });
});

const wide = Array.from({ length: 10_000 }, (_, i) => [`c${i}`, i] as const);
const captureOf = (data: string, encoding: string): string =>
  `{"captureData":{"endpointInput":{"data":${JSON.stringify(data)},"encoding":"${encoding}"}},"eventMetadata":{"eventId":"1"}}`;

test.each([
  ['JSON Lines', JSON.stringify(Object.fromEntries(wide))],
  ['captures of JSON', captureOf(JSON.stringify({ instances: [Object.fromEntries(wide)] }), 'JSON')],
  ['captures of CSV', captureOf(wide.map(([, i]) => i).join(','), 'CSV')],
])('ten thousand columns of %s are profiled too', async (_, line) => {
  const { columns, rows } = await profileSource({ bytes: Buffer.from(`${line}\n`.repeat(30)) });
  expect({ rows, columns: columns.length, last: columns[9999]!.numbers.moments.max }).toEqual({
    rows: 30,
    columns: 10_000,
    last: 9999,
  });
});

describe('captured requests', () => {
  test('with a mark at the beginning and CRLF are read as without', async () => {
    const lines = [captureOf('1,DEN', 'CSV'), captureOf('2,LAX', 'CSV'), captureOf('3,SFO', 'CSV')];
    const wanted = await read(`${lines.join('\n')}\n`, 'x.jsonl');
    expect(await read(`\uFEFF${lines.join('\r\n')}\r\n`, 'x.jsonl')).toEqual(wanted);
    expect(wanted).toEqual({ _c0: ['1', '2', '3'], _c1: ['DEN', 'LAX', 'SFO'] });
  });

  test('with bytes that are not UTF-8 are refused with file and line', async () => {
    const [before, after] = captureOf('1,?', 'CSV').split('?');
    const bytes = Buffer.concat([
      Buffer.from(`${captureOf('1,x', 'CSV')}\n${before}`),
      Buffer.from([0xc3, 0x28]),
      Buffer.from(`${after}\n`),
    ]);
    await expect(read(bytes, 'x.jsonl')).rejects.toThrow('x.jsonl, row 2: holds bytes that are not UTF-8');
  });
});

test.each([
  ['x.csv', 'a\n9007199254740993\n5e-324\n-2.2250738585072009e-308\n-0\n1e999\n'],
  [
    'x.jsonl',
    '{"a":9007199254740993}\n{"a":5e-324}\n{"a":-2.2250738585072009e-308}\n{"a":-0}\n{"a":1e999}\n',
  ],
  ['y.jsonl', `${captureOf('9007199254740993\n5e-324\n-2.2250738585072009e-308\n-0\n1e999', 'CSV')}\n`],
])(
  '%s: an integer past 2^53, subnormals, −0 and what no double reaches are the nearest there is',
  async (name, text) => {
    const { columns } = await profileSource({ bytes: Buffer.from(text), name });
    const { numbers, types } = columns[0]!;
    expect({
      least: numbers.moments.min,
      most: numbers.moments.max,
      infinite: numbers.infinite,
      rounded: types.rounded,
      values: bucketsOf(numbers.histogram).lower.length,
    }).toEqual({
      least: -2.2250738585072009e-308,
      most: 9007199254740992,
      infinite: { negative: 0, positive: 1 },
      rounded: 1,
      values: 4,
    });
  },
);

test('a header alone is no baseline, and as current data decides nothing', async () => {
  const header = await profileSource({ bytes: Buffer.from('a,b\n'), name: 'x.csv' });
  expect({
    rows: header.rows,
    columns: header.columns.map((column) => [column.name, inferredType(column)]),
  }).toEqual({
    rows: 0,
    columns: [
      ['a', 'Unknown'],
      ['b', 'Unknown'],
    ],
  });
  const baseline = await profileSource(
    { bytes: Buffer.from(`a,b\n${'1,x\n'.repeat(2000)}`) },
    { format: 'csv' },
  );
  const { verdict, features } = drift(baseline, header);
  expect([verdict, ...features.map(({ reason }) => reason)]).toEqual([
    'inconclusive',
    '0 current values, 1000 are needed',
    '0 current values, 1000 are needed',
  ]);
});

test('a category a row, a constant, an all-missing and a one-row column', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `id ${i},7,`);
  const profile = await profileSource(
    { bytes: Buffer.from(`id,same,none\n${rows.join('\n')}\n`) },
    { format: 'csv' },
  );
  expect(profile.columns.map((column) => [column.name, inferredType(column), missingIn(column)])).toEqual([
    ['id', 'String', 0],
    ['same', 'Integral', 0],
    ['none', 'Unknown', 30_000],
  ]);
  expect(profile.columns[0]!.texts.counts.size).toBeLessThan(3000);
  const one = await profileSource({ bytes: Buffer.from('a\n-0.0\n') }, { format: 'csv' });
  expect(one.columns[0]!.numbers.moments).toEqual({
    count: 1,
    sum: 0,
    correction: 0,
    squares: 0,
    min: 0,
    max: 0,
  });
});

test('what comes byte by byte through a pipe is told and read as if it came at once', async () => {
  const line = '{"captureData":{"endpointInput":{"data":"1,2","encoding":"CSV"}}}\n';
  for (const bytes of [Buffer.from(line), gzipSync(line)]) {
    async function* singly(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const table = await readTable({ stream: singly(), name: 'standard input' });
    expect(table.columns.map(({ name, counts }) => [name, counts.integral])).toEqual([
      ['_c0', 1],
      ['_c1', 1],
    ]);
  }
  async function* parquet(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('PAR1');
  }
  await expect(readTable({ stream: parquet(), name: 'standard input' })).rejects.toThrow(
    'standard input: Parquet is read from its end: give a file or bytes, not a stream',
  );
});

test('a member of JSON that comes late is no missing column, one that never comes is', async () => {
  const lines = `${'{"a":1}\n'.repeat(40_000)}{"a":1,"b":2}\n`;
  const read_ = (columns: string[]) => readTable({ bytes: Buffer.from(lines) }, { columns });
  expect((await read_(['b'])).columns[0]!.counts).toEqual({ ...noCounts(), integral: 1 });
  await expect(read_(['c'])).rejects.toThrow('there is no column "c"; the columns are: a, b');
});

test('a stream and ranges of something larger are sources too', async () => {
  const bytes = Buffer.from('a,b\n1,x\n2,y\n');
  const range = {
    size: bytes.length,
    read: async (from: number, length: number) => bytes.subarray(from, from + length),
  };
  const tables = [];
  for await (const table of scan(range, { format: 'csv', columns: ['b'] }))
    tables.push(categoriesOf(table, 'b'));
  expect(tables).toEqual([['x', 'y']]);
  await expect(readTable({ file: '/nowhere/x.csv' })).rejects.toThrow(
    '/nowhere/x.csv: there is no such file',
  );
  await expect(readTable({ file: '/' })).rejects.toThrow('/: is a folder; a file is needed');
  await expect(readTable({ bytes }, { format: 'csv', columns: ['c'] })).rejects.toThrow(
    'there is no column "c"; the columns are: a, b',
  );
});
