import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one request. */
export type Fault =
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection is cut when this much of the request has been handed on. */
  | { kind: 'cut-request'; afterBytes: number }
  /** The connection is cut when this much of the answer has been handed on. */
  | { kind: 'cut-answer'; afterBytes: number }
  /** The request is handed on and done; nothing of the answer arrives. */
  | { kind: 'lose-answer' }
  /** The answer's body is changed on its way. */
  | { kind: 'lie'; change: (body: Buffer) => Buffer }
  /** The registry forgets the upload session before it is asked. */
  | { kind: 'forget' };

export type FaultProxy = AsyncDisposable & {
  url: string;
  /** `METHOD /path` of every request, in order. */
  requests: string[];
};

/**
 * A proxy before a real registry in which things go wrong: `choose` says what, request by request.
 */
export async function startFaultProxy(
  upstream: string,
  choose: (request: IncomingMessage, count: number) => Fault | undefined,
): Promise<FaultProxy> {
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const fault = choose(incoming, requests.length);
    // A request that was read to an end has no socket any more.
    const { socket } = incoming;
    handle(upstream, incoming, outgoing, fault).catch(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(
  upstream: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  if (fault?.kind === 'answer') {
    incoming.resume();
    await once(incoming, 'end');
    outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    return;
  }
  const url = new URL(incoming.url ?? '/', upstream);
  const { host: _, ...headers } = incoming.headers;
  if (fault?.kind === 'forget') {
    const { authorization = '' } = headers;
    await (await fetch(url, { method: 'DELETE', headers: { authorization } })).arrayBuffer();
  }
  const passed = request(url, { method: incoming.method, headers, agent: false });
  const answered = once(passed, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  // A registry may answer and hang up before it has read everything.
  passed.on('error', () => undefined);
  let sent = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    const left = fault?.kind === 'cut-request' ? fault.afterBytes - sent : Infinity;
    const part = chunk.subarray(0, left);
    const written = new Promise<void>((resolve) => passed.write(part, () => resolve()));
    if (await Promise.race([written.then(() => false), answered.then(() => true)])) break;
    sent += part.length;
    if (chunk.length >= left) {
      // What was handed on arrives; then both sides see the connection end.
      passed.socket?.end();
      await once(passed, 'close');
      incoming.socket.destroy();
      return;
    }
  }
  passed.end();
  const [answer] = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  if (fault?.kind === 'lose-answer') {
    incoming.socket.destroy();
    return;
  }
  let body = Buffer.concat(chunks);
  if (fault?.kind === 'lie') body = Buffer.from(fault.change(body));
  const location = answer.headers.location?.replace(upstream, '');
  outgoing.writeHead(answer.statusCode ?? 502, {
    ...answer.headers,
    ...(location !== undefined && { location }),
    ...(fault?.kind === 'lie' && { 'content-length': body.length }),
  });
  if (fault?.kind === 'cut-answer') {
    outgoing.write(body.subarray(0, fault.afterBytes), () => incoming.socket.destroy());
    return;
  }
  outgoing.end(incoming.method === 'HEAD' ? undefined : body);
}
