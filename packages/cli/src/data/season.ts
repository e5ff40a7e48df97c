import { seasonOf, type Season } from '@tidegate/stats';
import { UsageError } from '../commands/arguments.ts';
import { UserError } from '../terminal/errors.ts';
import type { Place } from './places.ts';

const seasons = ['hour', 'weekday', 'hour-of-week'] as const;

export function parseSeason(text: string | undefined): Season | undefined {
  const found = seasons.find((each) => each === text);
  if (text === undefined || found !== undefined) return found;
  throw new UsageError(`--season ${text} is not one of ${seasons.join(', ')}`);
}

/**
 * Those of the baseline's places whose names lie in the same season as the current ones': a Tuesday is compared with Tuesdays. Places that
 * are in both are current.
 * @throws UserError when a name holds no time, when the current ones lie in several seasons, or when there is nothing alike
 */
export function placesOfSeason(
  baseline: readonly Place[],
  current: readonly Place[],
  season: Season,
): readonly Place[] {
  const of = ({ name }: Place): number => seasonOf(instantIn(name, season !== 'weekday'), season);
  const wanted = new Set(current.map(of));
  if (wanted.size > 1)
    throw new UserError(`the current data lie in ${wanted.size} different seasons; one is needed`);
  const names = new Set(current.map(({ name }) => name));
  const alike = baseline.filter((place) => !names.has(place.name) && wanted.has(of(place)));
  if (alike.length === 0)
    throw new UserError(`nothing of the baseline is of the same ${season} as ${[...names][0] ?? ''}`);
  return alike;
}

/** The instant in a name like `2027/06/03/13/a.jsonl` or `2027-06-03T13.profile.gz`, in UTC. */
function instantIn(name: string, withHour: boolean): Date {
  const found = /(\d{4})[/-](\d\d)[/-](\d\d)(?:[/T_-](\d\d)(?!\d))?/g;
  const [, year, month, day, hour] = [...name.matchAll(found)].at(-1) ?? [];
  const instant = new Date(`${year}-${month}-${day}T${hour ?? '00'}:00:00Z`);
  if (!Number.isNaN(instant.getTime()) && (hour !== undefined || !withHour)) return instant;
  throw new UserError(
    `${name} names no ${withHour ? 'hour (2027/06/03/13/)' : 'day (2027-06-03)'}, so it has no season`,
  );
}
