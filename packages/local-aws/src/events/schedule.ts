import { AwsError } from '../kernel/errors.ts';
import type { Instant } from '../kernel/world.ts';
import { parseCron } from './cron.ts';

/** When a schedule next fires after an instant; undefined where it never does again. */
export type Schedule = (after: Instant) => Instant | undefined;

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * `rate(5 minutes)` or `cron(0 12 * * ? *)`, in UTC.
 * @param since rates count from here
 */
export function parseSchedule(expression: string, since: Instant): Schedule {
  const [, kind, text = ''] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return parseCron(text) ?? invalidSchedule();
  const [, count, unit = '', plural = ''] = /^(\d+) (minute|hour|day)(s?)$/.exec(text) ?? [];
  // EventBridge insists on "1 minute" and "2 minutes".
  if (kind === undefined || Number(count) < 1 || count === undefined || (count === '1') !== (plural === ''))
    return invalidSchedule();
  const every = Number(count) * (unitMs[unit] as number);
  return (after) => since + (Math.max(0, Math.floor((after - since) / every)) + 1) * every;
}

function invalidSchedule(): never {
  throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
}
