import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  type QueryExecution,
  type StartQueryExecutionInput,
} from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws, type LocalAwsOptions } from '../../index.ts';

/** A local AWS with the bucket `lab`, and what tests of queries do over and over. */
export async function openBench(options: LocalAwsOptions = {}) {
  const aws = await startLocalAws(options);
  const bench = clientsOf(aws);
  await bench.s3.send(new CreateBucketCommand({ Bucket: 'lab' }));
  return {
    ...bench,
    aws,
    async [Symbol.asyncDispose]() {
      bench.close();
      await aws.close();
    },
  };
}

/** The same against a server that is there already. */
export function clientsOf({ endpoint, region = 'us-east-1' }: { endpoint: string; region?: string }) {
  const config = {
    endpoint,
    region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  const athena = new AthenaClient(config);
  const glue = new GlueClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });

  async function start(sql: string, more: Partial<StartQueryExecutionInput> = {}): Promise<string> {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: 'lab' },
        ResultConfiguration: { OutputLocation: 's3://lab/results/' },
        ...more,
      }),
    );
    return QueryExecutionId!;
  }

  /** Looks until the query is over, or as `until` wants it. */
  async function ended(
    id: string,
    until: (state: string) => boolean = (state) => state !== 'QUEUED' && state !== 'RUNNING',
  ): Promise<QueryExecution> {
    for (;;) {
      const { QueryExecution: found } = await athena.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
      );
      if (until(found!.Status!.State!)) return found!;
    }
  }

  async function rows(id: string): Promise<(string | undefined)[][]> {
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    return (ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue));
  }

  return {
    athena,
    glue,
    s3,
    start,
    ended,
    rows,
    /** Runs a statement; its rows, of a SELECT without the header. @throws its reason when it fails */
    async query(
      sql: string,
      more: Partial<StartQueryExecutionInput> = {},
    ): Promise<(string | undefined)[][]> {
      const id = await start(sql, more);
      const { Status, StatementType } = await ended(id);
      if (Status?.State !== 'SUCCEEDED') throw new Error(Status?.StateChangeReason);
      return (await rows(id)).slice(StatementType === 'DML' ? 1 : 0);
    },
    put: (Key: string, Body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: 'lab', Key, Body })),
    async read(Key: string): Promise<string> {
      return (await s3.send(new GetObjectCommand({ Bucket: 'lab', Key }))).Body!.transformToString();
    },
    close() {
      for (const client of [athena, glue, s3]) client.destroy();
    },
  };
}
