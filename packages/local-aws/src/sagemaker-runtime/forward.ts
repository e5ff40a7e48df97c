import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { ModelServer } from '../sagemaker/hosting/model-server.ts';
import { pickServer } from '../sagemaker/hosting/router.ts';
import type { Target } from '../sagemaker/hosting/router.ts';

export type Forwarded = { modelMs: number } & (
  | { kind: 'answer'; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: 'timeout' }
  /** The connection broke before an answer, on every instance that was tried. */
  | { kind: 'lost'; reason: string }
  /** There was no healthy instance to ask. */
  | { kind: 'nobody' }
);

export type Payload = { body: Buffer; headers: Record<string, string> };

/** SageMaker waits this long for a container, in real time: it is real work. */
const invocationTimeoutMs = 60_000;
/** A request whose connection broke before any byte of an answer is sent again so often, elsewhere if possible. */
const mostTries = 3;

/** Sends the request to one of the target's instances. */
export async function forward(target: Target<ModelServer>, payload: Payload): Promise<Forwarded> {
  const startedAt = performance.now();
  let failed: ModelServer | undefined;
  let reason: string | undefined;
  for (let tries = 0; tries < mostTries; tries++) {
    const server =
      pickServer(target.servers, target.routing, Math.random, failed) ??
      pickServer(target.servers, target.routing, Math.random);
    if (server === undefined) break;
    server.outstanding++;
    const result = await send(server, payload).finally(() => server.outstanding--);
    if (result.kind !== 'lost') return { ...result, modelMs: performance.now() - startedAt };
    failed = server;
    reason = result.reason;
  }
  const modelMs = performance.now() - startedAt;
  return reason === undefined ? { kind: 'nobody', modelMs } : { kind: 'lost', reason, modelMs };
}

type Sent =
  | { kind: 'answer'; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { kind: 'timeout' }
  | { kind: 'lost'; reason: string };

function send(server: ModelServer, { body, headers }: Payload): Promise<Sent> {
  return new Promise((resolve) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path: '/invocations',
        method: 'POST',
        agent: server.agent,
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          clearTimeout(timer);
          resolve({
            kind: 'answer',
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
          });
        });
        // An answer that broke off was begun: sending the request again could do its work twice.
        response.on('error', () => {
          clearTimeout(timer);
          resolve({ kind: 'answer', status: 502, headers: {}, body: Buffer.from('the answer broke off') });
        });
      },
    );
    const timer = setTimeout(() => {
      resolve({ kind: 'timeout' });
      request.destroy();
    }, invocationTimeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'lost', reason: error.message });
    });
    request.end(body);
  });
}
