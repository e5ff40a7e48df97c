import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { moduleFor } from './wire.ts';
import type { Wire } from './wire.ts';

/** Parts in memory can be sent again; what is made while it is sent cannot. */
export type Body = readonly Buffer[] | AsyncIterable<Buffer>;

/** One request on the wire. */
export type Exchange = {
  method: string;
  url: URL;
  headers?: Record<string, string | number>;
  body?: Body;
  signal?: AbortSignal | undefined;
};

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

// An answer is never far away: registries say nothing only when they are gone.
const silenceMs = 60_000;
const largestAnswerBytes = 8 * 1024 * 1024;

/** Sends a request and collects its answer. Rejects with the connection's error; any status is an answer. */
export async function exchange(wire: Wire, call: Exchange): Promise<Answer> {
  const response = await exchangeStream(wire, call);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestAnswerBytes) {
      response.destroy();
      throw new Error(`the answer of ${call.url.href} is over ${largestAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** The same, with the answer's body as a stream; the taker reads it or destroys it. */
export function exchangeStream(
  wire: Wire,
  { method, url, headers, body, signal }: Exchange,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...bodyHeaders(method, body) }, signal };
    const request = moduleFor(url).request(url, { ...options, agent: wire.agentFor(url) });
    request.setTimeout(silenceMs, () =>
      request.destroy(new Error(`${url.host} was silent for ${silenceMs / 1000} s`)),
    );
    request.on('error', reject);
    request.on('response', (response) => {
      // Answered before it was sent to the end (a refusal): the connection cannot carry another request.
      response.once('end', () => request.writableEnded || request.destroy());
      resolve(response);
    });
    if (body === undefined || isInMemory(body)) {
      for (const part of body ?? []) request.write(part);
      request.end();
    } else {
      send(request, body).catch((error: unknown) => {
        reject(error);
        request.destroy();
      });
    }
  });
}

export function isInMemory(body: Body): body is readonly Buffer[] {
  return Array.isArray(body);
}

function bodyHeaders(method: string, body: Exchange['body']): Record<string, number> {
  if (body && isInMemory(body))
    return { 'content-length': body.reduce((sum, { length }) => sum + length, 0) };
  return body === undefined && method !== 'GET' && method !== 'HEAD' ? { 'content-length': 0 } : {};
}

/** Writes a body as fast as the connection takes it, and stops as soon as it is answered or gone. */
async function send(request: ClientRequest, body: AsyncIterable<Buffer>): Promise<void> {
  let isOver = false;
  let wake = () => {};
  const over = () => {
    isOver = true;
    wake();
  };
  request.on('response', over).on('close', over).on('error', over);
  request.on('drain', () => wake());
  for await (const chunk of body) {
    if (isOver) return;
    if (!request.write(chunk)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isOver) resolve();
      });
    }
  }
  if (!isOver) request.end();
}
