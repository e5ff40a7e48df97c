import { openSource } from '../read/format.ts';
import { openParquet } from '../read/parquet/file.ts';
import { scan } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import type { Source } from '../read/source.ts';
import { UserError } from '../user-error.ts';
import { addChunk } from './profile-parquet.ts';
import { addProfile, addTable, newColumnProfile, newProfile } from './profile.ts';
import type { Profile, ProfileOptions } from './profile.ts';
import { profileOnThreads } from './threads.ts';
import { divide } from './units.ts';
import type { Division } from './units.ts';

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
  const whole = newProfile();
  for (const [i, file] of files.entries()) {
    addProfile(whole, await profileSource({ file }, options));
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
  for await (const table of scan(source, { ...options, lent: true })) addTable(made, table, options);
  return made;
}

async function isParquet(source: Source, options: ReadOptions): Promise<boolean> {
  const opened = await openSource(source, options.format);
  if (opened.format === 'parquet') return true;
  await opened.close();
  return false;
}

/** undefined when there is nothing to divide, or when it has to be read in one go. */
async function profileDivided(
  files: readonly string[],
  threads: number,
  options: ReadOptions & ProfileOptions,
): Promise<Profile | undefined> {
  const divisions: Division[] = [];
  for (const file of files) divisions.push(await divide(file, threads, options));
  const units = divisions.flatMap((division) => division.units.map((unit) => ({ unit, division })));
  if (units.length < 2) return undefined;
  const whole = newProfile();
  let own = newProfile();
  const take = (part: Profile, index: number): void => {
    const { division } = units[index]!;
    if (division.rows === undefined) return addProfile(whole, part);
    // Of a column each, the parts do not add up to rows.
    addProfile(own, part);
    if (units[index + 1]?.division === division) return undefined;
    addProfile(whole, inOrder(own, division));
    own = newProfile();
    return undefined;
  };
  try {
    await profileOnThreads(
      units.map(({ unit }) => unit),
      threads,
      options,
      take,
    );
    return whole;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A piece counts its rows from its own beginning: read in one go, the error names the row in the file.
    return undefined;
  }
}

function inOrder({ columns }: Profile, { rows = 0, columns: names = [] }: Division): Profile {
  const placed = names.map((name) => columns.find((column) => column.name === name)!);
  return { rows, columns: placed.map((column) => ({ ...column, rows })) };
}
