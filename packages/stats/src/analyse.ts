import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baselineFiles, filesIn, sourcesOf, writeResults } from './analysis-files.ts';
import type { DriftReport } from './drift/drift-report.ts';
import type { DriftSettings } from './drift/settings.ts';
import { writeProfile } from './profile/file-format.ts';
import { profileFiles } from './profile/profile-files.ts';
import { profileLike } from './profile/profile-like.ts';
import type { Profile } from './profile/profile.ts';
import { parseJson } from './read/json.ts';
import { schemaFrom } from './read/schema.ts';
import type { Schema } from './read/schema.ts';
import { unreadable } from './read/source.ts';
import { baselineResults, driftResults } from './results.ts';

export type AnalysisPaths = {
  /** A data file, a profile, a statistics.json, an output.tar.gz with a baseline.csv, or a folder with one of them. */
  baseline: string;
  /** A file or a folder of captures (.jsonl, at any depth) or other data. */
  current: string;
  /** A folder, made when it is not there. */
  output: string;
  /** A map of types or a constraints.json. Where none is given, a constraints.json beside the baseline says which columns are texts. */
  schema?: string | undefined;
  /** How many threads read; 1 when absent. */
  threads?: number | undefined;
};

/** Profiles the baseline; writes statistics.json and constraints.json. */
export async function analyseBaseline(paths: Omit<AnalysisPaths, 'current'>): Promise<Profile> {
  const profile = await baselineProfile(paths);
  await writeResults(paths.output, baselineResults(profile));
  return profile;
}

/**
 * Compares current data with the baseline; writes statistics.json (of the current data), constraints.json, constraint_violations.json and drift.json.
 * @throws UserError when there is nothing to compare: an analysis without data is no pass
 */
export async function analyseDrift(paths: AnalysisPaths, settings: DriftSettings): Promise<DriftReport> {
  const baseline = await baselineProfile(paths);
  const current = await profileLike(baseline, sourcesOf(await filesIn(paths.current)), {
    threads: paths.threads,
    schema: paths.schema === undefined ? undefined : await readSchema(paths.schema),
  });
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
  const profile = await profileFiles(files, { threads, captureNames: names });
  const file = `${host}-${files.length}.profile.gz`;
  await mkdir(output, { recursive: true });
  await writeFile(join(output, file), writeProfile(profile));
  return { profile, file };
}

async function baselineProfile(paths: Omit<AnalysisPaths, 'current'>): Promise<Profile> {
  const { baseline: path, threads } = paths;
  const files = await filesIn(path);
  const beside = files.find((file) => /(^|\/)constraints\.json$/.test(file));
  const schema =
    paths.schema !== undefined
      ? await readSchema(paths.schema)
      : beside === undefined
        ? undefined
        : textsIn(await readSchema(beside));
  return await profileFiles(baselineFiles(files, path), { threads, schema });
}

/** Constraints that were made of a baseline call a column integral because no fraction was seen yet: that is no promise. */
function textsIn(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, type]) => type === 'text'));
}

/** @throws UserError for what is not there, or no schema */
export async function readSchema(file: string): Promise<Schema> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return schemaFrom(parseJson(text, file), file);
}
