import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An event on its way to a function. */
export type Invocation = {
  requestId: string;
  /** As the function was named. */
  arn: string;
  payload: Uint8Array;
  clientContext: string | undefined;
};

export type Reply = { payload: Buffer; isError: boolean };

/** The Runtime API of one execution environment, https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export type RuntimeApi = {
  /** `host:port`, as AWS_LAMBDA_RUNTIME_API says it. */
  readonly address: string;
  /** Hands an event over when the runtime asks for one; settles with what it answers. One at a time. */
  deliver(invocation: Invocation, deadlineMs: number): Promise<Reply>;
  close(): void;
};

const ROOT = '/2018-06-01/runtime/';

export async function openRuntimeApi(): Promise<RuntimeApi> {
  let current: { invocation: Invocation; deadlineMs: number; reply: (reply: Reply) => void } | undefined;
  /** The runtime's question that has no answer yet. */
  let asking: ServerResponse | undefined;
  /** What the runtime said instead of asking for an event. */
  let fallen: Reply | undefined;

  function hand() {
    if (current === undefined) return;
    if (fallen !== undefined) return settle(fallen);
    if (asking === undefined) return;
    const { invocation, deadlineMs } = current;
    asking.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': Math.round(deadlineMs),
      'lambda-runtime-invoked-function-arn': invocation.arn,
      ...(invocation.clientContext === undefined
        ? {}
        : { 'lambda-runtime-client-context': invocation.clientContext }),
    });
    asking.end(invocation.payload);
    asking = undefined;
  }

  function settle(reply: Reply) {
    const { reply: tell } = current ?? {};
    current = undefined;
    tell?.(reply);
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const place = `${request.method} ${(request.url ?? '').replace(ROOT, '')}`;
    if (place === 'GET invocation/next') {
      asking = response;
      return hand();
    }
    const payload = await buffer(request);
    const accept = () => void response.writeHead(202).end('{"status":"OK"}');
    if (place === 'POST init/error') {
      fallen = { payload, isError: true };
      accept();
      return hand();
    }
    const [, id, kind] = /^POST invocation\/([^/]+)\/(response|error)$/.exec(place) ?? [];
    if (id === undefined || id !== current?.invocation.requestId)
      return void response.writeHead(id === undefined ? 404 : 400).end('{"errorType":"InvalidRequestID"}');
    accept();
    settle({ payload, isError: kind === 'error' });
  }

  const server = createServer((request, response) => {
    // No page of a browser has business here, whatever name led it to this address.
    if (request.headers.host !== address) return void response.writeHead(403).end();
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    deliver: (invocation, deadlineMs) =>
      new Promise((reply) => {
        current = { invocation, deadlineMs, reply };
        hand();
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
