import type { Column, PartitionInput, TableInput } from '@aws-sdk/client-glue';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import {
  databases,
  folded,
  partitionKey,
  partitionsOf,
  requireDatabase,
  requireTable,
  tableKey,
  tables,
  tablesOf,
  withoutDates,
  type DatabaseRecord,
  type PartitionRecord,
} from './records.ts';

// What Glue's operations and Athena's DDL do to the catalog. All throw Glue's own AwsErrors.

export function createDatabase(world: World, database: Omit<DatabaseRecord, 'created'>): void {
  const name = folded(database.name);
  if (databases(world).get(name)) throw new AwsError('AlreadyExistsException', 'Database already exists.');
  databases(world).put(name, { ...database, name, created: world.clock.now() });
}

/** With all its tables, as Glue does; Athena asks first. */
export function deleteDatabase(world: World, database: string | undefined): void {
  const { name } = requireDatabase(world, database);
  for (const table of tablesOf(world, name)) deleteTable(world, name, table.name);
  databases(world).delete(name);
}

export function createTable(world: World, database: string | undefined, input: TableInput): void {
  const { name: of } = requireDatabase(world, database);
  const name = folded(input.Name);
  if (tables(world).get(tableKey(of, name)))
    throw new AwsError('AlreadyExistsException', 'Table already exists.');
  const now = world.clock.now();
  tables(world).put(tableKey(of, name), {
    database: of,
    name,
    input: tableInput(input),
    version: 0,
    created: now,
    updated: now,
  });
}

export function updateTable(world: World, database: string | undefined, input: TableInput): void {
  const table = requireTable(world, database, input.Name);
  tables(world).put(tableKey(table.database, table.name), {
    ...table,
    input: tableInput(input),
    version: table.version + 1,
    updated: world.clock.now(),
  });
}

export function deleteTable(world: World, database: string | undefined, table: string | undefined): void {
  const { database: of, name } = requireTable(world, database, table);
  const partitions = partitionsOf(world, of, name);
  for (const key of partitions.keys()) partitions.delete(key);
  tables(world).delete(tableKey(of, name));
}

function tableInput(input: TableInput): TableInput {
  const { StorageDescriptor: storage, PartitionKeys: keys } = input;
  return {
    ...withoutDates(input),
    Name: folded(input.Name),
    ...(storage && { StorageDescriptor: { ...storage, Columns: columnsIn(storage.Columns) } }),
    ...(keys && { PartitionKeys: columnsIn(keys) }),
  };
}

function columnsIn(columns: readonly Column[] = []): Column[] {
  return columns.map((column) => ({ ...column, Name: folded(column.Name) }));
}

export function createPartition(
  world: World,
  database: string | undefined,
  table: string | undefined,
  input: PartitionInput,
): void {
  const { database: of, name, input: definition } = requireTable(world, database, table);
  const values = input.Values ?? [];
  const keys = definition.PartitionKeys ?? [];
  if (values.length !== keys.length) {
    throw new AwsError(
      'InvalidInputException',
      `The number of partition keys do not match the number of partition values (${keys.length} and ${values.length})`,
    );
  }
  const partitions = partitionsOf(world, of, name);
  if (partitions.get(partitionKey(values)))
    throw new AwsError('AlreadyExistsException', 'Partition already exists.');
  partitions.put(partitionKey(values), { input: withoutDates(input), created: world.clock.now() });
}

export function requirePartition(
  world: World,
  database: string | undefined,
  table: string | undefined,
  values: readonly string[] = [],
): PartitionRecord {
  const { database: of, name } = requireTable(world, database, table);
  const found = partitionsOf(world, of, name).get(partitionKey(values));
  if (found) return found;
  throw new AwsError('EntityNotFoundException', 'Cannot find partition.');
}

export function deletePartition(
  world: World,
  database: string | undefined,
  table: string | undefined,
  values: readonly string[] = [],
): void {
  requirePartition(world, database, table, values);
  const { database: of, name } = requireTable(world, database, table);
  partitionsOf(world, of, name).delete(partitionKey(values));
}
