import { readFile } from 'node:fs/promises';
import { dataAmong, filesIn, sourcesOf, writeResults } from './analysis-files.ts';
import type { DriftReport } from './drift/drift-report.ts';
import { drift } from './drift/drift.ts';
import type { DriftSettings } from './drift/settings.ts';
import { suggestConstraints } from './monitor-files/constraints.ts';
import { profileToStatistics } from './monitor-files/statistics.ts';
import { checkConstraints } from './monitor-files/violations.ts';
import { profileSources } from './profile/profile-files.ts';
import { profileLike } from './profile/profile-like.ts';
import type { Profile } from './profile/profile.ts';
import { parseJson } from './read/json.ts';
import { schemaFrom } from './read/schema.ts';
import type { Schema } from './read/schema.ts';
import { unreadable } from './read/source.ts';
import type { Source } from './read/source.ts';
import { readTarMember } from './read/tar.ts';
import { UserError } from './user-error.ts';

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
  await writeResults(paths.output, {
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
  const { threads } = paths;
  const baseline = await baselineProfile(paths);
  if (baseline.rows === 0) throw new UserError('the baseline has no rows', { file: paths.baseline });
  const current = await profileLike(baseline, sourcesOf(await filesIn(paths.current)), {
    threads,
    schema: paths.schema === undefined ? undefined : await readSchema(paths.schema),
  });
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
  return profileSources(await baselineSources(path, files), { threads, schema });
}

/** Constraints that were made of a baseline call a column integral because no fraction was seen yet: that is no promise. */
function textsIn(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, type]) => type === 'text'));
}

/** Of all that lies at a baseline's place: data, of them those called baseline; a training job's archive before mere statistics. */
async function baselineSources(path: string, files: readonly string[]): Promise<Source[]> {
  const data = dataAmong(files);
  const archive = files.find((file) => /\.(tar\.gz|tgz)$/.test(file));
  const isMereStatistics = data.every((file) => file.endsWith('statistics.json'));
  if (archive && isMereStatistics) {
    return [{ bytes: await readTarMember(archive, 'baseline.csv'), name: `${archive}/baseline.csv` }];
  }
  const named = data.filter((file) => /(^|\/)baseline\.[^/]*$/.test(file));
  if (data.length > 0) return sourcesOf(named.length > 0 ? named : data);
  throw new UserError(
    'holds no baseline: a .csv, .jsonl, .parquet, .profile.gz, statistics.json or output.tar.gz is needed',
    { file: path },
  );
}

/** @throws UserError for what is not there, or no schema */
export async function readSchema(file: string): Promise<Schema> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return schemaFrom(parseJson(text, file), file);
}
