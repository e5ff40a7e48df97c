import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execute, referencePython } from '../../reference/python.ts';
import { drift } from '../drift/drift.ts';
import { profileFiles, profileSource } from '../profile/profile-files.ts';
import { driftReportHtml } from '../report/html.ts';
import { categoriesOf, columnOf, noCounts } from '../table.ts';
import type { Table } from '../table.ts';
import { seeded } from '../math/random.ts';
import { UserError } from '../user-error.ts';
import { readTable } from './scan.ts';

const python = await referencePython();
const withPython = python ? test : test.skip;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-'));
  if (python) await execute(python, [join(import.meta.dirname, '../../reference/parquet.py'), folder]);
});

afterAll(() => rm(folder, { recursive: true }));

type Expected = { name: string; values: (number | string | null)[] }[];

/** How it failed; undefined when it did not. */
async function fault(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(() => undefined).catch(String);
}

/** Values as the JSON beside a file has them. */
function valuesOf(table: Table, name: string): (number | string | null)[] {
  const column = columnOf(table, name);
  if (column.codes) return categoriesOf(table, name).map((value) => value ?? null);
  return Array.from({ length: table.rows }, (_, row) => {
    const value = column.numbers?.[row] ?? Number.NaN;
    if (Number.isNaN(value)) return null;
    return Number.isFinite(value) ? value + 0 : value > 0 ? 'inf' : '-inf';
  });
}

describe('what pyarrow writes, we read', () => {
  withPython('in every encoding, codec, page version and type, value for value', async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(20);
    for (const name of files) {
      const file = join(folder, name.replace('.json', '.parquet'));
      const expected = JSON.parse(await readFile(join(folder, name), 'utf8')) as Expected;
      const table = await readTable({ file });
      const read = expected.map((column) => ({ name: column.name, values: valuesOf(table, column.name) }));
      const wanted = expected.map((column) => ({
        name: column.name,
        values: column.values.map((value) => (typeof value === 'number' ? value + 0 : value)),
      }));
      expect({ file: name, read }).toEqual({ file: name, read: wanted });
    }
  });

  withPython('integers are counted as integers, those beyond 2^53 as rounded', async () => {
    const table = await readTable(
      { file: join(folder, 'full.parquet') },
      { columns: ['int64', 'int32', 'double'] },
    );
    expect(
      table.columns.map(({ name, counts }) => ({ name, ...counts, rounded: counts.rounded > 400 })),
    ).toEqual([
      { ...noCounts(), name: 'int64', integral: 500, rounded: true },
      { ...noCounts(), name: 'int32', integral: 500, rounded: false },
      { ...noCounts(), name: 'double', fractional: 500, rounded: false },
    ]);
  });

  withPython('nested columns are refused by name, and read around when they are not asked for', async () => {
    const file = join(folder, 'nested.parquet');
    await expect(readTable({ file })).rejects.toThrow(`${file}, column "list": is nested`);
  });
});

describe('a damaged Parquet file', () => {
  withPython('cut at any byte is refused with its name, and never as a fault of ours', async () => {
    const bytes = await readFile(join(folder, 'small.parquet'));
    for (let length = 0; length < bytes.length; length++) {
      const cut = { bytes: bytes.subarray(0, length), name: 'cut.parquet' };
      const faults = await Promise.all([
        fault(readTable(cut, { format: 'parquet' })),
        fault(profileSource(cut, { format: 'parquet' })),
      ]);
      expect({ length, faults }).toEqual({
        length,
        faults: [
          expect.stringMatching(/^UserError: cut\.parquet/),
          expect.stringMatching(/^UserError: cut\.parquet/),
        ],
      });
    }
  });

  withPython(
    'with a lying footer, any byte of which is changed, gives rows or is refused with its name',
    async () => {
      const bytes = await readFile(join(folder, 'small.parquet'));
      const footer = bytes.readUInt32LE(bytes.length - 8);
      const refused = new Set<string>();
      for (let at = bytes.length - 8 - footer; at < bytes.length; at++) {
        for (const change of [0x01, 0x80, 0xff]) {
          const lying = Buffer.from(bytes);
          lying[at]! ^= change;
          const found = await fault(
            readTable({ bytes: lying, name: 'lying.parquet' }, { format: 'parquet' }),
          );
          expect(found ?? 'UserError: lying.parquet').toMatch(/^UserError: lying\.parquet/);
          if (found) refused.add(found);
        }
      }
      expect(refused.size).toBeGreaterThan(50);
    },
  );

  withPython('with texts that are not UTF-8 is refused with file, column and row group', async () => {
    const file = join(folder, 'not-utf8.parquet');
    const place = `UserError: ${file}, column "text": row group 0 cannot be read: holds bytes that are not UTF-8`;
    expect([await fault(readTable({ file })), await fault(profileFiles([file]))]).toEqual([place, place]);
  });

  withPython('with bytes changed gives a table or a UserError, and nothing else', async () => {
    const random = seeded(2027);
    const names = ['snappy-1', 'zstd-2', 'lz4-1', 'delta', 'streams', 'dictionary-overflows'];
    let refused = 0;
    for (let i = 0; i < 240; i++) {
      const bytes = Buffer.from(await readFile(join(folder, `${names[i % names.length]}.parquet`)));
      for (let changes = 0; changes <= i % 4; changes++)
        bytes[random.below(bytes.length)] = random.below(256);
      try {
        await readTable({ bytes, name: 'damaged.parquet' }, { format: 'parquet' });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(20);
  });
});

withPython('ten thousand columns are read by each thread in a few readings of the footer', async () => {
  const file = join(folder, 'wide.parquet');
  const [alone, threaded] = [await profileFiles([file]), await profileFiles([file], { threads: 2 })];
  expect(threaded.columns.map(({ name }) => name)).toEqual(alone.columns.map(({ name }) => name));
  expect(threaded.columns[9999]!.numbers.moments).toMatchObject({ count: 2, min: 9999, max: 10_000 });
  const report = drift(alone, threaded, { minSamples: 1 });
  expect({ verdict: report.verdict, features: report.features.length }).toEqual({
    verdict: 'none',
    features: 10_000,
  });
  expect(driftReportHtml(report)).toContain('Drawn are the 400 strongest of 10,000 features.');
});

test('what is no Parquet is said to be none', async () => {
  const reading = readTable({ bytes: Buffer.from('hello, this is text'), name: 'x' }, { format: 'parquet' });
  await expect(reading).rejects.toThrow('x: cannot be read as Parquet');
});
