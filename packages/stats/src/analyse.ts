import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriftReport } from './drift/drift-report.ts';
import { drift } from './drift/drift.ts';
import type { DriftSettings } from './drift/settings.ts';
import { suggestConstraints } from './monitor-files/constraints.ts';
import { profileFromStatistics, profileToStatistics, type Statistics } from './monitor-files/statistics.ts';
import { checkConstraints } from './monitor-files/violations.ts';
import { profileFiles, profileSource } from './profile/profile-files.ts';
import type { Profile } from './profile/profile.ts';
import { unreadable } from './read/source.ts';
import { readTarMember } from './read/tar.ts';
import { UserError } from './user-error.ts';

export type AnalysisPaths = {
  /** A data file, a statistics.json, an output.tar.gz with a baseline.csv, or a folder with one of them. */
  baseline: string;
  /** A file or a folder of captures (.jsonl, at any depth) or other data. */
  current: string;
  /** A folder, made when it is not there. */
  output: string;
  /** How many threads read; 1 when absent. */
  threads?: number | undefined;
};

/** Profiles the baseline; writes statistics.json and constraints.json. */
export async function analyseBaseline({
  baseline,
  output,
  threads = 1,
}: Omit<AnalysisPaths, 'current'>): Promise<Profile> {
  const profile = await baselineProfile(baseline, threads);
  await writeResults(output, {
    'statistics.json': profileToStatistics(profile),
    'constraints.json': suggestConstraints(profile),
  });
  return profile;
}

/**
 * Compares current data with the baseline; writes statistics.json (of the current data), constraints.json, constraint_violations.json and drift.json.
 * @throws UserError when there is nothing to compare: an analysis without data is no pass
 */
export async function analyseDrift(paths: AnalysisPaths, settings: DriftSettings): Promise<DriftReport> {
  const { threads = 1 } = paths;
  const baseline = await baselineProfile(paths.baseline, threads);
  if (baseline.rows === 0) throw new UserError('the baseline has no rows', { file: paths.baseline });
  const captureNames = baseline.columns.map(({ name }) => name).filter((name) => name !== 'prediction');
  const files = await filesIn(paths.current);
  const current = await profileFiles(files, { captureNames, threads, like: baseline });
  forgetPredictions(baseline, current);
  const report = drift(baseline, current, settings);
  const constraints = suggestConstraints(baseline);
  const violations =
    current.rows === 0 ? { violations: [] } : checkConstraints(constraints, current, baseline);
  await writeResults(paths.output, {
    'statistics.json': profileToStatistics(current),
    'constraints.json': constraints,
    'constraint_violations.json': violations,
    'drift.json': { version: 1, ...report },
  });
  return report;
}

/** What the model answers is compared where the baseline has it, and is no extra column where it has not. */
function forgetPredictions(baseline: Profile, current: Profile): void {
  if (baseline.columns.some(({ name }) => name === 'prediction')) return;
  current.columns = current.columns.filter(({ name }) => name !== 'prediction');
}

async function baselineProfile(path: string, threads: number): Promise<Profile> {
  const files = await filesIn(path);
  const archive = files.find((file) => /\.(tar\.gz|tgz)$/.test(file));
  const statistics = files.find((file) => /(^|\/)statistics\.json$/.test(file));
  const data = files.filter((file) => /\.(csv|parquet|jsonl)(\.gz)?$/.test(file));
  const named = data.filter((file) => /(^|\/)baseline\.[^/]*$/.test(file));
  if (data.length > 0) return profileFiles(named.length > 0 ? named : data, { threads });
  if (archive) {
    const bytes = await readTarMember(archive, 'baseline.csv');
    return profileSource({ bytes, name: `${archive}/baseline.csv` }, { format: 'csv' });
  }
  if (statistics) return profileFromStatistics(await readJson(statistics));
  throw new UserError(
    'holds no baseline: a .csv, .jsonl, .parquet, statistics.json or output.tar.gz is needed',
    {
      file: path,
    },
  );
}

async function readJson(file: string): Promise<Statistics> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Statistics;
  } catch (cause) {
    throw new UserError(`is not JSON (${(cause as Error).message})`, { file }, { cause });
  }
}

/** The file itself, or every file below the folder by name; hidden files and empty ones are left out. @throws UserError when there is no such path */
export async function filesIn(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
  } catch (error) {
    throw unreadable(path, error);
  }
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.startsWith('_'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files;
}

async function writeResults(folder: string, files: Record<string, unknown>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    // A statistics.json is mostly sketches of thousands of numbers, which nobody reads line by line.
    const indent = name === 'statistics.json' ? 0 : 2;
    await writeFile(join(folder, name), `${JSON.stringify(content, undefined, indent)}\n`);
  }
}
