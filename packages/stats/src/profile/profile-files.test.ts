import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { readTable } from '../read/scan.ts';
import { bucketsOf } from './buckets.ts';
import { meanOf } from './moments.ts';
import { profileFiles } from './profile-files.ts';
import { profile } from './profile.ts';
import type { Profile } from './profile.ts';

const FLIGHTS = join(import.meta.dirname, '../../../../node_modules/vega-datasets/data/flights-3m.parquet');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A profile without what differs by rounding or by the order of a table's slots. */
function shown({ rows, columns }: Profile): unknown {
  return {
    rows,
    columns: columns.map(({ name, rows: own, types, numbers, texts }) => ({
      name,
      rows: own,
      types,
      infinite: numbers.infinite,
      count: numbers.moments.count,
      mean: Number.isNaN(meanOf(numbers.moments)) ? 'none' : meanOf(numbers.moments).toPrecision(10),
      buckets: bucketsOf(numbers.histogram),
      registers: numbers.histogram.registers,
      texts: Object.fromEntries(texts.counts),
      total: texts.total,
      hashed: texts.many && { ...texts.many, shortBy: 0 },
    })),
  };
}

test('three million flights: page by page, as a table and on threads are one profile', async () => {
  const columns = ['delay', 'origin'];
  const direct = await profileFiles([FLIGHTS], { columns });
  const threaded = await profileFiles([FLIGHTS], { columns, threads: 2 });
  const table = profile(await readTable({ file: FLIGHTS }, { columns }));
  expect(direct.rows).toBe(3_000_000);
  expect(shown(threaded)).toEqual(shown(direct));
  expect(shown(table)).toEqual(shown(direct));
});

async function writeCsv(name: string, rows: number, word: (row: number) => string): Promise<string> {
  const random = seeded(rows);
  const filler = 'x'.repeat(60);
  const lines = Array.from(
    { length: rows },
    (_, row) => `${filler},${random.next()},${word(row)},${row % 7}`,
  );
  const file = join(folder, name);
  await writeFile(file, `id,share,word,day\n${lines.join('\n')}\n`);
  return file;
}

test('text files divided among threads give the profile of the whole', async () => {
  const files = [
    await writeCsv('a.csv', 100_000, (row) => `w${row % 50}`),
    await writeCsv('b.csv', 10, (row) => `"quoted, ${row}"`),
  ];
  expect(shown(await profileFiles(files, { threads: 2 }))).toEqual(shown(await profileFiles(files)));
});

test('an error on a thread names the row in the file', async () => {
  const file = await writeCsv('ragged.csv', 100_000, (row) => (row === 90_000 ? 'a,b' : 'a'));
  await expect(profileFiles([file], { threads: 2 })).rejects.toThrow(
    `${file}, row 90001: has 5 fields where 4 are expected`,
  );
});
