import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from './read/source.ts';
import type { Source } from './read/source.ts';
import type { Results } from './results.ts';
import { UserError } from './user-error.ts';

/** The file itself, or every file below the folder by name; hidden files are left out. @throws UserError when there is no such path */
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

/**
 * What of a folder's files is to be read: data; where there are none profiles of them; where there are none a statistics.json. Empty when
 * there is nothing of these.
 */
export function dataAmong(files: readonly string[]): string[] {
  const kinds = [/\.(csv|tsv|parquet|jsonl|ndjson)(\.gz)?$/, /\.profile\.gz$/, /(^|\/)statistics\.json$/];
  const found = kinds.map((kind) => files.filter((file) => kind.test(file)));
  return found.find((each) => each.length > 0) ?? [];
}

/**
 * The files that hold a baseline, of all that lie in one place: rows (or of these the ones named baseline.*), else profiles, else an archive with a
 * baseline.csv, else Model Monitor's statistics.json. Hidden ones hold none.
 * @throws UserError where there is none
 */
export function baselineFiles(files: readonly string[], place: string): string[] {
  const visible = files.filter((file) => !/(^|\/)[._][^/]*$/.test(file));
  const data = dataAmong(visible);
  const archive = visible.find((file) => /\.(tar\.gz|tgz)$/.test(file));
  if (archive && data.every((file) => file.endsWith('statistics.json'))) return [archive];
  const named = data.filter((file) => /(^|\/)baseline\.[^/]*$/.test(file));
  if (data.length > 0) return named.length > 0 ? named : data;
  throw new UserError(
    'holds no baseline: a .csv, .jsonl, .parquet, .profile.gz, statistics.json or output.tar.gz is needed',
    { file: place },
  );
}

export function sourcesOf(files: readonly string[]): Source[] {
  return files.map((file) => ({ file }));
}

/** Writes each into the folder, which is made when it is not there. */
export async function writeResults(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(results)) await writeFile(join(folder, name), content);
}
