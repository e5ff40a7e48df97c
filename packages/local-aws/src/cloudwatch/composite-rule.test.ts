import { expect, test } from '@jest/globals';
import { alarmsIn, holds, parseRule } from './composite-rule.ts';
import type { AlarmState } from './judge.ts';

const states: Record<string, AlarmState> = { a: 'ALARM', b: 'OK', 'c d': 'INSUFFICIENT_DATA' };
const isTrue = (text: string) => holds(parseRule(text), (name) => states[name]);

test.each<[string, boolean]>([
  ['ALARM(a)', true],
  ['ALARM(b)', false],
  ['NOT ALARM(b)', true],
  ['ALARM(a) AND OK("b")', true],
  ['ALARM(b) OR ALARM(a) AND OK(b)', true],
  ['(ALARM(b) OR ALARM(a)) AND NOT OK(b)', false],
  ['INSUFFICIENT_DATA("c d")', true],
  ['ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a")', true],
  ['ALARM(nobody) OR FALSE', false],
  ['TRUE', true],
])('%s', (text, expected) => {
  expect(isTrue(text)).toBe(expected);
});

test('a rule names its alarms once each, and nonsense is refused', () => {
  expect(alarmsIn(parseRule('ALARM(a) AND (OK(b) OR ALARM(a))'))).toEqual(['a', 'b']);
  for (const text of ['', 'ALARM(', 'ALARM(a) AND', 'MAYBE(a)', 'ALARM(a) OK(b)', 'ALARM()']) {
    expect(() => parseRule(text)).toThrow('AlarmRule is not valid');
  }
});
