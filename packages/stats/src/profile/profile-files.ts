import { profileFromStatistics } from '../monitor-files/statistics.ts';
import type { Statistics } from '../monitor-files/statistics.ts';
import { openSource } from '../read/format.ts';
import { openParquet } from '../read/parquet/file.ts';
import { countRows } from '../read/progress.ts';
import { parseJson } from '../read/json.ts';
import { columnNames, scanOpened } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { typeIn } from '../read/schema.ts';
import { nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { UserError } from '../user-error.ts';
import { parseProfile } from './file-format.ts';
import {
  addProfile,
  addTable,
  inferredType,
  isReadAs,
  mergeColumn,
  mergeProfiles,
  newProfile,
  typesFor,
} from './profile.ts';
import type { ColumnProfile, Profile, ProfileOptions } from './profile.ts';
import { profileOnThreads } from './threads.ts';
import { divide, profileGroups } from './units.ts';
import type { Division } from './units.ts';

export type ProfileFilesOptions = ReadOptions &
  ProfileOptions & {
    /** How many threads read files at once; 1 when absent, which reads in this one. */
    threads?: number | undefined;
  };

/** One profile of all files' rows. @throws UserError as profileSources */
export async function profileFiles(
  files: readonly string[],
  options: ProfileFilesOptions = {},
): Promise<Profile> {
  return profileSources(
    files.map((file) => ({ file })),
    options,
  );
}

/**
 * One profile of all sources' rows; those that are profiles or a statistics.json themselves are merged in. Memory does not grow with them.
 * @throws UserError with file, row and column
 */
export async function profileSources(
  sources: readonly Source[],
  { threads = 1, ...options }: ProfileFilesOptions = {},
): Promise<Profile> {
  const files = sources.flatMap((source) =>
    'file' in source && source.from === undefined ? [source.file] : [],
  );
  const typed = { ...options, schema: typesFor(options) };
  const divided = threads > 1 ? await profileDivided(files, threads, typed) : new Map<string, Profile>();
  const whole = newProfile();
  for (const source of sources) {
    const known = 'file' in source ? divided.get(source.file) : undefined;
    addProfile(whole, known ?? (await profileSource(source, options)));
  }
  return whole;
}

/** The profile of a source's rows, read in this thread. @throws UserError with file, row and column */
export async function profileSource(
  source: Source,
  options: ReadOptions & ProfileOptions = {},
): Promise<Profile> {
  const opened = await openSource(source, options.format, options.progress);
  const file = nameOf(source);
  const typed = { ...options, schema: typesFor(options) };
  if (opened.format === 'parquet') {
    await using parquet = await openParquet(source, typed);
    return await profileGroups(parquet, [0, parquet.groups.length], typed);
  }
  if (opened.format === 'profile' || opened.format === 'statistics') {
    const text = await textOf(opened.chunks);
    const known =
      opened.format === 'profile'
        ? parseProfile(() => text, file)
        : profileFromStatistics(parseJson(text, file) as Statistics, file);
    return asAskedFor(known, options, file);
  }
  const made = newProfile();
  // A column that is not there is one that the profile does not have.
  for await (const table of scanOpened(opened, source, { ...typed, columns: undefined })) {
    addTable(made, table, typed);
    countRows(options.progress, table.rows);
  }
  return made;
}

/** The names of a source's columns in order, of Parquet without reading a row. @throws UserError with file, row and column */
export async function namesIn(source: Source, options: ReadOptions = {}): Promise<string[]> {
  const { format } = await openSource(source, options.format);
  if (format === 'parquet') {
    await using parquet = await openParquet(source);
    return parquet.shapes.map(({ name }) => name);
  }
  if (format !== 'profile' && format !== 'statistics') return columnNames(source, { ...options, format });
  return (await profileSource(source, { format })).columns.map(({ name }) => name);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString('utf8');
}

/** What is known already cannot be read as other types; columns may be left out. @throws UserError */
function asAskedFor(known: Profile, { columns, schema }: ProfileOptions, file: string | undefined): Profile {
  const kept = known.columns.filter(
    ({ name }) => (columns?.includes(name) ?? true) && typeIn(schema, name) !== 'ignore',
  );
  for (const column of kept) {
    const given = typeIn(schema, column.name);
    if (given === undefined || given === 'ignore') continue;
    if (!isReadAs(column, given)) {
      const found = column.given ?? inferredType(column);
      throw new UserError(`was profiled as ${found}, not as ${given}: profile its data again`, {
        file,
        column: column.name,
      });
    }
    column.given = given;
  }
  return { rows: known.rows, columns: kept };
}

/** Of those files that can be divided, or can be read beside each other; none when there is nothing to gain. */
async function profileDivided(
  files: readonly string[],
  threads: number,
  options: ReadOptions & ProfileOptions,
): Promise<ReadonlyMap<string, Profile>> {
  const divisions = new Map<string, Division>();
  for (const file of files) {
    const division = await divide(file, threads, options);
    if (division) divisions.set(file, division);
  }
  const units = [...divisions.values()].flatMap((division) => division.units);
  if (units.length < 2) return new Map();
  const counted = options.progress?.slice();
  try {
    const parts = await profileOnThreads(units, threads, options);
    let next = 0;
    return new Map(
      [...divisions].map(([file, { units: own, rows }]) => {
        const profiles = parts.slice(next, (next += own.length));
        return [file, rows === undefined ? mergeProfiles(...profiles) : joinColumns(profiles, rows)];
      }),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A piece counts its rows from its own beginning: read in one go, the error names the row in the file.
    if (counted) options.progress?.set(counted);
    return new Map();
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
