import { expect, test } from '@jest/globals';
import { parseSchedule } from './schedule.ts';

const at = (text: string) => Date.parse(text);

// 2026-11-23 is a Monday.
test.each([
  ['rate(1 minute)', '2026-11-23T10:01:00Z'],
  ['rate(2 hours)', '2026-11-23T12:00:00Z'],
  ['cron(0 12 * * ? *)', '2026-11-23T12:00:00Z'],
  ['cron(0 10 * * ? *)', '2026-11-24T10:00:00Z'],
  ['cron(0/15 * * * ? *)', '2026-11-23T10:15:00Z'],
  ['cron(30 8 ? * MON-FRI *)', '2026-11-24T08:30:00Z'],
  ['cron(0 18 ? * 6L *)', '2026-11-27T18:00:00Z'],
  ['cron(0 0 L * ? *)', '2026-11-30T00:00:00Z'],
  ['cron(0 0 1W * ? *)', '2026-12-01T00:00:00Z'],
  ['cron(0 0 ? * 2#1 *)', '2026-12-07T00:00:00Z'],
  ['cron(0 0 29 2 ? *)', '2028-02-29T00:00:00Z'],
  ['cron(5,10 10 23 NOV ? 2026-2027)', '2026-11-23T10:05:00Z'],
])('%s fires next at %s', (expression, next) => {
  const start = at('2026-11-23T10:00:00Z');
  expect(new Date(parseSchedule(expression, start)(start) ?? 0).toISOString()).toBe(
    new Date(next).toISOString(),
  );
});

test('a schedule of past years never fires again', () => {
  expect(parseSchedule('cron(0 0 1 1 ? 2020)', 0)(at('2026-11-23T10:00:00Z'))).toBeUndefined();
});

test.each([
  'rate(1 minutes)',
  'rate(2 minute)',
  'rate(0 days)',
  'cron(0 12 * * * *)',
  'cron(0 12 * * ?)',
  'cron(61 0 * * ? *)',
  'daily',
])('%s is not valid', (expression) => {
  expect(() => parseSchedule(expression, 0)).toThrow('Parameter ScheduleExpression is not valid.');
});
