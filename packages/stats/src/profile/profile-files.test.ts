import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { profileToStatistics } from '../monitor-files/statistics.ts';
import { newProgress, progressOf } from '../read/progress.ts';
import { readTable } from '../read/scan.ts';
import { noCounts } from '../table.ts';
import { bucketsOf } from './buckets.ts';
import { meanOf } from './moments.ts';
import { writeProfile } from './file-format.ts';
import { profileFiles, profileSource, profileSources } from './profile-files.ts';
import { mergeProfiles, profile } from './profile.ts';
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

test('a field in quotes that looks like a million records is one field, however the file is divided', async () => {
  const file = join(folder, 'one-field.csv');
  await writeFile(file, `a,b\n1,"${'2,x\n'.repeat(2_500_000)}"\n3,y\n`);
  const { rows, columns } = await profileFiles([file], { threads: 2 });
  expect([rows, columns.map(({ types }) => types)]).toEqual([
    2,
    [
      { ...noCounts(), integral: 2 },
      { ...noCounts(), text: 2 },
    ],
  ]);
});

test('an error on a thread names the row in the file', async () => {
  const file = await writeCsv('ragged.csv', 100_000, (row) => (row === 90_000 ? 'a,b' : 'a'));
  await expect(profileFiles([file], { threads: 2 })).rejects.toThrow(
    `${file}, row 90001: has 5 fields where 4 are expected`,
  );
});

test('Parquet is read by given types too, alone and on threads', async () => {
  const schema = { delay: 'text', distance: 'integer', origin: 'ignore', destination: 'integer' } as const;
  const columns = Object.keys(schema);
  const direct = await profileFiles([FLIGHTS], { columns, schema });
  expect(shown(await profileFiles([FLIGHTS], { columns, schema, threads: 2 }))).toEqual(shown(direct));
  const [delay, distance, destination] = ['delay', 'distance', 'destination'].map((name) =>
    direct.columns.find((column) => column.name === name)!,
  );
  expect(direct.columns.map(({ name }) => name)).not.toContain('origin');
  expect(delay!.texts.counts.get('-5')).toBeGreaterThan(10_000);
  expect(distance!.types).toEqual({ ...noCounts(), integral: 3_000_000 });
  expect(destination!.types).toEqual({ ...noCounts(), wrong: 3_000_000 });
});

test('profiles and a statistics.json are merged with data', async () => {
  const parts = ['a\n1\n2\n', 'a\n2\n3\n', 'a\n3\n5\n'].map((text) => Buffer.from(text));
  const [first, second, third] = await Promise.all(
    parts.map((bytes) => profileSource({ bytes }, { format: 'csv' })),
  );
  const known = join(folder, 'monday.profile.gz');
  await writeFile(known, writeProfile(first!));
  const statistics = Buffer.from(JSON.stringify(profileToStatistics(third!)));
  const merged = await profileSources(
    [{ file: known }, { bytes: parts[1]!, name: 'b.csv' }, { bytes: statistics, name: 'statistics.json' }],
    { threads: 2 },
  );
  expect(bucketsOf(merged.columns[0]!.numbers.histogram)).toEqual(
    bucketsOf(mergeProfiles(first!, second!, third!).columns[0]!.numbers.histogram),
  );
  expect(merged.rows).toBe(6);
  await expect(profileSources([{ file: known }], { schema: { a: 'text' } })).rejects.toThrow(
    `${known}, column "a": was profiled as Integral, not as text: profile its data again`,
  );
  await expect(readTable({ file: known })).rejects.toThrow(`${known}: is a profile: it holds no rows`);
});

test('what is read is counted while it is, by all threads together', async () => {
  const file = await writeCsv('counted.csv', 100_000, (row) => `w${row % 50}`);
  const { size } = await stat(file);
  for (const threads of [1, 2]) {
    const progress = newProgress();
    await profileFiles([file], { threads, progress });
    expect({ threads, ...progressOf(progress) }).toEqual({ threads, bytes: size, rows: 100_000 });
  }
  const progress = newProgress();
  await profileFiles([FLIGHTS], { columns: ['delay', 'day'], threads: 2, progress });
  expect(progressOf(progress)).toMatchObject({ rows: 3_000_000 });
  expect(progressOf(progress).bytes).toBeLessThan((await stat(FLIGHTS)).size / 2);
});
