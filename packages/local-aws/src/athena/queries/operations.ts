import { createHash, randomUUID } from 'node:crypto';
import type {
  BatchGetQueryExecutionInput,
  GetQueryExecutionInput,
  GetQueryResultsInput,
  ListQueryExecutionsInput,
  StartQueryExecutionInput,
  StopQueryExecutionInput,
} from '@aws-sdk/client-athena';
import { AwsError, notBuilt } from '../../kernel/errors.ts';
import type { Operation, World } from '../../kernel/world.ts';
import { requireBucket } from '../../s3/records.ts';
import { pageOf } from '../page.ts';
import { QueryError } from '../sql/query-error.ts';
import { readStatement, typeOf } from '../statements.ts';
import { requireWorkGroup } from '../work-groups.ts';
import { describe, invalidRequest, queries, requireQuery, type QueryRecord } from './records.ts';
import { getQueryResults } from './get-results.ts';
import { begin, stop } from './run-query.ts';

export function queryOperations(world: World): Record<string, Operation> {
  return {
    StartQueryExecution: (input: StartQueryExecutionInput) => ({ QueryExecutionId: start(world, input) }),

    GetQueryExecution: ({ QueryExecutionId }: GetQueryExecutionInput) => ({
      QueryExecution: describe(requireQuery(world, QueryExecutionId)),
    }),

    BatchGetQueryExecution({ QueryExecutionIds: ids = [] }: BatchGetQueryExecutionInput) {
      const known = ids.flatMap((id) => queries(world).get(id) ?? []);
      return {
        QueryExecutions: known.map(describe),
        UnprocessedQueryExecutionIds: ids
          .filter((id) => !queries(world).get(id))
          .map((id) => ({
            QueryExecutionId: id,
            ErrorCode: 'INVALID_QUERY_EXECUTION_ID',
            ErrorMessage: `QueryExecution ${id} was not found`,
          })),
      };
    },

    ListQueryExecutions(input: ListQueryExecutionsInput) {
      const { name } = requireWorkGroup(world, input.WorkGroup);
      const ids = queries(world)
        .values()
        .filter(({ workGroup }) => workGroup === name)
        .map(({ id }) => id)
        .toReversed();
      const { items, NextToken } = pageOf(ids, input);
      return { QueryExecutionIds: items, NextToken };
    },

    StopQueryExecution({ QueryExecutionId }: StopQueryExecutionInput) {
      stop(world, requireQuery(world, QueryExecutionId).id);
      return {};
    },

    GetQueryResults: (input: GetQueryResultsInput) => getQueryResults(world, input),
  };
}

function start(world: World, input: StartQueryExecutionInput): string {
  const group = requireWorkGroup(world, input.WorkGroup);
  if (group.state === 'DISABLED') throw invalidRequest(`WorkGroup ${group.name} is disabled.`);
  const { ClientRequestToken: name = randomUUID(), ...asked } = input;
  const request = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
  const known = queries(world)
    .values()
    .find(({ token }) => token.name === name);
  if (known) {
    if (known.token.request === request) return known.id;
    throw invalidRequest('Idempotent parameters do not match');
  }
  const catalog = input.QueryExecutionContext?.Catalog ?? 'AwsDataCatalog';
  if (catalog.toLowerCase() !== 'awsdatacatalog') throw notBuilt(`athena: the data catalog ${catalog}`);
  if (input.ResultReuseConfiguration?.ResultReuseByAgeConfiguration?.Enabled) {
    throw notBuilt('athena:StartQueryExecution with ResultReuseConfiguration');
  }
  const { type, sub, ending } = kindOf(input);
  const configuration = {
    ...group.configuration.ResultConfiguration,
    ...(group.configuration.EnforceWorkGroupConfiguration &&
    group.configuration.ResultConfiguration?.OutputLocation
      ? {}
      : input.ResultConfiguration),
  };
  const id = randomUUID();
  const record: QueryRecord = {
    id,
    query: input.QueryString ?? '',
    parameters: input.ExecutionParameters ?? [],
    database: (input.QueryExecutionContext?.Database ?? 'default').toLowerCase(),
    workGroup: group.name,
    output: `${outputFolder(world, configuration.OutputLocation)}${id}.${ending}`,
    configuration,
    token: { name, request },
    type,
    sub,
    state: 'QUEUED',
    submitted: world.clock.now(),
    scannedBytes: 0,
  };
  queries(world).put(id, record);
  begin(world, id);
  return id;
}

/** A statement that cannot be read is taken, and fails when it runs. */
function kindOf({
  QueryString = '',
  ExecutionParameters,
}: StartQueryExecutionInput): Pick<QueryRecord, 'type' | 'sub'> & { ending: string } {
  try {
    const kind = typeOf(readStatement(QueryString, ExecutionParameters));
    return { ...kind, ending: kind.type === 'DML' ? 'csv' : 'txt' };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { type: 'DML', sub: 'SELECT', ending: 'csv' };
  }
}

function outputFolder(world: World, location: string | undefined): string {
  if (location === undefined) {
    throw invalidRequest(
      'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
    );
  }
  const [, bucket] = /^s3:\/\/([^/]+)/.exec(location) ?? [];
  if (bucket === undefined) throw invalidRequest('outputLocation is not a valid S3 path.');
  try {
    requireBucket(world, bucket);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidRequest(`Unable to verify/create output bucket ${bucket}. Specify a valid output bucket.`);
  }
  return location.replace(/\/?$/, '/');
}
