import { UpdateWorkGroupCommand, AthenaClient, ListQueryExecutionsCommand } from '@aws-sdk/client-athena';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { athenaQueries, type AthenaProgress, type AthenaQuery, type AthenaRow } from './athena-queries.ts';
import { connect, type Aws } from './connect.ts';
import { objects } from './objects.ts';
import { parseS3Uri } from './s3-uri.ts';

let local: LocalAws;
let aws: Aws;
beforeAll(async () => {
  local = await startLocalAws({ clock: { manual: true, start: new Date('2027-06-03T13:00:00Z') } });
  Object.assign(process.env, local.environment);
  aws = connect();
  await objects(aws).ensureBucket('lab');
  await athenaQueries(aws).run(asked('CREATE DATABASE lab'));
});
afterAll(async () => await local.close());

function asked(sql: string, more: Partial<AthenaQuery> = {}): AthenaQuery {
  return { sql, database: 'lab', identity: 'june', outputUri: 's3://lab/results', ...more };
}

async function rowsOf(result: { id: string; resultUri: string | undefined }): Promise<AthenaRow[]> {
  const rows: AthenaRow[] = [];
  for await (const row of athenaQueries(aws).rows(result)) rows.push(row);
  return rows;
}

test('a query is run once, its rows stream from its file or come in pages, and told again it is taken as it is', async () => {
  const sql = `SELECT x AS n, CASE WHEN x > 1 THEN 'say "x"' || chr(10) END AS word FROM UNNEST(sequence(1, 1200)) AS t (x)`;
  const first = await athenaQueries(aws).run(asked(sql));
  expect(first).toEqual({
    id: expect.any(String),
    reused: false,
    scannedBytes: 0,
    elapsedMs: 0,
    resultUri: `s3://lab/results/${first.id}.csv`,
  });
  const rows = await rowsOf(first);
  expect([rows.length, rows[0], rows[1]]).toEqual([
    1200,
    { n: '1', word: null },
    { n: '2', word: 'say "x"\n' },
  ]);
  expect(await rowsOf({ id: first.id, resultUri: undefined })).toEqual(rows);

  await local.clock.advance(60_000);
  expect(await athenaQueries(aws).run(asked(sql))).toEqual({ ...first, reused: true });
  expect((await athenaQueries(aws).run(asked(sql, { identity: 'july' }))).id).not.toBe(first.id);

  const { bucket, key } = parseS3Uri(first.resultUri!);
  await aws.client(S3Client).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  await local.clock.advance(60_000);
  const again = await athenaQueries(aws).run(asked(sql));
  expect([again.id === first.id, again.reused]).toEqual([false, false]);
});

test('what failed once is tried again when it is asked for again', async () => {
  const sql = 'SELECT * FROM late';
  await expect(athenaQueries(aws).run(asked(sql))).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringMatching(
      /^Athena's query [-\w]+ of the work group primary failed: TABLE_NOT_FOUND: Table with name late does not exist!\nCheck the names of the database, the table and its columns\.$/,
    ),
  });
  await athenaQueries(aws).run(
    asked(
      `CREATE EXTERNAL TABLE late (x string, y bigint) PARTITIONED BY (day string) LOCATION 's3://lab/late/'`,
    ),
  );
  await local.clock.advance(60_000);
  const done = await athenaQueries(aws).run(asked(sql));
  expect([done.reused, await rowsOf(done)]).toEqual([false, []]);
  expect(await athenaQueries(aws).tableColumns('lab', 'late')).toEqual([
    { name: 'x', type: 'string' },
    { name: 'y', type: 'bigint' },
    { name: 'day', type: 'string' },
  ]);
  expect(await athenaQueries(aws).tableColumns('lab', 'never')).toBeUndefined();
});

test('while it runs its progress is told; whoever leaves stops it', async () => {
  await athenaQueries(aws).run(asked(`CREATE EXTERNAL TABLE few (x bigint) LOCATION 's3://lab/few/'`));
  await objects(aws).upload('s3://lab/few/a', { bytes: Buffer.from('1\n2\n') });
  const left = new AbortController();
  const seen: AthenaProgress[] = [];
  const long = `SELECT sum(few.x * a * b * c) FROM few CROSS JOIN UNNEST(sequence(1, 10000)) AS t (a)
    CROSS JOIN UNNEST(sequence(1, 10000)) AS u (b) CROSS JOIN UNNEST(sequence(1, 10000)) AS v (c)`;
  const running = athenaQueries(aws).run(asked(long), {
    signal: left.signal,
    onProgress(progress) {
      seen.push(progress);
      if (progress.scannedBytes > 0) left.abort(new Error('cancelled'));
    },
  });
  await expect(running).rejects.toThrow('cancelled');
  expect(seen.at(-1)).toEqual({
    id: expect.any(String),
    state: 'running',
    scannedBytes: 4,
    elapsedMs: expect.any(Number),
  });
  await local.clock.advance(60_000);
  // The stopped one is passed over: the same query begins anew.
  const { QueryExecutionIds: before = [] } = await aws
    .client(AthenaClient)
    .send(new ListQueryExecutionsCommand({}));
  await expect(athenaQueries(aws).run(asked(long), { timeoutMs: 0 })).rejects.toMatchObject({
    name: 'TimedOut',
  });
  const { QueryExecutionIds: after = [] } = await aws
    .client(AthenaClient)
    .send(new ListQueryExecutionsCommand({}));
  expect(after.length).toBe(before.length + 1);
});

test('a result needs a place, which the work group may say', async () => {
  const { outputUri: _, ...nowhere } = asked("SELECT 'placed' AS x");
  await expect(athenaQueries(aws).run(nowhere)).rejects.toMatchObject({
    name: 'UserError',
    message:
      'The Athena work group "primary" has no location for results: give one (s3://bucket/folder/), or set it there.',
  });
  await expect(athenaQueries(aws).run(asked('SELECT 1', { workGroup: 'nope' }))).rejects.toThrow(
    'The Athena work group "nope" is not there or disabled.',
  );
  await aws.client(AthenaClient).send(
    new UpdateWorkGroupCommand({
      WorkGroup: 'primary',
      ConfigurationUpdates: { ResultConfigurationUpdates: { OutputLocation: 's3://lab/primary/' } },
    }),
  );
  const result = await athenaQueries(aws).run(nowhere);
  expect([result.resultUri, await rowsOf(result)]).toEqual([
    `s3://lab/primary/${result.id}.csv`,
    [{ x: 'placed' }],
  ]);
});
