import type { GetTableMetadataInput, TableMetadata } from '@aws-sdk/client-athena';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { requireTable } from '../glue/records.ts';

/** The catalog as Athena tells it. */
export function tableMetadataOperations(world: World): Record<string, Operation> {
  return {
    GetTableMetadata({ CatalogName = '', DatabaseName, TableName }: GetTableMetadataInput): {
      TableMetadata: TableMetadata;
    } {
      if (CatalogName.toLowerCase() !== 'awsdatacatalog')
        throw notBuilt(`athena: the data catalog ${CatalogName}`);
      const { name, input, created } = inCatalog(() => requireTable(world, DatabaseName, TableName));
      return {
        TableMetadata: {
          Name: name,
          CreateTime: new Date(created),
          TableType: input.TableType,
          Columns: (input.StorageDescriptor?.Columns ?? []).map(({ Name = '', Type, Comment }) => ({
            Name,
            Type,
            Comment,
          })),
          PartitionKeys: (input.PartitionKeys ?? []).map(({ Name = '', Type, Comment }) => ({
            Name,
            Type,
            Comment,
          })),
          Parameters: input.Parameters,
        },
      };
    },
  };
}

/** What Glue cannot find, Athena tells in its own way. */
function inCatalog<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError('MetadataException', `${error.code}: ${error.message}`);
  }
}
