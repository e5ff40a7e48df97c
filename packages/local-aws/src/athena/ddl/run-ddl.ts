import { AwsError } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import {
  createDatabase,
  createPartition,
  createTable,
  deleteDatabase,
  deletePartition,
  deleteTable,
} from '../../glue/catalog.ts';
import {
  databases,
  partitionKey,
  partitionsOf,
  requireDatabase,
  requireTable,
  tablesOf,
  type TableRecord,
} from '../../glue/records.ts';
import { QueryError } from '../sql/query-error.ts';
import type { Partition, Statement } from '../statements.ts';
import { hivePartitions } from '../tables/partitions.ts';

/** The names of the result's columns, and its rows. */
export type Answer = { columns: readonly string[]; rows: readonly (readonly string[])[] };

const NOTHING: Answer = { columns: [], rows: [] };

/**
 * Changes or shows the catalog.
 * @param again the query was running when the server was killed: what it has done already is no failure
 * @throws AwsError as Glue does, QueryError
 */
export function runDdl(
  world: World,
  statement: Exclude<Statement, { kind: 'select' | 'unload' }>,
  current: string,
  again: boolean,
): Answer {
  const inDatabase = (database: string | undefined): string => database ?? current;
  switch (statement.kind) {
    case 'create-database': {
      const { name, comment, location } = statement;
      const database = {
        name,
        parameters: {},
        ...(comment === undefined ? {} : { description: comment }),
        ...(location === undefined ? {} : { locationUri: location }),
      };
      return done(statement.unlessThere || again, () => createDatabase(world, database));
    }
    case 'drop-database':
      return done(statement.ifThere || again, () => {
        const { name } = requireDatabase(world, statement.name);
        if (!statement.cascade && tablesOf(world, name).length > 0) {
          throw new QueryError(
            `FAILED: SemanticException [Error 10072]: Database ${name} is not empty. One or more tables exist.`,
          );
        }
        deleteDatabase(world, name);
      });
    case 'create-table':
      return done(statement.unlessThere || again, () =>
        createTable(world, inDatabase(statement.database), statement.input),
      );
    case 'drop-table':
      return done(statement.ifThere || again, () =>
        deleteTable(world, inDatabase(statement.database), statement.name),
      );
    case 'add-partitions': {
      const table = requireTable(world, inDatabase(statement.database), statement.name);
      for (const partition of statement.partitions) {
        done(statement.unlessThere || again, () => addPartition(world, table, partition));
      }
      return NOTHING;
    }
    case 'drop-partitions': {
      const table = requireTable(world, inDatabase(statement.database), statement.name);
      for (const { values } of statement.partitions) {
        done(statement.ifThere || again, () =>
          deletePartition(world, table.database, table.name, inOrder(table, values)),
        );
      }
      return NOTHING;
    }
    case 'repair':
      return repair(world, requireTable(world, inDatabase(statement.database), statement.name));
    case 'show-databases':
      return {
        columns: ['database_name'],
        rows: databases(world)
          .keys()
          .toSorted()
          .map((name) => [name]),
      };
    case 'show-tables': {
      const { name } = requireDatabase(world, inDatabase(statement.database));
      const pattern = new RegExp(`^(?:${(statement.pattern ?? '*').toLowerCase().replaceAll('*', '.*')})$`);
      const names = tablesOf(world, name)
        .map((table) => table.name)
        .toSorted();
      return {
        columns: ['tab_name'],
        rows: names.filter((table) => pattern.test(table)).map((table) => [table]),
      };
    }
    case 'show-columns':
      return {
        columns: ['field'],
        rows: columnsOf(world, inDatabase(statement.database), statement.name).map(([name]) => [name!]),
      };
    case 'show-partitions': {
      const table = requireTable(world, inDatabase(statement.database), statement.name);
      const keys = (table.input.PartitionKeys ?? []).map(({ Name }) => Name);
      const shown = partitionsOf(world, table.database, table.name)
        .values()
        .map(({ input }) => (input.Values ?? []).map((value, i) => `${keys[i]}=${value}`).join('/'));
      return { columns: ['partition'], rows: shown.toSorted().map((partition) => [partition]) };
    }
    case 'describe':
      return {
        columns: ['col_name', 'data_type', 'comment'],
        rows: columnsOf(world, inDatabase(statement.database), statement.name),
      };
  }
}

/** Does it; what is there already, or not there any more, is no failure if that is fine. */
function done(isFine: boolean, change: () => void): Answer {
  try {
    change();
  } catch (error) {
    const isDone = error instanceof AwsError && /^(AlreadyExists|EntityNotFound)Exception$/.test(error.code);
    if (!isFine || !isDone) throw error;
  }
  return NOTHING;
}

function addPartition(world: World, table: TableRecord, { values, location }: Partition): void {
  const Values = inOrder(table, values);
  const root = (table.input.StorageDescriptor?.Location ?? '').replace(/\/?$/, '/');
  const keys = (table.input.PartitionKeys ?? []).map(({ Name }) => Name);
  const usual = `${root}${Values.map((value, i) => `${keys[i]}=${encodeURIComponent(value)}`).join('/')}/`;
  createPartition(world, table.database, table.name, {
    Values,
    StorageDescriptor: { ...table.input.StorageDescriptor, Location: location ?? usual },
  });
}

function inOrder(table: TableRecord, values: Readonly<Record<string, string>>): string[] {
  const keys = (table.input.PartitionKeys ?? []).map(({ Name }) => Name ?? '');
  const isWhole =
    keys.length === Object.keys(values).length && keys.every((key) => values[key] !== undefined);
  if (isWhole) return keys.map((key) => values[key]!);
  throw new QueryError(
    `FAILED: SemanticException: a partition of ${table.name} has the columns ${keys.join(', ') || '(none)'}`,
  );
}

/** Takes up the partitions that lie below the table's folder and are not known yet. */
function repair(world: World, table: TableRecord): Answer {
  const known = partitionsOf(world, table.database, table.name);
  const missing = hivePartitions(world, table).filter(({ values }) => !known.get(partitionKey(values)));
  for (const { values, location } of missing) {
    createPartition(world, table.database, table.name, {
      Values: [...values],
      StorageDescriptor: { ...table.input.StorageDescriptor, Location: location },
    });
  }
  return {
    columns: [],
    rows: missing.map(({ values }) => [
      `Repair: Added partition to metastore ${table.name}:${values.join('/')}`,
    ]),
  };
}

function columnsOf(world: World, database: string, name: string): string[][] {
  const { input } = requireTable(world, database, name);
  const columns = [...(input.StorageDescriptor?.Columns ?? []), ...(input.PartitionKeys ?? [])];
  return columns.map(({ Name = '', Type = '', Comment = '' }) => [Name, Type, Comment]);
}
