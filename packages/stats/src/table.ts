import type { GivenType } from './read/schema.ts';
import { UserError } from './user-error.ts';

/**
 * A run of rows of one column. A value is a number, a text or missing, and a column may hold all three:
 * what a column "is" (numeric, categorical) is decided once, when its profile is read, as Deequ and Model Monitor do.
 */
export type Column = {
  name: string;
  rows: number;
  /** One entry a row; NaN where the row holds no number. Absent when no row holds one. */
  numbers?: Float64Array;
  /** One entry a row: an index into `texts`, or −1 where the row holds no text. Absent when no row holds one. */
  codes?: Int32Array;
  /** The distinct texts of these rows. Booleans are the texts `true` and `false`. */
  texts?: readonly string[];
  counts: TypeCounts;
  /** The type that a schema gives it. */
  given?: GivenType;
};

/** How many values were written in which way. Rows − all of these but the rounded = missing. */
export type TypeCounts = {
  /** Numbers without a fraction, as written (CSV, JSON) or as stored (Parquet integers). */
  integral: number;
  fractional: number;
  text: number;
  boolean: number;
  /** Integers beyond ±2^53, kept as the nearest double. */
  rounded: number;
  /** Values that are not of the type a schema gives, kept neither as numbers nor as texts. */
  wrong: number;
};

/** Some rows of several columns, each as long as `rows`. */
export type Table = { rows: number; columns: readonly Column[] };

export function noCounts(): TypeCounts {
  return { integral: 0, fractional: 0, text: 0, boolean: 0, rounded: 0, wrong: 0 };
}

export function addCounts(into: TypeCounts, more: TypeCounts): void {
  into.integral += more.integral;
  into.fractional += more.fractional;
  into.text += more.text;
  into.boolean += more.boolean;
  into.rounded += more.rounded;
  into.wrong += more.wrong;
}

/** A column of numbers; NaN is missing. The values are kept, not copied. */
export function numberColumn(name: string, values: Float64Array): Column {
  const counts = noCounts();
  let missing = 0;
  for (const value of values) {
    if (Number.isInteger(value)) counts.integral++;
    else if (Number.isNaN(value)) missing++;
  }
  counts.fractional = values.length - missing - counts.integral;
  return { name, rows: values.length, numbers: values, counts };
}

/** A column of texts; undefined is missing. */
export function textColumn(name: string, values: readonly (string | undefined)[]): Column {
  const index = new Map<string, number>();
  const codes = new Int32Array(values.length).fill(-1);
  const counts = noCounts();
  values.forEach((value, row) => {
    if (value === undefined) return;
    const code = index.get(value) ?? index.size;
    if (code === index.size) index.set(value, code);
    codes[row] = code;
    counts.text++;
  });
  return { name, rows: values.length, codes, texts: [...index.keys()], counts };
}

/** A table of columns of equal length. @throws UserError when lengths differ or a name is there twice. */
export function tableOf(columns: readonly Column[]): Table {
  const rows = columns[0]?.rows ?? 0;
  const names = new Set<string>();
  for (const column of columns) {
    if (column.rows !== rows)
      throw new UserError(`has ${column.rows} rows, but ${columns[0]?.name} has ${rows}`, {
        column: column.name,
      });
    if (names.has(column.name)) throw new UserError('is there twice', { column: column.name });
    names.add(column.name);
  }
  return { rows, columns };
}

/** @throws UserError naming the columns there are */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((each) => each.name === name);
  if (column) return column;
  const names = table.columns.map((each) => each.name).join(', ') || 'none';
  throw new UserError(`there is no column "${name}"; the columns are: ${names}`);
}

/** One finite number a row; booleans are 0 and 1. @throws UserError naming the first row that has none */
export function numbersOf(table: Table, name: string, file?: string): Float64Array {
  const column = columnOf(table, name);
  const booleans = column.texts?.map((text) => (text === 'true' ? 1 : text === 'false' ? 0 : Number.NaN));
  const numbers = column.numbers?.slice() ?? new Float64Array(column.rows).fill(Number.NaN);
  for (let row = 0; row < numbers.length; row++) {
    const code = column.codes?.[row] ?? -1;
    if (code >= 0) numbers[row] = booleans![code]!;
    const value = numbers[row]!;
    if (Number.isFinite(value)) continue;
    const text = column.texts?.[code];
    const found =
      text === undefined ? (Number.isNaN(value) ? 'nothing' : String(value)) : JSON.stringify(text);
    throw new UserError(`needs a finite number, found ${found}`, { file, row: row + 1, column: name });
  }
  return numbers;
}

/** One category a row, numbers as JavaScript writes them; undefined where missing. */
export function categoriesOf(table: Table, name: string): (string | undefined)[] {
  const column = columnOf(table, name);
  const values: (string | undefined)[] = [];
  for (let row = 0; row < column.rows; row++) {
    const code = column.codes?.[row] ?? -1;
    const number = column.numbers?.[row];
    if (code >= 0) values.push(column.texts![code]);
    else values.push(number === undefined || Number.isNaN(number) ? undefined : String(number));
  }
  return values;
}
