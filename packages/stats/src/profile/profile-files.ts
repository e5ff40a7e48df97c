import { openSource } from '../read/format.ts';
import { openParquet } from '../read/parquet/file.ts';
import { scan } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import type { Source } from '../read/source.ts';
import { UserError } from '../user-error.ts';
import { addChunk } from './profile-parquet.ts';
import { addTable, mergeColumn, mergeProfiles, newColumnProfile, newProfile } from './profile.ts';
import type { ColumnProfile, Profile, ProfileOptions } from './profile.ts';
import { profileOnThreads } from './threads.ts';
import { divide } from './units.ts';

export type ProfileFilesOptions = ReadOptions &
  ProfileOptions & {
    /** How many threads read at once; 1 when absent, which reads in this one. */
    threads?: number | undefined;
    /** Called after each file. */
    onProgress?: ((done: { files: number; of: number; rows: number }) => void) | undefined;
  };

/**
 * One profile of all files' rows. Memory does not grow with them.
 * @throws UserError with file, row and column
 */
export async function profileFiles(
  files: readonly string[],
  { threads = 1, onProgress, ...options }: ProfileFilesOptions = {},
): Promise<Profile> {
  if (threads > 1) {
    const divided = await profileDivided(files, threads, options);
    if (divided) return divided;
  }
  let whole = newProfile();
  for (const [i, file] of files.entries()) {
    const part = await profileSource({ file }, options);
    whole = i === 0 ? part : mergeProfiles(whole, part);
    onProgress?.({ files: i + 1, of: files.length, rows: whole.rows });
  }
  return whole;
}

/** The profile of a source's rows, read in this thread. @throws UserError with file, row and column */
export async function profileSource(
  source: Source,
  options: ReadOptions & ProfileOptions = {},
): Promise<Profile> {
  const made = newProfile();
  const isStream = !('file' in source || 'bytes' in source || 'size' in source);
  if (!isStream && (await isParquet(source, options))) {
    await using file = await openParquet(source, options);
    for (let i = 0; i < file.shapes.length; i++) {
      const column = newColumnProfile(file.shapes[i]!.name, options);
      for (let group = 0; group < file.groups.length; group++) await addChunk(column, file, group, i);
      made.columns.push(column);
    }
    made.rows = file.groups.reduce((sum, group) => sum + group.rows, 0);
    return made;
  }
  for await (const table of scan(source, options)) addTable(made, table, options);
  return made;
}

async function isParquet(source: Source, options: ReadOptions): Promise<boolean> {
  const opened = await openSource(source, options.format);
  if (opened.format === 'parquet') return true;
  await opened.chunks[Symbol.asyncIterator]().return?.(undefined);
  return false;
}

/** undefined when there is nothing to divide, or when it has to be read in one go. */
async function profileDivided(
  files: readonly string[],
  threads: number,
  options: ReadOptions & ProfileOptions,
): Promise<Profile | undefined> {
  const divisions = [];
  for (const file of files) divisions.push(await divide(file, threads, options));
  const units = divisions.flatMap((division) => division.units);
  if (units.length < 2) return undefined;
  try {
    const parts = await profileOnThreads(units, threads, options);
    return mergeProfiles(
      ...divisions.map(({ units: own, rows }) => {
        const first = units.indexOf(own[0]!);
        const profiles = parts.slice(first, first + own.length);
        return rows === undefined ? mergeProfiles(...profiles) : joinColumns(profiles, rows);
      }),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A piece counts its rows from its own beginning: read in one go, the error names the row in the file.
    return undefined;
  }
}

/** The columns of Parquet's units side by side, those of one column one after another. */
function joinColumns(parts: readonly Profile[], rows: number): Profile {
  const byName = new Map<string, ColumnProfile>();
  for (const column of parts.flatMap((part) => part.columns)) {
    const known = byName.get(column.name);
    if (known) mergeColumn(known, column);
    else byName.set(column.name, column);
  }
  return { rows, columns: [...byName.values()].map((column) => ({ ...column, rows })) };
}
