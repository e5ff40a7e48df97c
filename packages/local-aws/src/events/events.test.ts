import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DeleteRuleCommand,
  DescribeConnectionCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  InvalidEventPatternException,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceNotFoundException,
  TestEventPatternCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { expect, test } from '@jest/globals';
import { startLocalAws, type LocalAwsOptions } from '../index.ts';
import { timeline } from '../kernel/timeline.ts';

type Received = { path: string; authorization: string | undefined; body: unknown };

/** Where API destinations end: answers with the given statuses, one after the other, then 204. */
async function startReceiver(statuses: number[] = []) {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: JSON.parse(text),
      });
      response.writeHead(statuses.shift() ?? 204).end();
      waiting.shift()?.();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const arrived = async (count: number) => {
    while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return received;
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, arrived, [Symbol.dispose]: () => void server.close() };
}

async function withEvents(clock: LocalAwsOptions['clock'], githubApi?: string) {
  const aws = await startLocalAws({
    clock: { start: new Date('2026-11-23T10:00:00Z'), ...clock },
    ...(githubApi && { githubApi }),
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const events = new EventBridgeClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials,
    maxAttempts: 1,
  });
  const toDestination = async (Rule: string, InvocationEndpoint: string, target: Partial<Target> = {}) => {
    const AuthParameters = {
      ApiKeyAuthParameters: { ApiKeyName: 'Authorization', ApiKeyValue: 'Bearer ghs_secret' },
    };
    const { ConnectionArn } = await events.send(
      new CreateConnectionCommand({ Name: 'github', AuthorizationType: 'API_KEY', AuthParameters }),
    );
    const { ApiDestinationArn } = await events.send(
      new CreateApiDestinationCommand({
        Name: 'dispatch',
        ConnectionArn,
        InvocationEndpoint,
        HttpMethod: 'POST',
      }),
    );
    await events.send(
      new PutTargetsCommand({ Rule, Targets: [{ Id: 't', Arn: ApiDestinationArn, ...target }] }),
    );
  };
  const close = async () => {
    events.destroy();
    await aws.close();
  };
  return { aws, events, toDestination, [Symbol.asyncDispose]: close };
}

const EventPattern = JSON.stringify({
  source: ['aws.cloudwatch'],
  detail: { alarmName: [{ prefix: 'drift' }] },
});
const alarm = {
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: ['arn:x'],
  detail: { alarmName: 'drift-psi' },
};

test('an alarm reaches the local GitHub’s dispatches in the words of the rule’s template', async () => {
  using github = await startReceiver();
  await using server = await withEvents({ manual: true }, github.url);
  const { aws, events, toDestination } = server;
  await events.send(new PutRuleCommand({ Name: 'drifted', EventPattern }));
  await toDestination('drifted', 'https://api.github.com/repos/acme/*/dispatches', {
    HttpParameters: { PathParameterValues: ['flight-delay'] },
    InputTransformer: {
      InputPathsMap: { alarm: '$.detail.alarmName', time: '$.time', all: '$.resources' },
      InputTemplate:
        '{"event_type":"drift","client_payload":{"alarm":<alarm>,"text":"at <time>: <alarm>","all":<all>,"gone":<nothing>}}'.replace(
          '<nothing>',
          'null',
        ),
    },
  });
  aws.world.emit({ ...alarm, detail: { alarmName: 'latency' } });
  aws.world.emit(alarm);
  expect(await github.arrived(1)).toEqual([
    {
      path: '/repos/acme/flight-delay/dispatches',
      authorization: 'Bearer ghs_secret',
      body: {
        event_type: 'drift',
        client_payload: {
          alarm: 'drift-psi',
          text: 'at 2026-11-23T10:00:00Z: drift-psi',
          all: ['arn:x'],
          gone: null,
        },
      },
    },
  ]);
});

test('the envelope is spelled as AWS spells it', async () => {
  using receiver = await startReceiver();
  await using server = await withEvents({ manual: true });
  await server.events.send(new PutRuleCommand({ Name: 'r', EventPattern }));
  await server.toDestination('r', `${receiver.url}/hook`);
  server.aws.world.emit(alarm);
  const [first] = await receiver.arrived(1);
  expect(first?.body).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    time: '2026-11-23T10:00:00Z',
    region: 'us-east-1',
    resources: ['arn:x'],
    detail: { alarmName: 'drift-psi' },
  });
});

test('a destination that fails is tried again until it answers; one that refuses is not', async () => {
  using flaky = await startReceiver([503, 429, 204]);
  await using server = await withEvents({ speed: 1000 });
  await server.events.send(new PutRuleCommand({ Name: 'r', EventPattern }));
  await server.toDestination('r', `${flaky.url}/hook`);
  server.aws.world.emit(alarm);
  expect(await flaky.arrived(3)).toHaveLength(3);
});

test('a destination off this machine is never called', async () => {
  await using server = await withEvents({ manual: true });
  await server.events.send(new PutRuleCommand({ Name: 'r', EventPattern }));
  await server.toDestination('r', 'https://example.com/hook');
  server.aws.world.emit(alarm);
  await server.aws.clock.advance(0);
  expect(timeline(server.aws.world).map(({ state, detail }) => [state, detail?.['reason']])).toEqual([
    ['Matched', undefined],
    ['Failed', 'https://example.com is not on this machine, and this local AWS sends nothing off it'],
  ]);
});

test('a scheduled rule fires on the server’s clock, and no more when it is disabled', async () => {
  using receiver = await startReceiver();
  await using server = await withEvents({ manual: true });
  const { aws, events } = server;
  await events.send(new PutRuleCommand({ Name: 'hourly', ScheduleExpression: 'rate(1 hour)' }));
  await server.toDestination('hourly', `${receiver.url}/hook`);
  await aws.clock.advance(2 * 3_600_000);
  const received = await receiver.arrived(2);
  expect(received.map(({ body }) => (body as { time: string; 'detail-type': string }).time).sort()).toEqual([
    '2026-11-23T11:00:00Z',
    '2026-11-23T12:00:00Z',
  ]);
  await events.send(new DisableRuleCommand({ Name: 'hourly' }));
  await aws.clock.advance(3 * 3_600_000);
  expect(timeline(aws.world).filter(({ state }) => state === 'Matched')).toHaveLength(2);
});

test('PutEvents judges each entry by itself', async () => {
  await using server = await withEvents({ manual: true });
  const answer = await server.events.send(
    new PutEventsCommand({
      Entries: [
        { Source: 'app', DetailType: 'Done', Detail: '{}' },
        { Source: 'app', DetailType: 'Done', Detail: 'no json' },
        { Source: 'aws.s3', DetailType: 'Done', Detail: '{}' },
        { DetailType: 'Done', Detail: '{}' },
      ],
    }),
  );
  expect([answer.FailedEntryCount, answer.Entries?.map(({ ErrorCode }) => ErrorCode)]).toEqual([
    3,
    [undefined, 'MalformedDetail', 'NotAuthorizedForSourceException', 'InvalidArgument'],
  ]);
});

test('rules and targets are described, listed and removed', async () => {
  await using server = await withEvents({ manual: true });
  const { events } = server;
  await events.send(new PutRuleCommand({ Name: 'a', EventPattern, Description: 'drift' }));
  await events.send(
    new PutRuleCommand({ Name: 'b', ScheduleExpression: 'cron(0 12 * * ? *)', State: 'DISABLED' }),
  );
  const { $metadata: _, ...rule } = await events.send(new DescribeRuleCommand({ Name: 'a' }));
  expect(rule).toEqual({
    Name: 'a',
    Arn: 'arn:aws:events:us-east-1:123456789012:rule/a',
    Description: 'drift',
    EventPattern,
    State: 'ENABLED',
    EventBusName: 'default',
    CreatedBy: '123456789012',
  });
  const first = await events.send(new ListRulesCommand({ Limit: 1 }));
  const second = await events.send(new ListRulesCommand({ Limit: 1, NextToken: first.NextToken }));
  expect([first, second].map(({ Rules }) => Rules?.map(({ Name }) => Name))).toEqual([['a'], ['b']]);
  await server.toDestination('a', 'http://127.0.0.1:1/');
  expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'a' }))).Targets).toMatchObject([
    { Id: 't' },
  ]);
  await expect(events.send(new DeleteRuleCommand({ Name: 'a' }))).rejects.toThrow(
    "Rule can't be deleted since it has targets.",
  );
  const removed = await events.send(new RemoveTargetsCommand({ Rule: 'a', Ids: ['t', 'u'] }));
  expect(removed.FailedEntries).toMatchObject([{ TargetId: 'u', ErrorCode: 'ResourceNotFoundException' }]);
  await events.send(new DeleteRuleCommand({ Name: 'a' }));
  await expect(events.send(new DescribeRuleCommand({ Name: 'a' }))).rejects.toThrow(
    ResourceNotFoundException,
  );
});

test('wrong patterns and targets that are not built are refused by name', async () => {
  await using server = await withEvents({ manual: true });
  const { events } = server;
  await expect(
    events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":"x"}' })),
  ).rejects.toThrow(InvalidEventPatternException);
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern }));
  const queue = events.send(
    new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:123456789012:q' }] }),
  );
  await expect(queue).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
  const Event = JSON.stringify({
    id: '1',
    account: '1',
    source: 'app',
    time: 't',
    region: 'r',
    resources: [],
    'detail-type': 'd',
  });
  expect(
    (await events.send(new TestEventPatternCommand({ EventPattern: '{"source":["app"]}', Event }))).Result,
  ).toBe(true);
});

test('a connection never tells its secret', async () => {
  await using server = await withEvents({ manual: true });
  await server.events.send(new PutRuleCommand({ Name: 'r', EventPattern }));
  await server.toDestination('r', 'https://api.github.com/repos/o/r/dispatches');
  const connection = await server.events.send(new DescribeConnectionCommand({ Name: 'github' }));
  expect(connection).toMatchObject({
    ConnectionState: 'AUTHORIZED',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'Authorization' } },
  });
  expect(JSON.stringify(connection)).not.toContain('ghs_secret');
});
