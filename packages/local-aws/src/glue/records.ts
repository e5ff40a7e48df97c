import type { PartitionInput, TableInput } from '@aws-sdk/client-glue';
import { AwsError } from '../kernel/errors.ts';
import type { Instant, Table, World } from '../kernel/world.ts';

export type DatabaseRecord = {
  name: string;
  description?: string;
  locationUri?: string;
  parameters: Record<string, string>;
  created: Instant;
};

export type TableRecord = {
  database: string;
  name: string;
  input: TableInput;
  version: number;
  created: Instant;
  updated: Instant;
};

export type PartitionRecord = { input: PartitionInput; created: Instant };

export const databases = (world: World): Table<DatabaseRecord> => world.store.table('glue.databases');

export const tables = (world: World): Table<TableRecord> => world.store.table('glue.tables');

/** Names have no dots, so that the first one ends the database. */
export const tableKey = (database: string, name: string): string => `${database}.${name}`;

export const partitionsOf = (world: World, database: string, table: string): Table<PartitionRecord> =>
  world.store.table(`glue.partitions.${tableKey(database, table)}`);

export const partitionKey = (values: readonly string[]): string => JSON.stringify(values);

/** Hive knows no upper case. */
export const folded = (name: string | undefined): string => (name ?? '').toLowerCase();

export function requireDatabase(world: World, name: string | undefined): DatabaseRecord {
  const found = databases(world).get(folded(name));
  if (found) return found;
  throw new AwsError('EntityNotFoundException', `Database ${folded(name)} not found.`);
}

export function requireTable(
  world: World,
  database: string | undefined,
  name: string | undefined,
): TableRecord {
  const { name: of } = requireDatabase(world, database);
  const found = tables(world).get(tableKey(of, folded(name)));
  if (found) return found;
  throw new AwsError('EntityNotFoundException', `Table ${folded(name)} not found.`);
}

export function tablesOf(world: World, database: string): TableRecord[] {
  return tables(world)
    .values()
    .filter((table) => table.database === database);
}

/** The catalog of the account is the only one there is. */
export function checkCatalog(world: World, { CatalogId }: { CatalogId?: string | undefined }): void {
  if (CatalogId === undefined || CatalogId === world.account) return;
  throw new AwsError('EntityNotFoundException', `Catalog ${CatalogId} not found.`);
}

/** A request without the dates that JSON does not keep as dates, and that mean nothing here. */
export function withoutDates<T extends object>(input: T): T {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => !(value instanceof Date))) as T;
}
