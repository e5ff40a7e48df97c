import { expect, test } from '@jest/globals';
import {
  anything,
  array,
  assert,
  constantFrom,
  double,
  integer,
  jsonValue,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { categoriesOf } from '../table.ts';
import type { Table } from '../table.ts';
import { newBatch } from './batch.ts';
import { putCaptureLine } from './capture-line.ts';
import { inputRows, predictionRows } from './capture-payload.ts';
import { readTable } from './scan.ts';
import type { ReadOptions } from './scan.ts';

function line(input: string, output: string, encoding = 'JSON', type = 'application/json'): string {
  const side = (mode: string, data: string): unknown => ({ observedContentType: type, mode, data, encoding });
  return JSON.stringify({
    captureData: { endpointInput: side('INPUT', input), endpointOutput: side('OUTPUT', output) },
    eventMetadata: {
      eventId: '5c1b4b0f',
      inferenceTime: '2027-01-01T13:00:00Z',
      customAttributes: ['a "b"'],
    },
    eventVersion: '0',
  });
}

async function read(
  text: string,
  options: ReadOptions = {},
): Promise<Record<string, (string | undefined)[]>> {
  return byName(
    await readTable({ bytes: Buffer.from(text), name: 'x.jsonl' }, { format: 'capture', ...options }),
  );
}

function byName(table: Table): Record<string, (string | undefined)[]> {
  return Object.fromEntries(table.columns.map(({ name }) => [name, categoriesOf(table, name)]));
}

test('instances become rows, answers the column prediction', async () => {
  const input =
    '{"instances":[{"origin":"DEN","distance":862,"late":true,"share":null},{"origin":"Ω","distance":1e3}]}';
  expect(await read(`${line(input, '{"predictions":[0.23,0.5]}')}\n`)).toEqual({
    origin: ['DEN', 'Ω'],
    distance: ['862', '1000'],
    late: ['true', undefined],
    share: [undefined, undefined],
    prediction: ['0.23', '0.5'],
  });
});

test('CSV payloads take the names of the baseline, or Spark’s', async () => {
  const text = line('1.5,DEN\n-2,\n', '0.1\n0.2\n', 'CSV', 'text/csv');
  expect(await read(text)).toEqual({
    _c0: ['1.5', '-2'],
    _c1: ['DEN', undefined],
    prediction: ['0.1', '0.2'],
  });
  expect(await read(text, { captureNames: ['x', 'origin'] })).toEqual({
    x: ['1.5', '-2'],
    origin: ['DEN', undefined],
    prediction: ['0.1', '0.2'],
  });
});

test('BASE64 is undone, whatever it holds', async () => {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const json = line(encode('{"instances":[{"a":1}]}'), encode('{"predictions":[2]}'), 'BASE64');
  const csv = line(encode('1,2'), encode('3'), 'BASE64', 'text/csv');
  expect(await read(`${json}\n${csv}\n`)).toEqual({
    a: ['1', undefined],
    prediction: ['2', '3'],
    _c0: [undefined, '1'],
    _c1: [undefined, '2'],
  });
});

test('other usual forms of a request and an answer', async () => {
  const lines = [
    line('{"instances":[[1,2]]}', '{"predictions":[[0.1,0.9]]}'),
    line('[{"a":1}]', '[0.5]'),
    line('{"a":7}', '0.7'),
    line('{"inputs":[{"a":1}]}', '{"predictions":[{"score":0.4}]}'),
    line('{"instances":[{"a":1}]}', '{"predictions":[{"label":"x","score":0.4}]}'),
  ];
  expect(await read(lines.join('\n'))).toEqual({
    _c0: ['1', undefined, undefined, undefined, undefined],
    _c1: ['2', undefined, undefined, undefined, undefined],
    a: [undefined, '1', '7', '1', '1'],
    prediction: ['0.1', '0.5', '0.7', '0.4', undefined],
    'prediction.1': ['0.9', undefined, undefined, undefined, undefined],
    'prediction.label': [undefined, undefined, undefined, undefined, 'x'],
    'prediction.score': [undefined, undefined, undefined, undefined, '0.4'],
  });
});

test.each([
  ['{"a":1}', 'is not a data-capture line: it has no "captureData"'],
  ['nonsense', 'is not JSON'],
  ['{"captureData":{"endpointInput":{"data":1}}}', 'has no text "data" in its "endpointInput"'],
  ['{"captureData":{"endpointInput":{"data":"x","encoding":"XML"}}}', 'has the encoding "XML"'],
  [
    line('{"instances":[{"a":1}]}', '{"predictions":[1,2]}'),
    'has 1 instances in the request but 2 predictions',
  ],
  [line('{"instances":[{"a":{"b":1}}]}', '{"predictions":[1]}'), '"a" holds an object'],
  [line('{"instances":[{"a":1}', '{"predictions":[1]}'), 'has data in its "endpointInput" that are not JSON'],
])('%s is refused with file and line', async (text, message) => {
  await expect(read(`\n${text}\n`)).rejects.toThrow(`x.jsonl, row 2: ${message}`);
});

test('a captured CSV of the wrong width is refused', async () => {
  const reading = read(line('1,2', '3', 'CSV'), { captureNames: ['only'] });
  await expect(reading).rejects.toThrow('x.jsonl, row 1: has 2 features where 1 are expected (only)');
});

/** The rows by JSON.parse alone, as [name, value] pairs. */
function slowly(text: string, names: readonly string[] | undefined): unknown {
  try {
    const { captureData: data } = JSON.parse(text) as { captureData: Record<string, unknown> };
    const features =
      data['endpointInput'] === undefined ? undefined : inputRows(data['endpointInput'], names);
    const answers = data['endpointOutput'] === undefined ? undefined : predictionRows(data['endpointOutput']);
    if (features && answers && features.length !== answers.length) return 'refused';
    const rows = features ?? answers ?? [];
    return rows.map((_, i) => Object.fromEntries([...(features?.[i] ?? []), ...(answers?.[i] ?? [])]));
  } catch {
    return 'refused';
  }
}

/** What the byte scanner has put, in the same shape; undefined where it left the line to JSON.parse. */
function quickly(text: string, names: readonly string[] | undefined): unknown {
  const batch = newBatch();
  const bytes = Buffer.from(`${text}\n`);
  if (!putCaptureLine(batch, bytes, 0, bytes.length - 1, names)) {
    expect({ rows: batch.rows, kinds: batch.columns.some(({ kinds }) => kinds[0] !== 0) }).toEqual({
      rows: 0,
      kinds: false,
    });
    return undefined;
  }
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(
      batch.columns.flatMap(({ name, kinds, numbers, codes, index }): [string, unknown][] => {
        const kind = kinds[row]!;
        if (kind === 0) return [];
        if (kind === 3) return [[name, index.texts[codes[row]!]]];
        return [[name, kind === 4 ? index.texts[codes[row]!] === 'true' : numbers[row]]];
      }),
    ),
  );
}

function withoutNull(rows: unknown): unknown {
  if (!Array.isArray(rows)) return rows;
  return (rows as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  );
}

const scalar = oneof(
  double({ noNaN: true, noDefaultInfinity: true }),
  integer(),
  string(),
  constantFrom(true, false, null, 'DEN', '1.5', 'nan', 'inf'),
);
const instance = record({ a: scalar, origin: scalar, 'odd "name"': scalar }, { requiredKeys: ['a'] });
const field = oneof(
  double().map(String),
  integer().map(String),
  constantFrom('', 'DEN', 'nan', ' 1', '"x"', '0x10', 'inf', '1e5', 'é'),
);
const csv = array(
  array(field, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(',')),
  { maxLength: 3 },
);
const anyLine = oneof(
  record({ instances: array(oneof(instance, anything()), { maxLength: 3 }) }).map((payload) => {
    const answers = payload.instances.map((_, i) => i / 7);
    return line(JSON.stringify(payload) ?? '', JSON.stringify({ predictions: answers }));
  }),
  record({ instances: array(instance, { maxLength: 3 }) }).map((payload) =>
    line(
      JSON.stringify(payload),
      JSON.stringify({ predictions: payload.instances.map((_, i) => -i * 1e-7) }),
    ),
  ),
  csv.map((lines) => line(lines.join('\n'), lines.map((_, i) => i).join('\n'), 'CSV')),
  jsonValue().map((value) => JSON.stringify(value)),
);

test('the byte scanner reads what it reads as JSON.parse does, and leaves the batch alone otherwise', () => {
  let quick = 0;
  assert(
    property(anyLine, constantFrom(undefined, ['x', 'y']), (text, names) => {
      const rows = quickly(text, names);
      if (rows === undefined) return;
      quick++;
      expect(rows).toEqual(withoutNull(slowly(text, names)));
    }),
    { numRuns: 4000 },
  );
  expect(quick).toBeGreaterThan(300);
});

test('a number that JSON has not is none to the byte scanner either', () => {
  for (const number of ['5.', '5.e1', '0.E5', '05', '+5', '.5', '-', '1e', '1e+']) {
    const text = line(`{"instances":[{"a":${number}}]}`, '{"predictions":[1]}');
    expect([number, quickly(text, undefined)]).toEqual([number, undefined]);
  }
});

test('with any byte changed it still agrees', () => {
  const text = line('{"instances":[{"a":1.5,"b":"DEN","c":true}]}', '{"predictions":[0.25]}');
  assert(
    property(integer({ min: 0, max: text.length - 1 }), integer({ min: 32, max: 126 }), (at, byte) => {
      const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
      const rows = quickly(changed, undefined);
      if (rows !== undefined) expect(rows).toEqual(withoutNull(slowly(changed, undefined)));
    }),
    { numRuns: 6000 },
  );
});
