import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './wire.ts';

/** Puts an answer on the wire. Resolves when the last byte is handed over, or there is nobody left to take it. */
export async function send(
  message: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const { status, headers, body } = answer;
  const hasBody = message.method !== 'HEAD' && status !== 304 && status !== 204;
  if (body instanceof Readable && hasBody && !response.destroyed) {
    response.writeHead(status, headers);
    // A reader that leaves early is its own affair.
    return pipeline(body, response).catch(() => void response.destroy());
  }
  if (body instanceof Readable) body.destroy();
  if (response.destroyed) return;
  if (!hasBody || body instanceof Readable) {
    response.writeHead(status, headers).end();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array());
  response.writeHead(status, { 'content-length': bytes.byteLength, ...headers }).end(bytes);
}
