import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seeded } from './math/random.ts';
import { readProfile } from './profile/file-format.ts';
import { baselineFiles } from './analysis-files.ts';
import { profileSource } from './profile/profile-files.ts';
import { mergeProfiles, type Profile } from './profile/profile.ts';
import { driftResults } from './results.ts';

/* A profile made of shares, as several machines make it, decides as the profile of the whole does. */

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'analyser.ts');
const FILES = 7;
let folder: string;
let baseline: Profile;

const random = seeded(3);
const row = (shift: number): (number | string)[] => [
  random.next() * 100 + shift,
  random.below(24),
  ['DEN', 'LAX', 'SFO', `gate ${random.below(400)}`][random.below(4)]!,
];
const capture = (shift: number): string =>
  JSON.stringify({
    captureData: {
      endpointInput: { mode: 'INPUT', data: row(shift).join(','), encoding: 'CSV' },
      endpointOutput: { mode: 'OUTPUT', data: String(random.next()), encoding: 'CSV' },
    },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shares-'));
  const rows = Array.from({ length: 2000 }, () => row(0).join(','));
  baseline = await profileSource({
    bytes: Buffer.from(`distance,hour,gate\n${rows.join('\n')}\n`),
    name: 'baseline.csv',
  });
  await writeFile(join(folder, 'names.json'), '["distance","hour","gate"]');
  for (let i = 0; i < FILES; i++) {
    const lines = Array.from({ length: 300 }, () => capture(i * 4));
    await place('whole', `2027/01/01/0${i}/a.jsonl`, lines);
    for (const machines of [2, 3, 9]) await place(`of-${machines}/${i % machines}`, `${i}.jsonl`, lines);
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function place(share: string, name: string, lines: string[]): Promise<void> {
  const file = join(folder, share, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${lines.join('\n')}\n`);
}

/** Runs the analyser as instance `host` of a job runs it. */
async function analyse(data: string, output: string, host: string): Promise<void> {
  const base = join(folder, `ml-${host}`);
  await mkdir(join(base, 'config'), { recursive: true });
  await writeFile(join(base, 'config/resourceconfig.json'), JSON.stringify({ current_host: host }));
  const args = [
    '--mode',
    'profile',
    '--data',
    data,
    '--names',
    join(folder, 'names.json'),
    '--output',
    output,
  ];
  await run(process.execPath, [PROGRAM, ...args], { env: { ...process.env, SAGEMAKER_BASE_DIR: base } });
}

async function profilesIn(output: string): Promise<Profile[]> {
  const files = (await readdir(output)).sort();
  const read = files.map((file) => Number(/^algo-\d-(\d)\.profile\.gz$/.exec(file)?.[1]));
  expect(read.reduce((sum, each) => sum + each, 0)).toBe(FILES);
  return await Promise.all(files.map(async (file) => readProfile(await readFile(join(output, file)))));
}

/** Means and deviations are the same to rounding; everything else exactly. */
function decided(current: Profile): Record<string, unknown> {
  const { results } = driftResults(baseline, current, { minSamples: 100, measure: 'wasserstein' });
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(12)) : value;
  const { 'statistics.json': statistics = '', ...exact } = results;
  return { ...exact, statistics: JSON.parse(statistics, rounded) as unknown };
}

test.each([2, 3, 9])('%d machines leave a file each, and together say what one says', async (machines) => {
  await analyse(join(folder, 'whole'), join(folder, 'out-1'), 'algo-1');
  const output = join(folder, `out-${machines}`);
  for (let i = 0; i < machines; i++) {
    // A machine that got nothing has no folder.
    await analyse(join(folder, `of-${machines}/${i}`), output, `algo-${i + 1}`);
  }
  const [whole, ...none] = await profilesIn(join(folder, 'out-1'));
  const shares = await profilesIn(output);
  expect([none.length, shares.length]).toEqual([0, machines]);
  expect(whole!.rows).toBe(FILES * 300);
  expect(decided(mergeProfiles(...shares))).toEqual(decided(whole!));
  expect(decided(mergeProfiles(...shares.toReversed()))).toEqual(decided(whole!));
});

test('captured requests that have no names and are given none get Spark’s', async () => {
  const bytes = Buffer.from(`${capture(0)}\n`);
  const { columns } = await profileSource({ bytes, name: 'a.jsonl' }, { captureNames: [] });
  expect(columns.map(({ name }) => name)).toEqual(['_c0', '_c1', '_c2', 'prediction']);
});

test('a stream has the same profile as its file, and its name in errors', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a,b\n1,2\n');
    yield Buffer.from('3\n');
  }
  const named = { stream: broken(), name: 's3://b/broken.csv' };
  await expect(profileSource(named)).rejects.toThrow(
    's3://b/broken.csv, row 2: has 1 fields where 2 are expected',
  );
  const zipped = { stream: streamOf(gzipSync('a,b\n1,x\n')), name: 's3://b/a.csv.gz' };
  expect(await profileSource(zipped)).toMatchObject({ rows: 1, columns: [{ name: 'a' }, { name: 'b' }] });
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

test.each([
  [
    ['x/_SUCCESS', 'x/part-1.parquet', 'x/part-2.parquet', 'x/.crc.csv'],
    ['x/part-1.parquet', 'x/part-2.parquet'],
  ],
  [['x/model.csv', 'x/baseline.csv'], ['x/baseline.csv']],
  [['x/statistics.json', 'x/output.tar.gz'], ['x/output.tar.gz']],
  [['x/constraints.json', 'x/statistics.json'], ['x/statistics.json']],
])('of %j a baseline is in %j', (files, expected) => {
  expect(baselineFiles(files, 'x')).toEqual(expected);
});

test('a place without a baseline is named', () => {
  expect(() => baselineFiles(['x/model.onnx'], 'x')).toThrow(
    'x: holds no baseline: a .csv, .jsonl, .parquet, .profile.gz, statistics.json or output.tar.gz is needed',
  );
});
