import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';
import { deliveries } from './records.ts';

/** A port on which nobody listens. */
async function freePort() {
  const server = createTcpServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('an event whose destination was away is delivered by the server that comes after', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'events-'));
  // Set first, so done last, when both servers have closed.
  using cleanup = new DisposableStack();
  cleanup.defer(() => rmSync(directory, { recursive: true }));
  const clock = { manual: true, start: new Date('2026-11-23T10:00:00Z') };
  const port = await freePort();

  const first = await startLocalAws({ directory, clock });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const events = new EventBridgeClient({ endpoint: first.endpoint, region: first.region, credentials });
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["app"]}' }));
  const BasicAuthParameters = { Username: 'me', Password: 'secret' };
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({
      Name: 'c',
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters },
    }),
  );
  const InvocationEndpoint = `http://127.0.0.1:${port}/hook`;
  const { ApiDestinationArn } = await events.send(
    new CreateApiDestinationCommand({ Name: 'd', ConnectionArn, InvocationEndpoint, HttpMethod: 'POST' }),
  );
  await events.send(
    new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn: ApiDestinationArn, Input: '{"n":1}' }] }),
  );
  first.world.emit({ source: 'app', 'detail-type': 'd', resources: [], detail: {} });
  while (deliveries(first.world).values()[0]?.attempts !== 1) await first.clock.advance(0);
  events.destroy();
  await first.close();

  const received = new Promise((resolve) => {
    const receiver = createServer((request, response) => {
      response.writeHead(204, { connection: 'close' }).end();
      receiver.close();
      resolve([request.url, request.headers.authorization]);
    }).listen(port, '127.0.0.1');
  });
  await using second = await startLocalAws({ directory, clock });
  await second.clock.advance(1000);
  expect(await received).toEqual(['/hook', `Basic ${Buffer.from('me:secret').toString('base64')}`]);
});
