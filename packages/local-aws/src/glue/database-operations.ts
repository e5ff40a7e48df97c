import type {
  CreateDatabaseRequest,
  Database,
  DeleteDatabaseRequest,
  GetDatabaseRequest,
  GetDatabasesRequest,
  UpdateDatabaseRequest,
} from '@aws-sdk/client-glue';
import type { Operation, World } from '../kernel/world.ts';
import { createDatabase, deleteDatabase } from './catalog.ts';
import { page } from './page.ts';
import { checkCatalog, databases, requireDatabase, type DatabaseRecord } from './records.ts';

export function databaseOperations(world: World): Record<string, Operation> {
  return {
    CreateDatabase(input: CreateDatabaseRequest) {
      checkCatalog(world, input);
      createDatabase(world, fromInput(input.DatabaseInput));
      return {};
    },

    GetDatabase(input: GetDatabaseRequest) {
      checkCatalog(world, input);
      return { Database: describe(world, requireDatabase(world, input.Name)) };
    },

    GetDatabases(input: GetDatabasesRequest) {
      checkCatalog(world, input);
      const { items, NextToken } = page(databases(world).values(), input);
      return { DatabaseList: items.map((database) => describe(world, database)), NextToken };
    },

    UpdateDatabase(input: UpdateDatabaseRequest) {
      checkCatalog(world, input);
      const { name, created } = requireDatabase(world, input.Name);
      databases(world).put(name, { ...fromInput(input.DatabaseInput), name, created });
      return {};
    },

    DeleteDatabase(input: DeleteDatabaseRequest) {
      checkCatalog(world, input);
      deleteDatabase(world, input.Name);
      return {};
    },
  };
}

function fromInput(input: CreateDatabaseRequest['DatabaseInput']): Omit<DatabaseRecord, 'created'> {
  const { Name, Description, LocationUri, Parameters } = input ?? {};
  return {
    name: Name ?? '',
    ...(Description === undefined ? {} : { description: Description }),
    ...(LocationUri === undefined ? {} : { locationUri: LocationUri }),
    parameters: Parameters ?? {},
  };
}

function describe(
  world: World,
  { name, description, locationUri, parameters, created }: DatabaseRecord,
): Database {
  return {
    Name: name,
    Description: description,
    LocationUri: locationUri,
    Parameters: parameters,
    CreateTime: new Date(created),
    CatalogId: world.account,
  };
}
