import type { Constraints } from '../kernel/constraints.ts';

const token = { min: 32, max: 128 };
const workGroup = { pattern: '[a-zA-Z0-9._-]{1,128}' };
const pageSize = { max: 50 };

/** Patterns, lengths and ranges of Athena's requests, from the service model. */
export const athenaConstraints: Constraints = {
  'StartQueryExecutionInput.QueryString': { min: 1, max: 262_144 },
  'StartQueryExecutionInput.ClientRequestToken': token,
  'StartQueryExecutionInput.WorkGroup': workGroup,
  'StartQueryExecutionInput.ExecutionParameters': { min: 1 },
  'QueryExecutionContext.Database': { min: 1, max: 255 },
  'QueryExecutionContext.Catalog': { min: 1, max: 256 },
  'GetQueryExecutionInput.QueryExecutionId': { min: 1, max: 128 },
  'GetQueryResultsInput.MaxResults': { min: 1, max: 1000 },
  'GetQueryResultsInput.NextToken': { min: 1, max: 1024 },
  'BatchGetQueryExecutionInput.QueryExecutionIds': { min: 1, max: 50 },
  'ListQueryExecutionsInput.MaxResults': { min: 0, ...pageSize },
  'ListWorkGroupsInput.MaxResults': { min: 1, ...pageSize },
  'CreateWorkGroupInput.Name': workGroup,
  'WorkGroupConfiguration.BytesScannedCutoffPerQuery': { min: 10_000_000 },
  'UpdateWorkGroupInput.State': { enum: ['ENABLED', 'DISABLED'] },
};
