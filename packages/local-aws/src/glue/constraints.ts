import type { Constraints } from '../kernel/constraints.ts';

const name = { min: 1, max: 255 };

/** Lengths and ranges of Glue's requests, from the service model. */
export const glueConstraints: Constraints = {
  'DatabaseInput.Name': name,
  'TableInput.Name': name,
  'CreateTableRequest.DatabaseName': name,
  'GetTableRequest.Name': name,
  'GetDatabaseRequest.Name': name,
  'GetDatabasesRequest.MaxResults': { min: 1, max: 100 },
  'GetTablesRequest.MaxResults': { min: 1, max: 100 },
  'GetTablesRequest.Expression': { max: 2048 },
  'GetPartitionsRequest.MaxResults': { min: 1, max: 1000 },
  'BatchCreatePartitionRequest.PartitionInputList': { max: 100 },
  'BatchDeletePartitionRequest.PartitionsToDelete': { max: 25 },
  'BatchDeleteTableRequest.TablesToDelete': { max: 100 },
};
