import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  type FilterLogEventsCommandInput,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { startLocalAws } from '../index.ts';
import { appendLog } from './streams.ts';

const start = Date.UTC(2026, 0, 1);

async function withLogs(
  body: (logs: CloudWatchLogsClient, aws: Awaited<ReturnType<typeof startLocalAws>>) => Promise<void>,
) {
  await using aws = await startLocalAws({ clock: { manual: true, start: new Date(start) } });
  const logs = client(aws.endpoint);
  try {
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'jobs' }));
    await body(logs, aws);
  } finally {
    logs.destroy();
  }
}

const client = (endpoint: string) =>
  new CloudWatchLogsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

const line = (second: number, message: string) => ({ timestamp: start + second * 1000, message });

async function get(logs: CloudWatchLogsClient, more: Partial<GetLogEventsCommandInput> = {}) {
  const answer = await logs.send(
    new GetLogEventsCommand({ logGroupName: 'jobs', logStreamName: 'one', ...more }),
  );
  return {
    messages: answer.events?.map(({ message }) => message),
    forward: answer.nextForwardToken,
    backward: answer.nextBackwardToken,
  };
}

async function filter(logs: CloudWatchLogsClient, more: Partial<FilterLogEventsCommandInput> = {}) {
  const answer = await logs.send(new FilterLogEventsCommand({ logGroupName: 'jobs', ...more }));
  return { messages: answer.events?.map(({ message }) => message), nextToken: answer.nextToken };
}

test('a stream is read forwards and backwards; a token that comes back says that there is no more', async () => {
  await withLogs(async (logs, { world }) => {
    appendLog(
      world,
      'jobs',
      'one',
      [1, 2, 3, 4, 5].map((number) => line(number, `line ${number}`)),
    );
    const latest = await get(logs, { limit: 2 });
    expect(latest.messages).toEqual(['line 4', 'line 5']);
    expect((await get(logs, { limit: 2, nextToken: latest.backward })).messages).toEqual([
      'line 2',
      'line 3',
    ]);
    const end = await get(logs, { nextToken: latest.forward, startFromHead: true });
    expect(end).toMatchObject({ messages: [], forward: latest.forward });
    appendLog(world, 'jobs', 'one', [line(6, 'line 6')]);
    expect((await get(logs, { nextToken: end.forward, startFromHead: true })).messages).toEqual(['line 6']);
    const head = await get(logs, { limit: 3, startFromHead: true });
    expect(head.messages).toEqual(['line 1', 'line 2', 'line 3']);
    expect(
      (await get(logs, { startTime: start + 2000, endTime: start + 4000, startFromHead: true })).messages,
    ).toEqual(['line 2', 'line 3']);
  });
});

test('a stream that is empty yet is followed from its first token', async () => {
  await withLogs(async (logs, { world }) => {
    await logs.send(new CreateLogStreamCommand({ logGroupName: 'jobs', logStreamName: 'one' }));
    const empty = await get(logs, { startFromHead: true });
    appendLog(world, 'jobs', 'one', [line(1, 'first')]);
    expect((await get(logs, { nextToken: empty.forward, startFromHead: true })).messages).toEqual(['first']);
  });
});

test('a group is searched over its streams in the order of time, page by page', async () => {
  await withLogs(async (logs, { world }) => {
    appendLog(world, 'jobs', 'a/1', [line(1, 'ERROR one'), line(3, 'fine'), line(5, 'ERROR "three"')]);
    appendLog(world, 'jobs', 'b/1', [line(2, 'ERROR two'), line(4, 'WARN')]);
    expect(await filter(logs, { filterPattern: 'ERROR' })).toEqual({
      messages: ['ERROR one', 'ERROR two', 'ERROR "three"'],
      nextToken: undefined,
    });
    const first = await filter(logs, { limit: 2 });
    expect(first.messages).toEqual(['ERROR one', 'ERROR two']);
    expect((await filter(logs, { limit: 9, nextToken: first.nextToken })).messages).toEqual([
      'fine',
      'WARN',
      'ERROR "three"',
    ]);
    const latest = await filter(logs, { startFromHead: false, limit: 2, startTime: start });
    expect(latest.messages).toEqual(['ERROR "three"', 'WARN']);
    expect(
      (await filter(logs, { startFromHead: false, nextToken: latest.nextToken, startTime: start })).messages,
    ).toEqual(['fine', 'ERROR two', 'ERROR one']);
    expect((await filter(logs, { logStreamNamePrefix: 'b/', startTime: start + 3000 })).messages).toEqual([
      'WARN',
    ]);
    expect((await filter(logs, { filterPattern: '?WARN ?fine' })).messages).toEqual(['fine', 'WARN']);
    expect((await filter(logs, { filterPattern: 'ERROR -two' })).messages).toEqual([
      'ERROR one',
      'ERROR "three"',
    ]);
    expect((await filter(logs, { filterPattern: '%^E.*one$%' })).messages).toEqual(['ERROR one']);
    await expect(filter(logs, { filterPattern: 'a.b' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(filter(logs, { filterPattern: '{ $.x = 1 }' })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
  });
});

test('events that are too old or too new are left out of a call that succeeds', async () => {
  await withLogs(async (logs) => {
    await logs.send(new CreateLogStreamCommand({ logGroupName: 'jobs', logStreamName: 'one' }));
    const put = (events: { timestamp: number; message: string }[]) =>
      logs.send(new PutLogEventsCommand({ logGroupName: 'jobs', logStreamName: 'one', logEvents: events }));
    expect((await put([line(0, 'now'), line(3 * 3600, 'tomorrow')])).rejectedLogEventsInfo).toEqual({
      tooNewLogEventStartIndex: 1,
    });
    expect((await put([line(-15 * 86_400, 'long ago')])).rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 1,
    });
    expect((await get(logs)).messages).toEqual(['now']);
    await expect(put([line(2, 'b'), line(1, 'a')])).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

test('groups and streams are listed; old events go with the retention', async () => {
  await withLogs(async (logs, { world, clock }) => {
    appendLog(world, 'jobs', 'one', [line(1, 'x')]);
    appendLog(world, 'jobs', 'two', [line(2, 'y')]);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: 'jobs', retentionInDays: 1 }));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'jo' }));
    expect(logGroups).toMatchObject([
      {
        logGroupName: 'jobs',
        retentionInDays: 1,
        arn: 'arn:aws:logs:us-east-1:123456789012:log-group:jobs:*',
      },
    ]);
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: 'jobs', orderBy: 'LastEventTime', descending: true }),
    );
    expect(
      logStreams?.map(({ logStreamName, lastEventTimestamp }) => [logStreamName, lastEventTimestamp]),
    ).toEqual([
      ['two', start + 2000],
      ['one', start + 1000],
    ]);
    await clock.advance(86_400_000 + 1_500);
    expect((await filter(logs)).messages).toEqual(['y']);
  });
});

test('what is not there, and what is there already, is said as AWS says it', async () => {
  await withLogs(async (logs) => {
    await expect(get(logs)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
    await expect(filter(logs, { logGroupName: 'nobody' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'jobs' }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
  });
});

test('everything is there after a restart', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidegate-logs-'));
  const first = await startLocalAws({ directory });
  appendLog(first.world, 'jobs', 'one', [line(1, 'kept'), line(2, 'as well')]);
  await first.close();
  await using second = await startLocalAws({ directory });
  const logs = client(second.endpoint);
  expect((await get(logs)).messages).toEqual(['kept', 'as well']);
  logs.destroy();
});
