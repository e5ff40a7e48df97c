import { expect, test } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  double,
  integer,
  oneof,
  option,
  record,
  tuple,
} from 'fast-check';
import { categoriesOf } from '../table.ts';
import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { readLines } from './alike-lines.ts';
import type { LineFormat } from './alike-lines.ts';
import { putObject } from './json-object.ts';
import { learnObject } from './learn-object.ts';
import { readTable } from './scan.ts';
import type { ReadOptions } from './scan.ts';
import type { Schema } from './schema.ts';

const number = oneof(double({ noNaN: true, noDefaultInfinity: true }), integer());
const field = oneof(
  number.map(String),
  constantFrom('', 'DEN', 'true', 'nan', '0x10', '1e5', '-0', '"x"', 'é'),
);
const scalar = oneof(number, constantFrom('DEN', '', 'a "b"', 'é', '7', null, true, false));

const captureOf = (data: string, answer: string, encoding: string, id: string): string =>
  JSON.stringify({
    captureData: {
      endpointInput: { mode: 'INPUT', data, encoding },
      endpointOutput: { mode: 'OUTPUT', data: answer, encoding },
    },
    eventMetadata: { eventId: id, inferenceTime: '2027-01-01T13:00:00Z' },
    eventVersion: '0',
  });

const lines = {
  'captured CSV': tuple(field, field, field, number).map(([a, b, c, answer]) =>
    captureOf(`${a},${b},${c}\n`, `${answer}`, 'CSV', a),
  ),
  'captured JSON': record({ a: scalar, b: scalar, 'ä "c"': scalar }).map((instance) =>
    captureOf(JSON.stringify({ instances: [instance] }), '{"predictions": [0.5]}', 'JSON', 'x'),
  ),
  'captured lists': tuple(scalar, scalar, option(number)).map((values) =>
    captureOf(JSON.stringify([values]), '[[0.25, 1]]', 'JSON', 'x'),
  ),
  'JSON lines': record({ a: scalar, b: scalar, 'ä c': scalar }, { requiredKeys: ['a', 'b'] }).map((row) =>
    JSON.stringify(row),
  ),
};

/** Changes a byte of some lines. */
const damage = array(
  tuple(integer({ min: 0, max: 40 }), integer({ min: 0, max: 400 }), integer({ min: 33, max: 126 })),
  {
    maxLength: 3,
  },
);

const schemas: [string, Schema | undefined][] = [
  ['as they are', undefined],
  ['by a schema', { _c0: 'text', _c2: 'text', a: 'text', b: 'integer', prediction: 'text' }],
];

test.each(
  Object.entries(lines).flatMap(([name, line]) =>
    schemas.map(([how, schema]) => [name, how, line, schema] as const),
  ),
)('%s are read together %s as each is alone', async (_, __, line, schema) => {
  await assert(
    asyncProperty(array(line, { minLength: 8, maxLength: 40 }), damage, async (clean, changes) => {
      const all = [...clean];
      for (const [at, place, byte] of changes) {
        const text = all[at];
        if (text !== undefined && place < text.length)
          all[at] = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
      }
      expect(await together(all, schema)).toEqual(await alone(all, schema));
    }),
    { numRuns: 200 },
  );
});

test('what was learned of a line stays when its piece is written over', async () => {
  const all = Array.from({ length: 5000 }, (_, i) => `{"a":${i},"b":"x${i}"}\n`);
  const buffer = Buffer.alloc(all.join('').length);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let first = 0; first < all.length; first += 100) {
      buffer.fill(32);
      yield buffer.subarray(0, buffer.write(all.slice(first, first + 100).join('')));
    }
  }
  let put = 0;
  const counted: LineFormat = {
    put(batch, bytes, from) {
      put++;
      putObject(batch, bytes, from);
      batch.rows++;
    },
    learn: learnObject,
  };
  let rows = 0;
  for await (const table of readLines(pieces(), counted, {})) rows += table.rows;
  // Two lines are looked at before anything is learned.
  expect({ rows, put }).toEqual({ rows: 5000, put: 2 });
});

type Row = Record<string, string | number | undefined>;

function rowsOf(table: Table): Row[] {
  const columns = table.columns.map((column) => ({ ...column, words: categoriesOf(table, column.name) }));
  return Array.from({ length: table.rows }, (_, row) => {
    const cells = columns.map(({ name, numbers, codes, words }): [string, string | number | undefined] => {
      const value = numbers?.[row];
      const isNumber = value !== undefined && !Number.isNaN(value) && !((codes?.[row] ?? -1) >= 0);
      return [name, isNumber ? value : words[row]];
    });
    return Object.fromEntries(cells.filter(([, value]) => value !== undefined));
  });
}

async function read(text: string, schema: Schema | undefined): Promise<Row[] | UserError> {
  const format: ReadOptions['format'] = text.includes('captureData') ? 'capture' : 'jsonl';
  try {
    return rowsOf(await readTable({ bytes: Buffer.from(text) }, { format, schema }));
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

async function together(all: readonly string[], schema: Schema | undefined): Promise<unknown> {
  const found = await read(all.join('\n'), schema);
  return found instanceof UserError ? { line: found.place.row } : found;
}

async function alone(all: readonly string[], schema: Schema | undefined): Promise<unknown> {
  const rows: Row[] = [];
  for (const [i, line] of all.entries()) {
    const found = await read(line, schema);
    if (found instanceof UserError) return { line: i + 1 };
    rows.push(...found);
  }
  return rows;
}
