import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** One request on the wire. */
export type Exchange = {
  method: string;
  url: URL;
  headers?: Record<string, string | number>;
  body?: Buffer | AsyncIterable<Buffer>;
  signal?: AbortSignal | undefined;
};

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** The connections that a registry client keeps open. */
export type Wire = { http: HttpAgent; https: HttpsAgent };

// An answer is never far away: registries say nothing only when they are gone.
const silenceMs = 60_000;
const largestAnswerBytes = 8 * 1024 * 1024;

export function openWire(): Wire {
  const options = { keepAlive: true, maxSockets: 16 };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

export function closeWire({ http, https }: Wire): void {
  http.destroy();
  https.destroy();
}

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
    const isTls = url.protocol === 'https:';
    const options = { method, headers: { ...headers, ...bodyHeaders(method, body) }, signal };
    const request = isTls
      ? httpsRequest(url, { ...options, agent: wire.https })
      : httpRequest(url, { ...options, agent: wire.http });
    request.setTimeout(silenceMs, () =>
      request.destroy(new Error(`${url.host} was silent for ${silenceMs / 1000} s`)),
    );
    request.on('error', reject);
    request.on('response', (response) => {
      // Answered before it was sent to the end (a refusal): the connection cannot carry another request.
      response.once('end', () => request.writableEnded || request.destroy());
      resolve(response);
    });
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else {
      send(request, body).catch((error: unknown) => {
        reject(error);
        request.destroy();
      });
    }
  });
}

function bodyHeaders(method: string, body: Exchange['body']): Record<string, number> {
  if (Buffer.isBuffer(body)) return { 'content-length': body.length };
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
