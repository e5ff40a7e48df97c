import type { ColumnInfo, QueryExecution, ResultConfiguration } from '@aws-sdk/client-athena';
import { AwsError } from '../../kernel/errors.ts';
import type { Instant, Table, World } from '../../kernel/world.ts';

export type QueryState = 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** From where a query may go where. It is QUEUED until one of the few places to run is free, and RUNNING as long as its work takes. */
export const transitions: Readonly<Record<QueryState, readonly QueryState[]>> = {
  QUEUED: ['RUNNING', 'FAILED', 'CANCELLED'],
  RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELLED'],
  SUCCEEDED: [],
  FAILED: [],
  CANCELLED: [],
};

export type QueryRecord = {
  id: string;
  query: string;
  parameters: readonly string[];
  database: string;
  workGroup: string;
  /** The result's file, `s3://…/<id>.csv`, or `.txt` of what is no SELECT. */
  output: string;
  configuration: ResultConfiguration;
  /** The client's token, and a digest of what it asked for with it. */
  token: { name: string; request: string };
  type: NonNullable<QueryExecution['StatementType']>;
  sub: string;
  state: QueryState;
  reason?: string;
  category?: 1 | 2 | 3;
  submitted: Instant;
  started?: Instant;
  completed?: Instant;
  scannedBytes: number;
  /** Of a query that succeeded. */
  columns?: ColumnInfo[];
  updateCount?: number;
};

export const queries = (world: World): Table<QueryRecord> => world.store.table('athena.queries');

export function requireQuery(world: World, id: string | undefined): QueryRecord {
  const found = queries(world).get(id ?? '');
  if (found) return found;
  throw invalidRequest(`QueryExecution ${id} was not found`);
}

/** Where a query's result is. */
export function outputOf({ output }: Pick<QueryRecord, 'output'>): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(output) ?? [];
  return { bucket, key };
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message, 400, { AthenaErrorCode: 'INVALID_INPUT' });
}

/** Writes a query's new state down and tells it to EventBridge; nothing happens to one that is over already. */
export function enter(world: World, id: string, state: QueryState, known: Partial<QueryRecord> = {}): void {
  const record = requireQuery(world, id);
  if (!transitions[record.state].includes(state)) return;
  const now = world.clock.now();
  queries(world).put(id, {
    ...record,
    ...known,
    state,
    ...(state === 'RUNNING' ? { started: now } : { completed: now }),
  });
  world.emit({
    source: 'aws.athena',
    'detail-type': 'Athena Query State Change',
    resources: [],
    detail: {
      versionId: '0',
      currentState: state,
      previousState: record.state,
      statementType: record.type,
      queryExecutionId: id,
      workgroupName: record.workGroup,
      sequenceNumber: String(state === 'RUNNING' ? 2 : 3),
    },
  });
}

export function describe(record: QueryRecord): QueryExecution {
  const { submitted, started, completed, state, reason, category } = record;
  const engineMs = started === undefined || completed === undefined ? undefined : completed - started;
  return {
    QueryExecutionId: record.id,
    Query: record.query,
    StatementType: record.type,
    SubstatementType: record.sub,
    ResultConfiguration: { ...record.configuration, OutputLocation: record.output },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: record.database, Catalog: 'awsdatacatalog' },
    Status: {
      State: state,
      StateChangeReason: reason,
      SubmissionDateTime: new Date(submitted),
      CompletionDateTime: completed === undefined ? undefined : new Date(completed),
      AthenaError:
        category === undefined
          ? undefined
          : {
              ErrorCategory: category,
              Retryable: category === 1,
              ErrorMessage: reason,
            },
    },
    Statistics: {
      EngineExecutionTimeInMillis: engineMs,
      DataScannedInBytes: record.scannedBytes,
      TotalExecutionTimeInMillis: completed === undefined ? undefined : completed - submitted,
      QueryQueueTimeInMillis: started === undefined ? undefined : started - submitted,
      ServiceProcessingTimeInMillis: completed === undefined ? undefined : 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: record.workGroup,
    EngineVersion: engineVersion,
    ExecutionParameters: record.parameters.length > 0 ? [...record.parameters] : undefined,
  };
}

export const engineVersion = {
  SelectedEngineVersion: 'AUTO',
  EffectiveEngineVersion: 'Athena engine version 3',
};
