import { UserError } from '../user-error.ts';
import type { DriftVerdict } from './drift-report.ts';

/**
 * One verdict over windows of time, the newest last: fail (or warn) when at least k of the last n are so, so that one odd hour rolls nothing
 * back. Inconclusive windows count for nothing; when they could have tipped it, so is the whole.
 * @throws UserError unless 1 ≤ k ≤ n
 */
export function verdictOverWindows(
  verdicts: readonly DriftVerdict[],
  { k, n }: { k: number; n: number },
): DriftVerdict {
  if (!(Number.isInteger(k) && Number.isInteger(n) && k >= 1 && n >= k)) {
    throw new UserError(`"${k} of ${n}" windows cannot be meant; like "2 of 3" is needed`);
  }
  const recent = verdicts.slice(-n);
  const failing = recent.filter((verdict) => verdict === 'fail').length;
  const alarmed = recent.filter((verdict) => verdict === 'fail' || verdict === 'warn').length;
  const unknown = n - recent.length + recent.filter((verdict) => verdict === 'inconclusive').length;
  if (failing >= k) return 'fail';
  if (alarmed >= k) return 'warn';
  return alarmed + unknown >= k ? 'inconclusive' : 'none';
}
