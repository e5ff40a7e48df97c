import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { seeded } from '../math/random.ts';
import { numberColumn, tableOf, textColumn } from '../table.ts';
import { bucketsOf } from './buckets.ts';
import { readProfile, writeProfile } from './file-format.ts';
import { mergeProfiles, profile } from './profile.ts';
import type { Profile } from './profile.ts';

function sample(rows: number): Profile {
  const random = seeded(rows);
  return profile(
    tableOf([
      numberColumn(
        'share',
        Float64Array.from({ length: rows }, () => random.next() - 0.5),
      ),
      numberColumn(
        'hour',
        Float64Array.from({ length: rows }, () => random.below(24)),
      ),
      numberColumn(
        'odd',
        Float64Array.from({ length: rows }, (_, i) => [-0, Infinity, Number.NaN, -1e-310][i % 4]!),
      ),
      numberColumn('huge', Float64Array.of(...Array.from({ length: rows }, () => Number.MAX_VALUE))),
      textColumn(
        'origin',
        Array.from({ length: rows }, (_, i) => ['DEN', 'Ω "x"', undefined][i % 3]),
      ),
      textColumn(
        'id',
        Array.from({ length: rows }, (_, i) => `row ${i}`),
      ),
    ]),
  );
}

/** Without the order of a table's slots. */
function shown({ rows, columns }: Profile): unknown {
  return {
    rows,
    columns: columns.map(({ numbers, ...column }) => {
      const { high: _high, low: _low, counts: _counts, ...histogram } = numbers.histogram;
      return { ...column, numbers: { ...numbers, histogram, buckets: bucketsOf(numbers.histogram) } };
    }),
  };
}

test.each([0, 1, 300, 40_000])('a profile of %i rows comes back as it was written', (rows) => {
  const written = sample(rows);
  expect(shown(readProfile(writeProfile(written)))).toEqual(shown(written));
});

test('what was written can be merged with what comes later', () => {
  const [first, second] = [sample(20_000), sample(15_000)];
  expect(shown(mergeProfiles(readProfile(writeProfile(first)), second))).toEqual(
    shown(mergeProfiles(first, second)),
  );
});

test('a profile of version 1, before types could be given, is read', () => {
  const written = JSON.parse(gunzipSync(writeProfile(sample(300))).toString()) as {
    version: number;
    columns: { types: { wrong?: number } }[];
  };
  written.version = 1;
  for (const { types } of written.columns) delete types.wrong;
  expect(shown(readProfile(gzipSync(JSON.stringify(written))))).toEqual(shown(sample(300)));
});

test('types that were given, and what is not of them, come back', () => {
  const schema = { share: 'integer', origin: 'text' } as const;
  const { columns } = readProfile(
    writeProfile(
      profile(
        tableOf([numberColumn('share', Float64Array.of(1, 2.5)), textColumn('origin', ['DEN', 'LAX'])]),
        { schema },
      ),
    ),
  );
  expect(columns.map(({ name, given, types }) => [name, given, types.wrong])).toEqual([
    ['share', 'integer', 1],
    ['origin', 'text', 0],
  ]);
});

test('it is compact', () => {
  expect(writeProfile(sample(40_000)).length).toBeLessThan(60_000);
});

test.each([
  [Buffer.from('hello'), 'x: is no profile: incorrect header check'],
  [gzipSync('{}'), 'x: is no profile: its format is not "tidegate-profile"'],
  [gzipSync('null'), 'x: is no profile: its format is not "tidegate-profile"'],
  [
    gzipSync('{"format":"tidegate-profile","version":3}'),
    'x: is a profile of version 3; this program reads up to 2',
  ],
  [
    gzipSync('{"format":"tidegate-profile","version":1,"rows":-1}'),
    'x: is a damaged profile: -1 where a count is needed',
  ],
])('%j is refused', (bytes, message) => {
  expect(() => readProfile(bytes, 'x')).toThrow(message);
});

test('a written profile cut or changed anywhere is a profile or a UserError', () => {
  const text = gunzipSync(writeProfile(sample(50))).toString();
  const random = seeded(9);
  for (let i = 0; i < 300; i++) {
    const at = random.below(text.length);
    const changed = text.slice(0, at) + String.fromCharCode(32 + random.below(90)) + text.slice(at + 1);
    try {
      readProfile(gzipSync(changed));
    } catch (error) {
      expect((error as Error).name).toBe('UserError');
    }
  }
});
