import { createHash } from 'node:crypto';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  type QueryExecution,
} from '@aws-sdk/client-athena';
import { given, instant } from './answers.ts';
import { athenaCsv } from './athena-csv.ts';
import { athenaFailure, startFailure } from './athena-failure.ts';
import type { Aws } from './connect.ts';
import { objects } from './objects.ts';
import { until } from './until.ts';

export type AthenaQuery = {
  sql: string;
  database: string;
  /** What it is about besides its text: the window it looks at, or a digest of the data. The same query of the same is not run twice. */
  identity: string;
  /** Default: primary. */
  workGroup?: string;
  /** A folder for the result, where the work group does not say one. */
  outputUri?: string;
};

export type AthenaProgress = {
  id: string;
  state: 'queued' | 'running';
  scannedBytes: number;
  elapsedMs: number;
};

export type AthenaResult = {
  id: string;
  /** Whether an earlier run of the same query was taken. */
  reused: boolean;
  /** What is billed. */
  scannedBytes: number;
  elapsedMs: number;
  /** Undefined where Athena keeps results itself. */
  resultUri: string | undefined;
};

/** A row by the names of its columns; null where there is no value. */
export type AthenaRow = Record<string, string | null>;

type Following = {
  signal?: AbortSignal;
  timeoutMs?: number;
  onProgress?: (progress: AthenaProgress) => void;
};

/** So many earlier runs of no use are passed over. */
const MOST_ATTEMPTS = 20;

export function athenaQueries(aws: Aws) {
  const client = () => aws.client(AthenaClient);

  async function start(query: AthenaQuery, attempt: number): Promise<string> {
    const { sql, database, workGroup = 'primary', outputUri } = query;
    const answer = await client()
      .send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          ClientRequestToken: tokenOf(query, attempt),
          QueryExecutionContext: { Database: database, Catalog: 'AwsDataCatalog' },
          WorkGroup: workGroup,
          ...(outputUri === undefined ? {} : { ResultConfiguration: { OutputLocation: outputUri } }),
        }),
      )
      .catch((error: Error) => {
        throw startFailure(error, workGroup);
      });
    return given(answer.QueryExecutionId, 'QueryExecutionId');
  }

  async function look(id: string): Promise<QueryExecution> {
    const { QueryExecution: found } = await client().send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    );
    return given(found, 'QueryExecution');
  }

  /** Looks until the query is over; stops it when that is not awaited. */
  async function follow(id: string, { signal, timeoutMs, onProgress }: Following): Promise<QueryExecution> {
    const check = async (): Promise<QueryExecution | undefined> => {
      const found = await look(id);
      const { State: state } = found.Status ?? {};
      if (state !== 'QUEUED' && state !== 'RUNNING') return found;
      onProgress?.({ id, state: state === 'QUEUED' ? 'queued' : 'running', ...figures(aws, found) });
      return undefined;
    };
    try {
      return await until(aws, check, {
        ...(signal ? { signal } : {}),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
    } catch (error) {
      // Why it is left matters more than that it could not be stopped.
      await client()
        .send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
        .catch(() => {});
      throw error;
    }
  }

  /** An earlier run that failed, or whose result has been deleted since. */
  async function isUseless(found: QueryExecution): Promise<boolean> {
    const uri = found.ResultConfiguration?.OutputLocation;
    if (found.Status?.State !== 'SUCCEEDED' || uri === undefined) return hasFailed(found);
    return (await objects(aws).find(uri)) === undefined;
  }

  return {
    /**
     * Runs a query to its end. One that runs or has succeeded is joined or taken; one that failed earlier is run again.
     * @throws UserError with Athena's reason; TimedOut and the signal's reason, after the query has been stopped
     */
    async run(query: AthenaQuery, following: Following = {}): Promise<AthenaResult> {
      for (let attempt = 0; ; attempt++) {
        following.signal?.throwIfAborted();
        const id = await start(query, attempt);
        // AWS's time as it was told with the answer, in whole seconds.
        const started = aws.time();
        const first = await look(id);
        const isEarlier = (instant(first.Status?.SubmissionDateTime) ?? started) < started - 2000;
        if (isEarlier && attempt < MOST_ATTEMPTS && (await isUseless(first))) continue;
        const ended = isOver(first) ? first : await follow(id, following);
        if (hasFailed(ended)) throw athenaFailure(ended);
        return {
          id,
          reused: isEarlier,
          ...figures(aws, ended),
          resultUri: ended.ResultConfiguration?.OutputLocation,
        };
      }
    },

    /** A SELECT's rows, as they come. */
    async *rows({ id, resultUri }: Pick<AthenaResult, 'id' | 'resultUri'>): AsyncGenerator<AthenaRow> {
      const lines = resultUri === undefined ? pages(id) : athenaCsv(await objects(aws).open(resultUri));
      let names: readonly (string | null)[] | undefined;
      for await (const values of lines) {
        if (names) yield Object.fromEntries(names.map((name, i) => [name ?? '', values[i] ?? null]));
        else names = values;
      }
    },

    /** The columns of a table with their types as Hive writes them, its partitions' last; undefined when there is no such table. */
    async tableColumns(
      database: string,
      table: string,
    ): Promise<{ name: string; type: string }[] | undefined> {
      try {
        const { TableMetadata: found } = await client().send(
          new GetTableMetadataCommand({
            CatalogName: 'AwsDataCatalog',
            DatabaseName: database,
            TableName: table,
          }),
        );
        const columns = [...(found?.Columns ?? []), ...(found?.PartitionKeys ?? [])];
        return columns.map(({ Name, Type }) => ({ name: given(Name, 'Name'), type: given(Type, 'Type') }));
      } catch (error) {
        if ((error as Error).name === 'MetadataException') return undefined;
        throw error;
      }
    },
  };

  async function* pages(id: string): AsyncGenerator<(string | null)[]> {
    let token: string | undefined;
    do {
      const page = await client().send(
        new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token }),
      );
      for (const { Data } of page.ResultSet?.Rows ?? [])
        yield (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null);
      token = page.NextToken;
    } while (token !== undefined);
  }
}

function tokenOf({ sql, database, identity, workGroup, outputUri }: AthenaQuery, attempt: number): string {
  const content = JSON.stringify([sql, database, identity, workGroup, outputUri, attempt]);
  return createHash('sha256').update(content).digest('hex');
}

function isOver({ Status }: QueryExecution): boolean {
  return Status?.State === 'SUCCEEDED' || Status?.State === 'FAILED' || Status?.State === 'CANCELLED';
}

function hasFailed({ Status }: QueryExecution): boolean {
  return Status?.State === 'FAILED' || Status?.State === 'CANCELLED';
}

function figures(
  aws: Aws,
  { Statistics, Status }: QueryExecution,
): { scannedBytes: number; elapsedMs: number } {
  const submitted = instant(Status?.SubmissionDateTime) ?? aws.time();
  return {
    scannedBytes: Statistics?.DataScannedInBytes ?? 0,
    elapsedMs: Statistics?.TotalExecutionTimeInMillis ?? Math.max(0, aws.time() - submitted),
  };
}
