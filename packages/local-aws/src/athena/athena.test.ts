import {
  BatchGetQueryExecutionCommand,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  GetWorkGroupCommand,
  ListQueryExecutionsCommand,
  ListWorkGroupsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  UpdateWorkGroupCommand,
} from '@aws-sdk/client-athena';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBench } from './testing/bench.ts';

const at = new Date('2027-06-03T13:00:00Z');
let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  bench = await openBench({ clock: { manual: true, start: at } });
  await bench.query('CREATE DATABASE lab');
  await bench.query(`CREATE EXTERNAL TABLE words (w string, n bigint) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
    LOCATION 's3://lab/words/'`);
  await bench.put('words/a', 'one,1\n"two",2\n,\\N\n');
});
afterAll(async () => await bench[Symbol.asyncDispose]());

test('a query from its start to its result: described, in S3 as Athena writes it, and in pages', async () => {
  const sql = 'SELECT w, n, n * 0.5e0 AS half FROM words ORDER BY n';
  const id = await bench.start(sql);
  expect(await bench.ended(id)).toEqual({
    QueryExecutionId: id,
    Query: sql,
    StatementType: 'DML',
    SubstatementType: 'SELECT',
    ResultConfiguration: { OutputLocation: `s3://lab/results/${id}.csv` },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: 'lab', Catalog: 'awsdatacatalog' },
    Status: { State: 'SUCCEEDED', SubmissionDateTime: at, CompletionDateTime: at },
    Statistics: {
      EngineExecutionTimeInMillis: 0,
      DataScannedInBytes: 18,
      TotalExecutionTimeInMillis: 0,
      QueryQueueTimeInMillis: 0,
      ServiceProcessingTimeInMillis: 0,
      ResultReuseInformation: { ReusedPreviousResult: false },
    },
    WorkGroup: 'primary',
    EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
  });
  expect(await bench.read(`results/${id}.csv`)).toBe(
    '"w","n","half"\n"one","1","0.5"\n"""two""","2","1.0"\n"",,\n',
  );
  const first = await bench.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: 2 }));
  const { ResultSet, NextToken } = first;
  expect(ResultSet?.Rows).toEqual([
    { Data: [{ VarCharValue: 'w' }, { VarCharValue: 'n' }, { VarCharValue: 'half' }] },
    { Data: [{ VarCharValue: 'one' }, { VarCharValue: '1' }, { VarCharValue: '0.5' }] },
  ]);
  expect(ResultSet?.ResultSetMetadata?.ColumnInfo?.[1]).toEqual({
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: 'n',
    Label: 'n',
    Type: 'bigint',
    Precision: 19,
    Scale: 0,
    Nullable: 'UNKNOWN',
    CaseSensitive: false,
  });
  const second = await bench.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken }));
  expect(second.NextToken).toBeUndefined();
  expect(second.ResultSet?.Rows).toEqual([
    { Data: [{ VarCharValue: '"two"' }, { VarCharValue: '2' }, { VarCharValue: '1.0' }] },
    { Data: [{ VarCharValue: '' }, {}, {}] },
  ]);
});

test('the same token is the same query; other words with it are refused', async () => {
  const ClientRequestToken = 'a-token-of-thirty-two-characters!';
  const ids = await Promise.all([1, 2].map(() => bench.start('SELECT 1', { ClientRequestToken })));
  expect(ids[0]).toBe(ids[1]);
  await expect(bench.start('SELECT 2', { ClientRequestToken })).rejects.toThrow(
    'Idempotent parameters do not match',
  );
});

test('parameters stand where the question marks are', async () => {
  const ExecutionParameters = ['2', "'it''s'"];
  expect(
    await bench.query('SELECT n, ? FROM words WHERE n < ?', {
      ExecutionParameters: ExecutionParameters.toReversed(),
    }),
  ).toEqual([['1', "it's"]]);
  await expect(bench.query('SELECT ?', { ExecutionParameters })).rejects.toThrow('expected 1 but found 2');
});

test('a query that is stopped is cancelled, at once and for good', async () => {
  const long =
    'SELECT sum(a * b * c) FROM UNNEST(sequence(1, 10000)) t (a) CROSS JOIN UNNEST(sequence(1, 10000)) u (b) CROSS JOIN UNNEST(sequence(1, 10000)) v (c)';
  const id = await bench.start(long);
  await bench.ended(id, (state) => state === 'RUNNING');
  await bench.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
  const { Status } = await bench.ended(id);
  expect([Status?.State, Status?.StateChangeReason]).toEqual(['CANCELLED', 'Query cancelled by user']);
  await expect(bench.rows(id)).rejects.toThrow(
    'Query did not finish successfully. Final query state: CANCELLED',
  );
  // Its place is free again: as many as there are places run to their end.
  expect(await Promise.all([1, 2, 3, 4, 5].map((n) => bench.query(`SELECT ${n}`)))).toEqual(
    [1, 2, 3, 4, 5].map((n) => [[String(n)]]),
  );
});

test('a failed query says why, and whose fault it is', async () => {
  const id = await bench.start('SELECT nope FROM words');
  const { Status } = await bench.ended(id);
  expect(Status).toMatchObject({
    State: 'FAILED',
    StateChangeReason: expect.stringMatching(/^COLUMN_NOT_FOUND: Referenced column "nope" not found/),
    AthenaError: { ErrorCategory: 2, Retryable: false },
  });
  await expect(bench.rows(id)).rejects.toThrow(
    'Query did not finish successfully. Final query state: FAILED',
  );
});

test('results go where the work group says, or the client; and somewhere they have to', async () => {
  await expect(bench.start('SELECT 1', { ResultConfiguration: {} })).rejects.toThrow(
    'No output location provided.',
  );
  await expect(
    bench.start('SELECT 1', { ResultConfiguration: { OutputLocation: 's3://no-such-bucket/' } }),
  ).rejects.toThrow('Unable to verify/create output bucket no-such-bucket.');
  await bench.athena.send(
    new CreateWorkGroupCommand({
      Name: 'team',
      Configuration: { ResultConfiguration: { OutputLocation: 's3://lab/team/' } },
    }),
  );
  const WorkGroup = 'team';
  const enforced = await bench.ended(await bench.start('SELECT 1', { WorkGroup }));
  expect(enforced.ResultConfiguration?.OutputLocation).toMatch(/^s3:\/\/lab\/team\//);
  await bench.athena.send(
    new UpdateWorkGroupCommand({
      WorkGroup,
      ConfigurationUpdates: { EnforceWorkGroupConfiguration: false, BytesScannedCutoffPerQuery: 10_000_000 },
    }),
  );
  const chosen = await bench.ended(await bench.start('SELECT 1', { WorkGroup }));
  expect(chosen.ResultConfiguration?.OutputLocation).toMatch(/^s3:\/\/lab\/results\//);
  const { QueryExecutionIds } = await bench.athena.send(new ListQueryExecutionsCommand({ WorkGroup }));
  expect(QueryExecutionIds).toEqual([chosen.QueryExecutionId, enforced.QueryExecutionId]);
  const { WorkGroup: described } = await bench.athena.send(new GetWorkGroupCommand({ WorkGroup }));
  expect(described).toEqual({
    Name: 'team',
    State: 'ENABLED',
    Configuration: {
      EnforceWorkGroupConfiguration: false,
      PublishCloudWatchMetricsEnabled: true,
      RequesterPaysEnabled: false,
      BytesScannedCutoffPerQuery: 10_000_000,
      ResultConfiguration: { OutputLocation: 's3://lab/team/' },
      EngineVersion: { SelectedEngineVersion: 'AUTO', EffectiveEngineVersion: 'Athena engine version 3' },
    },
    CreationTime: at,
  });
  await bench.athena.send(new UpdateWorkGroupCommand({ WorkGroup, State: 'DISABLED' }));
  await expect(bench.start('SELECT 1', { WorkGroup })).rejects.toThrow('WorkGroup team is disabled.');
  await expect(bench.athena.send(new DeleteWorkGroupCommand({ WorkGroup }))).rejects.toThrow(
    'WorkGroup team is not empty',
  );
  await bench.athena.send(new DeleteWorkGroupCommand({ WorkGroup, RecursiveDeleteOption: true }));
  const { WorkGroups } = await bench.athena.send(new ListWorkGroupsCommand({}));
  expect(WorkGroups?.map(({ Name }) => Name)).toEqual(['primary']);
});

test('several at a time, and what is not there', async () => {
  const id = await bench.start('SELECT 1');
  const { QueryExecutions, UnprocessedQueryExecutionIds } = await bench.athena.send(
    new BatchGetQueryExecutionCommand({ QueryExecutionIds: [id, 'nope'] }),
  );
  expect(QueryExecutions?.map(({ QueryExecutionId }) => QueryExecutionId)).toEqual([id]);
  expect(UnprocessedQueryExecutionIds?.map(({ QueryExecutionId }) => QueryExecutionId)).toEqual(['nope']);
  await expect(bench.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: 'nope' }))).rejects.toThrow(
    'QueryExecution nope was not found',
  );
  await expect(
    bench.athena.send(
      new StartQueryExecutionCommand({ QueryString: 'SELECT 1', ClientRequestToken: 'short' }),
    ),
  ).rejects.toThrow('Member must have length greater than or equal to 32');
  await bench.ended(id);
});

test('UNLOAD writes a file and names it in a manifest', async () => {
  const id = await bench.start(
    `UNLOAD (SELECT w, sum(n) AS total FROM words GROUP BY w) TO 's3://lab/unloaded/' WITH (format = 'PARQUET')`,
  );
  await bench.ended(id);
  const { UpdateCount } = await bench.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
  expect([UpdateCount, await bench.read(`results/${id}-manifest.csv`)]).toEqual([
    3,
    `s3://lab/unloaded/${id}\n`,
  ]);
  await expect(bench.query(`UNLOAD (SELECT 1) TO 's3://lab/x/' WITH (format = 'ORC')`)).rejects.toThrow(
    "UNLOAD WITH (format = 'ORC') is not built",
  );
});

test('a table as Athena describes it', async () => {
  const asked = { CatalogName: 'AwsDataCatalog', DatabaseName: 'lab', TableName: 'words' };
  const { TableMetadata } = await bench.athena.send(new GetTableMetadataCommand(asked));
  expect(TableMetadata?.Columns).toEqual([
    { Name: 'w', Type: 'string' },
    { Name: 'n', Type: 'bigint' },
  ]);
  await expect(
    bench.athena.send(new GetTableMetadataCommand({ ...asked, TableName: 'nope' })),
  ).rejects.toMatchObject({
    name: 'MetadataException',
    message: 'EntityNotFoundException: Table nope not found.',
  });
});
