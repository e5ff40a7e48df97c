import { joinTables, numbersOf, readTable, type ReadOptions, type Table } from '@tidegate/stats';
import { UserError } from '../terminal/errors.ts';
import type { Place } from './places.ts';
import { readPlaces } from './read-places.ts';

/** The rows of all places as one table. @throws UserError with file, row and column where there is no number in one of `numbers` */
export async function readRows(
  places: readonly Place[],
  { numbers, others }: { numbers: readonly string[]; others: readonly string[] },
  options: ReadOptions,
): Promise<Table> {
  const columns = [...numbers, ...others];
  return await readPlaces(namesOf(places), places, async (progress) => {
    const tables: Table[] = [];
    for (const { source, name } of places) {
      const table = await readTable(source, { ...options, columns, progress });
      for (const column of numbers) numbersOf(table, column, name);
      tables.push(table);
    }
    return joinTables(tables);
  });
}

/** Another model's answers to the same rows. @throws UserError when they are not the same */
export async function readPaired(
  places: readonly Place[],
  labels: Float64Array,
  columns: { label: string; prediction: string },
  options: ReadOptions,
): Promise<Float64Array> {
  const table = await readRows(places, { numbers: [columns.label, columns.prediction], others: [] }, options);
  const theirs = numbersOf(table, columns.label);
  if (theirs.length === labels.length && theirs.every((label, row) => label === labels[row]))
    return numbersOf(table, columns.prediction);
  throw new UserError(
    `${namesOf(places)} does not hold the same labels in the same order, so the models cannot be paired`,
  );
}

function namesOf(places: readonly Place[]): string {
  return places.length > 3 ? `${places.length} files` : places.map(({ name }) => name).join(', ');
}
