import { addCounts, noCounts } from '../table.ts';
import type { Column, Table, TypeCounts } from '../table.ts';
import { fitTypes } from '../read/fit-types.ts';
import { typeIn } from '../read/schema.ts';
import type { GivenType, Schema } from '../read/schema.ts';
import { UserError } from '../user-error.ts';
import { addCategory, copyCategories, mergeCategories, noCategories } from './categories.ts';
import type { Categories } from './categories.ts';
import { addNumbers, copyNumbers, mergeNumbers, noNumbers } from './numbers.ts';
import type { Numbers } from './numbers.ts';

/** All that is remembered of one column: constant in size, mergeable. */
export type ColumnProfile = {
  name: string;
  rows: number;
  types: TypeCounts;
  /** The type that a schema gives it. */
  given?: GivenType;
  /** The values that were numbers, infinite ones counted apart. */
  numbers: Numbers;
  /** The values that were texts or booleans. */
  texts: Categories;
};

/** What is remembered of a table. Columns keep the order in which they were first seen. */
export type Profile = { rows: number; columns: ColumnProfile[] };

export type ProfileOptions = {
  /** Only these columns; all when absent. */
  columns?: readonly string[] | undefined;
  /** Whether distinct numbers are counted (about a fifth of the time); true when absent. */
  distinct?: boolean | undefined;
  /** A profile with which this one will only be compared: numbers need not be held finer than there, and types given there hold. */
  like?: Profile | undefined;
  /** The types that columns are given; they are inferred where it says nothing. */
  schema?: Schema | undefined;
};

export function newProfile(): Profile {
  return { rows: 0, columns: [] };
}

export function newColumnProfile(name: string, options: ProfileOptions = {}): ColumnProfile {
  const like = options.like?.columns.find((column) => column.name === name);
  const given = typeIn(options.schema, name);
  return {
    name,
    rows: 0,
    types: noCounts(),
    ...(given && given !== 'ignore' ? { given } : {}),
    numbers: noNumbers(options.distinct ?? true, like?.numbers.histogram.shift),
    texts: noCategories(),
  };
}

/** The profile of a table in memory. */
export function profile(table: Table, options: ProfileOptions = {}): Profile {
  const made = newProfile();
  addTable(made, table, options);
  return made;
}

/** Takes in more rows. A column that was not there before counts as missing in the rows before. */
export function addTable(into: Profile, table: Table, options: ProfileOptions = {}): void {
  const wanted = options.columns && new Set(options.columns);
  const before = into.rows;
  into.rows += table.rows;
  const byName = new Map(into.columns.map((column) => [column.name, column]));
  for (const column of fitTypes(table, options.schema).columns) {
    if (wanted && !wanted.has(column.name)) continue;
    let target = byName.get(column.name);
    if (!target) {
      target = newColumnProfile(column.name, options);
      target.rows = before;
      into.columns.push(target);
    }
    addColumn(target, column);
  }
  for (const column of into.columns) column.rows = into.rows;
}

/** Takes in more rows of one column. */
export function addColumn(into: ColumnProfile, column: Column): void {
  if (column.given) into.given = column.given;
  into.rows += column.rows;
  addCounts(into.types, column.counts);
  if (column.numbers) addNumbers(into.numbers, column.numbers);
  if (column.codes && column.texts) {
    const counts = new Float64Array(column.texts.length);
    for (const code of column.codes) if (code >= 0) counts[code]!++;
    counts.forEach((count, code) => {
      if (count > 0) addCategory(into.texts, column.texts![code]!, count);
    });
  }
}

/**
 * The profile of both parts' rows together. Associative and commutative: counts, buckets, distinct counts and categories are
 * the same in any order; means and deviations to rounding; candidates for the most frequent texts within their bound.
 */
export function mergeProfiles(...parts: readonly Profile[]): Profile {
  const merged = newProfile();
  for (const part of parts) addProfile(merged, part);
  return merged;
}

/** Merges `more` into a profile in place; `more` is left as it was. @throws UserError as mergeColumn */
export function addProfile(into: Profile, more: Profile): void {
  const byName = new Map(into.columns.map((column) => [column.name, column]));
  for (const column of more.columns) {
    const target = byName.get(column.name);
    if (target) mergeColumn(target, column);
    else into.columns.push(copyColumn(column));
  }
  into.rows += more.rows;
  for (const column of into.columns) column.rows = into.rows;
}

/** @throws UserError when one is given a type that the other was not read by */
export function mergeColumn(into: ColumnProfile, more: ColumnProfile): void {
  const given = into.given ?? more.given;
  for (const part of [into, more]) {
    if (given === undefined || isReadAs(part, given)) continue;
    throw new UserError(
      `is ${given} by a schema in one part and ${part.given ?? inferredType(part)} in another: read both by one`,
      { column: into.name },
    );
  }
  if (given) into.given = given;
  addCounts(into.types, more.types);
  mergeNumbers(into.numbers, more.numbers);
  mergeCategories(into.texts, more.texts);
}

/** Whether the profile is the same as if it had been read by the type. */
export function isReadAs(column: ColumnProfile, given: GivenType): boolean {
  if (column.given) return column.given === given;
  return presentIn(column) === 0 || inferredType(column) === inferredType({ ...column, given });
}

function copyColumn(column: ColumnProfile): ColumnProfile {
  return {
    ...column,
    types: { ...column.types },
    numbers: copyNumbers(column.numbers),
    texts: copyCategories(column.texts),
  };
}

export function presentIn({ types }: ColumnProfile): number {
  return types.integral + types.fractional + types.text + types.boolean + types.wrong;
}

export function missingIn(column: ColumnProfile): number {
  return column.rows - presentIn(column);
}

/** The types by which data are read: those that the other profile's columns were given, and a schema's own. */
export function typesFor({ like, schema }: ProfileOptions): Schema | undefined {
  const given = like?.columns.filter((column) => column.given) ?? [];
  if (given.length === 0) return schema;
  return { ...Object.fromEntries(given.map((column) => [column.name, column.given!])), ...schema };
}

/** Model Monitor's types. One text among numbers makes a column a String, as Deequ decides. */
export type InferredType = 'Integral' | 'Fractional' | 'String' | 'Unknown';

export function inferredType({ types, given }: ColumnProfile): InferredType {
  if (given) return given === 'integer' ? 'Integral' : given === 'fractional' ? 'Fractional' : 'String';
  if (types.text + types.boolean > 0) return 'String';
  if (types.fractional > 0) return 'Fractional';
  return types.integral > 0 ? 'Integral' : 'Unknown';
}

/** Whether a column is compared as numbers: it is given so, or at least nine in ten of its values are. */
export function isNumeric(column: ColumnProfile): boolean {
  if (column.given) return column.given === 'integer' || column.given === 'fractional';
  const numbers = column.types.integral + column.types.fractional;
  return numbers > 0 && numbers >= 0.9 * presentIn(column);
}
