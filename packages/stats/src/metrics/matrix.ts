import { UserError } from '../user-error.ts';

/** Numbers in rows of `columns` each, one row after another. */
export type Matrix = { columns: number; values: Float64Array };

export function rowsOf({ columns, values }: Matrix): number {
  return values.length / columns;
}

export function columnAt({ columns, values }: Matrix, column: number): Float64Array {
  return Float64Array.from({ length: values.length / columns }, (_, row) => values[row * columns + column]!);
}

/** @throws UserError when the shape is not `rows` × columns or a value is not finite */
export function checkMatrix(name: string, matrix: Matrix, rows: number): void {
  const { columns, values } = matrix;
  if (!(Number.isInteger(columns) && columns > 0 && values.length === rows * columns)) {
    throw new UserError(`${name} hold ${values.length} values; ${rows} rows of ${columns} are needed`);
  }
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new UserError(`${name} hold ${values[at]!}`, { row: Math.floor(at / columns) + 1 });
}
