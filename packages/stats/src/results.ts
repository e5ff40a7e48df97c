import type { DriftReport } from './drift/drift-report.ts';
import { drift } from './drift/drift.ts';
import type { DriftSettings } from './drift/settings.ts';
import { suggestConstraints } from './monitor-files/constraints.ts';
import { profileToStatistics } from './monitor-files/statistics.ts';
import { checkConstraints } from './monitor-files/violations.ts';
import { inOrderOf } from './profile/profile-like.ts';
import type { Profile } from './profile/profile.ts';
import { UserError } from './user-error.ts';

/** The files that an analysis leaves: name → JSON, in the order in which they are to be written, the one that says most last. */
export type Results = Record<string, string>;

/** statistics.json and constraints.json. */
export function baselineResults(baseline: Profile): Results {
  return {
    'statistics.json': compact(profileToStatistics(baseline)),
    'constraints.json': readable(suggestConstraints(baseline)),
  };
}

/**
 * Compares current data with a baseline: the report, and statistics.json (of the current data), constraints.json, constraint_violations.json and
 * drift.json. How the profiles came about, in how many parts, changes none of them but by rounding.
 * @throws UserError for a baseline without rows: a comparison with nothing is no pass
 */
export function driftResults(
  baseline: Profile,
  found: Profile,
  settings: DriftSettings,
): { report: DriftReport; results: Results } {
  if (baseline.rows === 0) throw new UserError('the baseline has no rows');
  const current = inOrderOf(baseline, found);
  const report = drift(baseline, current, settings);
  const constraints = suggestConstraints(baseline);
  const violations =
    current.rows === 0 ? { violations: [] } : checkConstraints(constraints, current, baseline);
  const results = {
    'statistics.json': compact(profileToStatistics(current)),
    'constraints.json': readable(constraints),
    'constraint_violations.json': readable(violations),
    'drift.json': readable({ version: 1, ...report }),
  };
  return { report, results };
}

export const readable = (content: unknown): string => `${JSON.stringify(content, undefined, 2)}\n`;
/** A statistics.json is mostly sketches of thousands of numbers, which nobody reads line by line. */
const compact = (content: unknown): string => `${JSON.stringify(content)}\n`;
