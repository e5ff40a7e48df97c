import { expect, test } from '@jest/globals';
import { assert, boolean, constantFrom, double, property, string } from 'fast-check';
import { FRACTIONAL, INTEGRAL, ROUNDED, parsed, parsedKind, scanNumber } from './parse-number.ts';

function parse(text: string): [value: number | undefined, kind: number, end: number] {
  const end = scanNumber(Buffer.from(`${text},`), 0);
  return end < 0 ? [undefined, 0, -1] : [parsed[0], parsedKind[0]!, end];
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
      expect(parse(text).slice(0, 1)).toEqual([Number(text)]);
    }),
    { numRuns: 20_000 },
  );
});

test('any run of digits is rounded to the nearest double', () => {
  const digits = string({
    unit: constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
    minLength: 1,
    maxLength: 24,
  });
  assert(
    property(digits, digits, boolean(), (whole, fraction, negative) => {
      const text = `${negative ? '-' : ''}${whole}.${fraction}`;
      expect(parse(text)).toEqual([Number(text), FRACTIONAL, text.length]);
      const integer = negative ? `-${whole}` : whole;
      expect(parse(integer)[0]).toBe(Number(integer));
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ['9007199254740991', INTEGRAL],
  ['9007199254740992', ROUNDED],
  ['-18446744073709551616', ROUNDED],
  ['1e3', FRACTIONAL],
  ['+5', INTEGRAL],
])('%s is kind %i', (text, kind) => {
  expect(parse(text)).toEqual([Number(text), kind, text.length]);
});

test.each(['', '-', '.', 'e5', '1e', '1e+', 'x'])('%j is no number', (text) => {
  expect(parse(text)[0]).toBeUndefined();
});
