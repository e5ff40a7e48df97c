import { bucketsOf } from '../profile/buckets.ts';
import type { ColumnProfile } from '../profile/profile.ts';
import type { RangeViolation } from './drift-report.ts';

/**
 * The share of the current numbers that lie outside of the baseline's range. Those in a bucket that an end of the range cuts may lie on
 * either side: the true share is in [outside, outside + bound].
 */
export function outsideOf(baseline: ColumnProfile, current: ColumnProfile): RangeViolation {
  const { min: least, max: most } = baseline.numbers.moments;
  const { min, max } = current.numbers.moments;
  if (min >= least && max <= most) return { least, most, outside: 0, bound: 0 };
  const { lower, upper, counts, total } = bucketsOf(current.numbers.histogram);
  let outside = 0;
  let cut = 0;
  counts.forEach((count, i) => {
    if (upper[i]! < least || lower[i]! > most) outside += count;
    else if (lower[i]! < least || upper[i]! > most) cut += count;
  });
  return { least, most, outside: outside / total, bound: cut / total };
}
