import type {
  BatchCreatePartitionRequest,
  BatchDeletePartitionRequest,
  CreatePartitionRequest,
  DeletePartitionRequest,
  GetPartitionRequest,
  GetPartitionsRequest,
  Partition,
  PartitionError,
} from '@aws-sdk/client-glue';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { createPartition, deletePartition, requirePartition } from './catalog.ts';
import { page } from './page.ts';
import { checkCatalog, partitionsOf, requireTable, type PartitionRecord } from './records.ts';

export function partitionOperations(world: World): Record<string, Operation> {
  const describe = (
    table: { DatabaseName?: string | undefined; TableName?: string | undefined },
    found: PartitionRecord,
  ) =>
    ({
      ...found.input,
      DatabaseName: table.DatabaseName,
      TableName: table.TableName,
      CreationTime: new Date(found.created),
      CatalogId: world.account,
    }) as Partition;
  return {
    CreatePartition(input: CreatePartitionRequest) {
      checkCatalog(world, input);
      createPartition(world, input.DatabaseName, input.TableName, input.PartitionInput ?? {});
      return {};
    },

    BatchCreatePartition(input: BatchCreatePartitionRequest) {
      checkCatalog(world, input);
      requireTable(world, input.DatabaseName, input.TableName);
      return {
        Errors: (input.PartitionInputList ?? []).flatMap((partition) =>
          failures(partition.Values, () =>
            createPartition(world, input.DatabaseName, input.TableName, partition),
          ),
        ),
      };
    },

    GetPartition(input: GetPartitionRequest) {
      checkCatalog(world, input);
      const found = requirePartition(world, input.DatabaseName, input.TableName, input.PartitionValues);
      return { Partition: describe(input, found) };
    },

    GetPartitions(input: GetPartitionsRequest) {
      checkCatalog(world, input);
      if (input.Expression) throw notBuilt('glue:GetPartitions with Expression');
      const { database, name } = requireTable(world, input.DatabaseName, input.TableName);
      const { items, NextToken } = page(partitionsOf(world, database, name).values(), input);
      return { Partitions: items.map((found) => describe(input, found)), NextToken };
    },

    DeletePartition(input: DeletePartitionRequest) {
      checkCatalog(world, input);
      deletePartition(world, input.DatabaseName, input.TableName, input.PartitionValues);
      return {};
    },

    BatchDeletePartition(input: BatchDeletePartitionRequest) {
      checkCatalog(world, input);
      requireTable(world, input.DatabaseName, input.TableName);
      return {
        Errors: (input.PartitionsToDelete ?? []).flatMap(({ Values }) =>
          failures(Values, () => deletePartition(world, input.DatabaseName, input.TableName, Values)),
        ),
      };
    },
  };
}

function failures(values: string[] | undefined, change: () => void): PartitionError[] {
  try {
    change();
    return [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [{ PartitionValues: values, ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } }];
  }
}
