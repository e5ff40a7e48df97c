import { mergeProfiles } from '../profile/profile.ts';
import type { Profile } from '../profile/profile.ts';

export type Season = 'hour' | 'weekday' | 'hour-of-week';

/** Which season an instant belongs to, in UTC as captures are filed: hours from 0, weekdays from Sunday = 0. */
export function seasonOf(instant: Date, season: Season): number {
  if (season === 'hour') return instant.getUTCHours();
  if (season === 'weekday') return instant.getUTCDay();
  return instant.getUTCDay() * 24 + instant.getUTCHours();
}

/**
 * The baseline for an instant: all windows of the same season together (the same weekday or hour), undefined when there are none.
 * A window is compared with its like, so that a quiet night is no drift from a busy day.
 */
export function seasonalBaseline(
  windows: readonly { start: Date; profile: Profile }[],
  instant: Date,
  season: Season,
): Profile | undefined {
  const alike = windows.filter(({ start }) => seasonOf(start, season) === seasonOf(instant, season));
  return alike.length === 0 ? undefined : mergeProfiles(...alike.map(({ profile }) => profile));
}
