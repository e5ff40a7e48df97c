import { expect, test } from '@jest/globals';
import { assert, boolean, constantFrom, double, property, string } from 'fast-check';
import { doublesAt, kernels, letGo, memoryBytes, scratch, scratchTop } from './kernels.ts';

const INTEGRAL = 1;
const FRACTIONAL = 2;
const ROUNDED = 5;
const SPAN = 6;

/** What the kernel reads of a field alone in its record. */
function fieldOf(text: string): { value: number | undefined; kind: number } {
  const since = scratchTop();
  const bytes = Buffer.from(`${text}\n`);
  const place = scratch(bytes.length);
  const slots = scratch(8);
  const kinds = scratch(1);
  const texts = scratch(1);
  memoryBytes()[texts] = 0;
  memoryBytes().set(bytes, place);
  const stop = kernels().readRecords(place, place + bytes.length, 1, texts, 1, slots, kinds, 44);
  expect({ stop, records: kernels().recordsRead.value }).toEqual({ stop: place + bytes.length, records: 1 });
  const kind = memoryBytes()[kinds]!;
  const value = kind === SPAN ? undefined : doublesAt(slots, 1)[0];
  letGo(since);
  return { value, kind };
}

test('every double, written in any usual way, comes back as itself', () => {
  const ways = [
    String,
    (x: number) => x.toExponential(),
    (x: number) => x.toPrecision(17),
    (x: number) => x.toFixed(12),
  ];
  assert(
    property(double({ noNaN: true, noDefaultInfinity: true }), constantFrom(...ways), (value, write) => {
      const text = write(value);
      const read = fieldOf(text);
      // What is too long, too large or too small is left to somebody else.
      if (read.kind !== SPAN) expect(read.value).toBe(Number(text));
    }),
    { numRuns: 20_000 },
  );
});

test('doubles between 1e-40 and 1e18 are read here, not elsewhere', () => {
  assert(
    property(double({ min: 1e-40, max: 1e18, noNaN: true }), (value) => {
      expect(fieldOf(String(value))).toEqual({ value, kind: expect.any(Number) });
      expect(fieldOf(value.toPrecision(17)).value).toBe(value);
    }),
    { numRuns: 20_000 },
  );
});

test('any run of digits is rounded to the nearest double', () => {
  const digits = string({
    unit: constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
    minLength: 1,
    maxLength: 14,
  });
  assert(
    property(digits, digits, boolean(), (whole, fraction, negative) => {
      const text = `${negative ? '-' : ''}${whole}.${fraction}`;
      const read = fieldOf(text);
      if (read.kind !== SPAN) expect(read).toEqual({ value: Number(text), kind: FRACTIONAL });
      else expect(`${whole}${fraction}`.replace(/^0+/, '').length).toBeGreaterThan(19);
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ['9007199254740991', INTEGRAL],
  ['9007199254740992', ROUNDED],
  ['-9007199254740993', ROUNDED],
  ['1e3', FRACTIONAL],
  ['+5', INTEGRAL],
  ['-0', INTEGRAL],
  ['5.', FRACTIONAL],
  ['.5', FRACTIONAL],
  // Exactly between two doubles: the even one.
  ['9007199254740993', ROUNDED],
  ['1.00000000000000011102230246251565', SPAN],
])('%s is of kind %i', (text, kind) => {
  expect(fieldOf(text)).toEqual({ value: kind === SPAN ? undefined : Number(text), kind });
});

test.each(['-', '.', 'e5', '1e', '1e+', 'x', '0x10', '1_000', 'nan', '1 '])('%j is no number', (text) => {
  expect(fieldOf(text).kind).toBe(SPAN);
});
