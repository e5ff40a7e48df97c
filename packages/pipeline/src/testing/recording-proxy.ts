import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between a client and a server on the real wire, and remembers which operations were called. */
export type RecordingProxy = {
  url: string;
  /** Operations that change something, in order, since the last `forget`: `UpdateEndpoint`, `S3 PUT`. */
  mutations(): string[];
  calls(): string[];
  forget(): void;
  /** The next answer to this operation never arrives, though it was done. */
  loseAnswer(operation: string): void;
  close(): Promise<void>;
};

const changes = /^(Create|Update|Put|Delete|Add|Remove|Start|Stop|Set|Tag|Untag|S3 (PUT|POST|DELETE))/;

export async function startRecordingProxy(upstream: string): Promise<RecordingProxy> {
  const target = new URL(upstream);
  let calls: string[] = [];
  let losing: string | undefined;
  const server = createServer((incoming, outgoing) => {
    if (isQuery(incoming)) {
      incoming.once('data', (body: Buffer) => calls.push(/\bAction=(\w+)/.exec(body.toString())?.[1] ?? '?'));
    } else calls.push(operationOf(incoming));
    const onward = request(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host: target.host },
      },
      (answer) => {
        if (losing !== undefined && operationOf(incoming) === losing) {
          losing = undefined;
          incoming.socket.destroy();
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mutations: () => calls.filter((call) => changes.test(call)),
    calls: () => calls,
    forget: () => {
      calls = [];
    },
    loseAnswer: (operation) => {
      losing = operation;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** IAM and STS name the operation in the body. */
const isQuery = ({ headers }: IncomingMessage) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

function operationOf({ headers, method, url = '' }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  return url.startsWith('/endpoints/') ? 'InvokeEndpoint' : `S3 ${method}`;
}
