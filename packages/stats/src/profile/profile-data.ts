import { profileFromStatistics, type Statistics } from '../monitor-files/statistics.ts';
import type { ReadOptions } from '../read/scan.ts';
import { bytesOf, nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { readTarMember } from '../read/tar.ts';
import { UserError } from '../user-error.ts';
import { profileSource } from './profile-files.ts';
import type { Profile, ProfileOptions } from './profile.ts';

const ROWS = /\.(csv|parquet|jsonl)(\.gz)?$/;
const ARCHIVE = /\.(tar\.gz|tgz)$/;
const STATISTICS = /(^|\/)statistics\.json$/;

/**
 * The files that hold a baseline, of all that lie in one place: those with rows (or of these the ones named baseline.*), else an archive with a
 * baseline.csv, else Model Monitor's statistics.json. Hidden ones hold none.
 * @throws UserError where there is none
 */
export function baselineFiles(files: readonly string[], place: string): string[] {
  const visible = files.filter((file) => !/(^|\/)[._][^/]*$/.test(file));
  const rows = visible.filter((file) => ROWS.test(file));
  const named = rows.filter((file) => /(^|\/)baseline\.[^/]*$/.test(file));
  if (rows.length > 0) return named.length > 0 ? named : rows;
  const whole = visible.find((file) => ARCHIVE.test(file)) ?? visible.find((file) => STATISTICS.test(file));
  if (whole !== undefined) return [whole];
  throw new UserError(
    'holds no baseline: a .csv, .jsonl, .parquet, statistics.json or output.tar.gz is needed',
    { file: place },
  );
}

export const holdsRows = (file: string): boolean => !ARCHIVE.test(file) && !STATISTICS.test(file);

/**
 * The profile of one file, whatever it holds: rows, captured requests, an archive with a baseline.csv or a statistics.json.
 * @throws UserError with file, row and column
 */
export async function profileData(
  source: Source,
  options: ReadOptions & ProfileOptions = {},
): Promise<Profile> {
  const name = nameOf(source) ?? '';
  if (ARCHIVE.test(name)) {
    const bytes = await readTarMember(source, 'baseline.csv');
    return profileSource({ bytes, name: `${name}/baseline.csv` }, { ...options, format: 'csv' });
  }
  if (STATISTICS.test(name)) return profileFromStatistics(parse(await bytesOf(source), name));
  return profileSource(source, options);
}

function parse(bytes: Uint8Array, file: string): Statistics {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Statistics;
  } catch (cause) {
    throw new UserError(`is not JSON (${(cause as Error).message})`, { file }, { cause });
  }
}
