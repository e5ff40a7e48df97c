import { profileFromStatistics } from '../monitor-files/statistics.ts';
import type { Statistics } from '../monitor-files/statistics.ts';
import { openSource } from '../read/format.ts';
import { openParquet } from '../read/parquet/file.ts';
import { countRows } from '../read/progress.ts';
import { parseJson } from '../read/json.ts';
import { archivedRows, columnNames, scanOpened } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { typeIn } from '../read/schema.ts';
import { nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { UserError } from '../user-error.ts';
import { parseProfile } from './file-format.ts';
import { addProfile, addTable, inferredType, isReadAs, newProfile, typesFor } from './profile.ts';
import type { Profile, ProfileOptions } from './profile.ts';
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
  const typed = { ...options, schema: typesFor(options) };
  const whole = newProfile();
  // What lies side by side and can be divided is read by all threads; the rest by this one, in its place.
  for (let next = 0; next < sources.length;) {
    const divisions = threads > 1 ? await divisionsFrom(sources, next, threads, typed) : [];
    const together = await profileDivided(divisions, threads, typed);
    const end = next + Math.max(1, divisions.length);
    if (together) addProfile(whole, together);
    else
      for (const source of sources.slice(next, end)) addProfile(whole, await profileSource(source, options));
    next = end;
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
    const all = { groups: [0, parquet.groups.length] as const, ofColumns: parquet.shapes.length };
    return await profileGroups(parquet, all, typed);
  }
  if (opened.format === 'archive') {
    return await profileSource(await archivedRows(source), { ...options, format: 'csv' });
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
  for await (const table of scanOpened(opened, source, { ...typed, columns: undefined, lent: true })) {
    addTable(made, table, typed);
    countRows(options.progress, table.rows);
  }
  return made;
}

/** The names of a source's columns in order, of Parquet without reading a row. @throws UserError with file, row and column */
export async function namesIn(source: Source, options: ReadOptions = {}): Promise<string[]> {
  const opened = await openSource(source, options.format);
  const { format } = opened;
  if (format === 'parquet') {
    await using parquet = await openParquet(source);
    return parquet.shapes.map(({ name }) => name);
  }
  if ('close' in opened) await opened.close();
  if (format !== 'profile' && format !== 'statistics') return columnNames(source, { ...options, format });
  return (await profileSource(source, { format })).columns.map(({ name }) => name);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
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

/** How the files are divided that come next and can be; none where threads would gain nothing. */
async function divisionsFrom(
  sources: readonly Source[],
  first: number,
  threads: number,
  options: ReadOptions & ProfileOptions,
): Promise<Division[]> {
  const divisions: Division[] = [];
  for (const source of sources.slice(first)) {
    const isFile = 'file' in source && source.from === undefined;
    const division = isFile ? await divide(source.file, threads, options) : undefined;
    if (!division) break;
    divisions.push(division);
  }
  return divisions;
}

/** undefined when there is nothing to divide, or when it has to be read in one go. */
async function profileDivided(
  divisions: readonly Division[],
  threads: number,
  options: ReadOptions & ProfileOptions,
): Promise<Profile | undefined> {
  const units = divisions.flatMap((division) => division.units.map((unit) => ({ unit, division })));
  if (units.length < 2) return undefined;
  const counted = options.progress?.slice();
  const whole = newProfile();
  let own = newProfile();
  const take = (part: Profile, index: number): void => {
    const { division } = units[index]!;
    if (division.rows === undefined) return addProfile(whole, part);
    // Of some columns each, the parts do not add up to rows.
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
    // A piece may have begun within quotes, and counts its rows from its own beginning: read in one go, the error names the row in the file.
    if (counted) options.progress?.set(counted);
    return undefined;
  }
}

function inOrder({ columns }: Profile, { rows = 0, columns: names = [] }: Division): Profile {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return { rows, columns: names.map((name) => ({ ...byName.get(name)!, rows })) };
}
