import { categoriesOf } from '../table.ts';
import type { Table } from '../table.ts';
import { UserError } from '../user-error.ts';

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A number, or a boolean as 0 or 1; NaN for anything else. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === true || value === 'true') return 1;
  return value === false || value === 'false' ? 0 : Number.NaN;
}

/** One id a row, numbers as they are written. @throws UserError naming the first row that has none */
export function idsOf(table: Table, column: string, file: string | undefined): string[] {
  return categoriesOf(table, column).map((id, row) => {
    if (id === undefined)
      throw new UserError('is missing: a label is joined by it', { file, row: row + 1, column });
    return id;
  });
}
