import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, double, option, property, tuple } from 'fast-check';
import { profileSource } from '../profile/profile-files.ts';
import { inferredType, isNumeric, mergeProfiles, missingIn, profile } from '../profile/profile.ts';
import { categoriesOf, numberColumn, tableOf, textColumn } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { fitColumn } from './fit-types.ts';
import { readTable } from './scan.ts';
import { GIVEN_TYPES, schemaFrom } from './schema.ts';
import type { GivenType, Schema } from './schema.ts';

function read(text: string, schema: Schema, format: 'csv' | 'jsonl' | 'capture' = 'csv'): Promise<Table> {
  return readTable({ bytes: Buffer.from(text), name: 'x' }, { format, schema });
}

/** Values, and the counts that are not 0. */
function shown(table: Table): Record<string, unknown> {
  return Object.fromEntries(
    table.columns.map(({ name, counts }) => [
      name,
      [categoriesOf(table, name), Object.fromEntries(Object.entries(counts).filter(([, many]) => many > 0))],
    ]),
  );
}

test('zip codes given as texts keep their zeros, in quotes and without; a word for "no value" is none', async () => {
  const text = 'zip,x\n00501,1\n"01001",2\nNA,3\ninf,4\ntrue,5\n';
  expect(shown(await read(text, { zip: 'text' }))).toEqual({
    zip: [['00501', '01001', undefined, 'inf', 'true'], { text: 4 }],
    x: [['1', '2', '3', '4', '5'], { integral: 5 }],
  });
});

const none = undefined;
test.each<[GivenType, unknown]>([
  ['integer', [['1', '5', none, none, none, none, none], { integral: 2, wrong: 4 }]],
  ['fractional', [['1', '5', '2.5', none, 'Infinity', none, none], { integral: 1, fractional: 3, wrong: 2 }]],
  ['text', [['1', '5.0', '2.5', 'x', 'inf', 'TRUE', none], { text: 6 }]],
  ['boolean', [['true', none, none, none, none, 'true', none], { boolean: 2, wrong: 4 }]],
])('given as %s, what fits is kept and what does not is counted as wrong', async (type, expected) => {
  expect(shown(await read('a\n1\n5.0\n2.5\nx\ninf\nTRUE\n""\n', { a: type }))).toEqual({ a: expected });
});

test('JSON and captured requests are read by the same types, and ignored columns are not there', async () => {
  const lines = '{"zip":501,"age":"x","junk":1}\n{"zip":"02134","age":30,"junk":2}\n';
  expect(shown(await read(lines, { zip: 'text', age: 'integer', junk: 'ignore' }, 'jsonl'))).toEqual({
    zip: [['501', '02134'], { text: 2 }],
    age: [[none, '30'], { integral: 1, wrong: 1 }],
  });
  const side = (data: string) => JSON.stringify({ data, encoding: 'CSV' });
  const capture = (input: string, output: string) =>
    `{"captureData":{"endpointInput":${side(input)},"endpointOutput":${side(output)}},"eventMetadata":{"eventId":"1"}}\n`;
  // The second line has a space and is read the slow way.
  const captured = capture('00501,7', '01') + capture(' 02134,8', '02');
  expect(shown(await read(captured, { _c0: 'text', prediction: 'text' }, 'capture'))).toEqual({
    _c0: [['00501', '02134'], { text: 2 }],
    _c1: [['7', '8'], { integral: 2 }],
    prediction: [['01', '02'], { text: 2 }],
  });
});

const column = array(
  option(tuple(constantFrom('number', 'text'), double({ noNaN: true }), constantFrom('0', 'true', 'x'))),
  {
    minLength: 1,
  },
).map((cells): Column => {
  const numbers = cells.map((cell) => (cell?.[0] === 'number' ? cell[1] : Number.NaN));
  const texts = textColumn(
    'a',
    cells.map((cell) => (cell?.[0] === 'text' ? cell[2] : undefined)),
  );
  const { counts } = numberColumn('a', Float64Array.from(numbers));
  return { ...texts, numbers: Float64Array.from(numbers), counts: { ...counts, text: texts.counts.text } };
});

test('whatever a column holds, no value is lost: it fits, is wrong or is missing', () => {
  assert(
    property(column, constantFrom(...GIVEN_TYPES), (before, type) => {
      const fitted = fitColumn(before, type);
      const [was, is] = [before, fitted].map((each) => profile(tableOf([each])).columns[0]!);
      expect({ rows: is!.rows, missing: missingIn(is!), given: is!.given }).toEqual({
        rows: was!.rows,
        missing: missingIn(was!),
        given: type,
      });
      expect(isNumeric(is!)).toBe(type === 'integer' || type === 'fractional');
      expect(fitColumn(fitted, type)).toEqual(fitted);
    }),
  );
});

test('the types are kept in the profile, and two that contradict each other are not merged', async () => {
  const bytes = Buffer.from('zip\n00501\n02134\n');
  const asText = await profileSource({ bytes }, { format: 'csv', schema: { zip: 'text' } });
  expect(inferredType(asText.columns[0]!)).toBe('String');
  const like = await profileSource({ bytes }, { format: 'csv', like: asText });
  expect([...like.columns[0]!.texts.counts]).toEqual([
    ['00501', 1],
    ['02134', 1],
  ]);
  const asNumber = await profileSource({ bytes }, { format: 'csv', schema: { zip: 'integer' } });
  expect(() => mergeProfiles(asText, asNumber)).toThrow(
    'column "zip": is text by a schema in one part and integer in another: read both by one',
  );
  const inferred = await profileSource({ bytes }, { format: 'csv' });
  expect(() => mergeProfiles(asText, inferred)).toThrow(
    'is text by a schema in one part and Integral in another',
  );
  expect(mergeProfiles(inferred, asNumber).columns[0]!.given).toBe('integer');
});

test('a schema is a small map, or what Model Monitor inferred', () => {
  expect(schemaFrom({ zip: 'text', junk: 'ignore' })).toEqual({ zip: 'text', junk: 'ignore' });
  const features = [
    { name: 'zip', inferred_type: 'String' },
    { name: 'age', inferred_type: 'Integral' },
    { name: 'share', inferred_type: 'Fractional' },
    { name: 'none', inferred_type: 'Unknown' },
  ];
  expect(schemaFrom({ version: 0, features })).toEqual({ zip: 'text', age: 'integer', share: 'fractional' });
});

test.each([
  [[], 's.json: is no schema: a map like {"zip": "text"} or a constraints.json is needed'],
  [null, 's.json: is no schema'],
  [
    { zip: 'string', age: 3 },
    's.json: is no schema: "zip" is "string", "age" is 3; integer, fractional, text, boolean, ignore are types',
  ],
])('%j is no schema', (json, message) => {
  expect(() => schemaFrom(json, 's.json')).toThrow(message);
});

test('a column called as a part of every object has no type of its own', async () => {
  expect(shown(await read('constructor,__proto__\n1,2\n', { zip: 'text' }))).toEqual({
    constructor: [['1'], { integral: 1 }],
    ['__proto__']: [['2'], { integral: 1 }],
  });
});
