import type { Instant } from '../kernel/world.ts';

const dayMs = 86_400_000;
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** EventBridge's six fields: minutes, hours, day of month, month, day of week (1 = Sunday), year; all in UTC. */
export function parseCron(text: string): ((after: Instant) => Instant | undefined) | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [minuteField = '', hourField = '', domField = '', monthField = '', dowField = '', yearField = ''] =
    fields.map((field) => field.toUpperCase());
  // One of the two says which days, the other has to say "no matter".
  if ((domField === '?') === (dowField === '?')) return undefined;
  const minutes = values(minuteField, 0, 59);
  const hours = values(hourField, 0, 23);
  const months = values(monthField, 1, 12, monthNames, 1);
  const years = values(yearField, 1970, 2199);
  const isDay = dowField === '?' ? dayOfMonth(domField) : dayOfWeek(dowField);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  return (after) => {
    const first = Math.floor(after / 60_000) * 60_000 + 60_000;
    const lastYear = years.at(-1) as number;
    for (
      let day = Math.floor(first / dayMs) * dayMs;
      new Date(day).getUTCFullYear() <= lastYear;
      day += dayMs
    ) {
      const date = new Date(day);
      if (!years.includes(date.getUTCFullYear()) || !months.includes(date.getUTCMonth() + 1) || !isDay(date))
        continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const instant = day + (hour * 60 + minute) * 60_000;
          if (instant >= first) return instant;
        }
      }
    }
    return undefined;
  };
}

/** `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `1,3,5` → the values in order; undefined where it is none of these. */
function values(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
  firstName = 0,
): number[] | undefined {
  const one = (text: string) => {
    const named = names.indexOf(text);
    const value = named >= 0 ? named + firstName : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
  const found = new Set<number>();
  for (const item of field.split(',')) {
    const [range = '', step, ...more] = item.split('/');
    const [from = '', to] = range.split('-');
    const first = range === '*' ? min : one(from);
    const last = range === '*' || (step !== undefined && to === undefined) ? max : one(to ?? from);
    const by = Number(step ?? 1);
    if (more.length > 0 || first === undefined || last === undefined || !(by >= 1)) return undefined;
    for (let value = first; value <= last; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

type IsDay = (date: Date) => boolean;

const lastOfMonth = (date: Date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Also `L`, the last day, and `15W`, the weekday nearest to the 15th in its month. */
function dayOfMonth(field: string): IsDay | undefined {
  if (field === 'L') return (date) => date.getUTCDate() === lastOfMonth(date);
  const near = /^(\d+)W$/.exec(field)?.[1];
  if (near !== undefined) return (date) => date.getUTCDate() === nearestWeekday(date, Number(near));
  const days = values(field, 1, 31);
  return days && ((date) => days.includes(date.getUTCDate()));
}

function nearestWeekday(date: Date, wanted: number) {
  const last = lastOfMonth(date);
  const day = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === last ? day - 2 : day + 1;
  return day;
}

/** Also `6L`, the month's last Friday, and `2#1`, its first Monday. */
function dayOfWeek(field: string): IsDay | undefined {
  const weekday = (date: Date) => date.getUTCDay() + 1;
  const last = /^([1-7])L$/.exec(field)?.[1];
  if (last !== undefined)
    return (date) => weekday(date) === Number(last) && date.getUTCDate() > lastOfMonth(date) - 7;
  const nth = /^([1-7])#([1-5])$/.exec(field);
  if (nth)
    return (date) => weekday(date) === Number(nth[1]) && Math.ceil(date.getUTCDate() / 7) === Number(nth[2]);
  const days = values(field === 'L' ? '7' : field, 1, 7, dayNames, 1);
  return days && ((date) => days.includes(weekday(date)));
}
