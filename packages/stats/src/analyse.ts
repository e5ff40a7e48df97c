import { existsSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriftReport } from './drift/drift-report.ts';
import type { DriftSettings } from './drift/settings.ts';
import { writeProfile } from './profile/file-format.ts';
import { baselineFiles, holdsRows, profileData } from './profile/profile-data.ts';
import { profileFiles, type ProfileFilesOptions } from './profile/profile-files.ts';
import type { Profile } from './profile/profile.ts';
import { unreadable } from './read/source.ts';
import { baselineResults, driftResults, featureNames, type Results } from './results.ts';

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
  await writeResults(output, baselineResults(profile));
  return profile;
}

/**
 * Compares current data with the baseline; writes statistics.json (of the current data), constraints.json, constraint_violations.json and drift.json.
 * @throws UserError when there is nothing to compare: an analysis without data is no pass
 */
export async function analyseDrift(paths: AnalysisPaths, settings: DriftSettings): Promise<DriftReport> {
  const { threads = 1 } = paths;
  const baseline = await baselineProfile(paths.baseline, threads);
  const files = await filesIn(paths.current);
  const captureNames = featureNames(baseline);
  const current = await profileFiles(files, { captureNames, threads, like: baseline });
  const { report, results } = driftResults(baseline, current, settings);
  await writeResults(paths.output, results);
  return report;
}

/**
 * Profiles data into one file, which is merged with those of other machines: its rows may be a share of a larger whole, and may be none.
 * It is named `<host>-<number of files read>.profile.gz`, so that whoever merges can tell that each was read once.
 * @param names what the features of captured requests are called that carry no names
 */
export async function analyseShare(
  { data, output, threads = 1 }: { data: string; output: string; threads?: number | undefined },
  { host, names }: { host: string; names: readonly string[] },
): Promise<{ profile: Profile; file: string }> {
  // SageMaker makes no folder where it has nothing to put into it.
  const files = existsSync(data) ? await filesIn(data) : [];
  const profile = await profileOf(files, { threads, captureNames: names });
  const file = `${host}-${files.length}.profile.gz`;
  await mkdir(output, { recursive: true });
  await writeFile(join(output, file), writeProfile(profile));
  return { profile, file };
}

async function baselineProfile(path: string, threads: number): Promise<Profile> {
  return await profileOf(baselineFiles(await filesIn(path), path), { threads });
}

/** An archive and a statistics.json are read whole, by one thread. */
async function profileOf(files: readonly string[], options: ProfileFilesOptions): Promise<Profile> {
  const [first = ''] = files;
  return files.length === 1 && !holdsRows(first)
    ? await profileData({ file: first }, options)
    : await profileFiles(files, options);
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

async function writeResults(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(results)) await writeFile(join(folder, name), content);
}
