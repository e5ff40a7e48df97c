import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AwsError } from '../kernel/errors.ts';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import type { WireRequest } from './wire.ts';

/** The largest body that is read into memory; longer ones must be streams. */
const largestBodyBytes = 64 * 1024 * 1024;

/** @param trailers receives the trailers of an `aws-chunked` body when it has been read */
export function wireRequest(message: IncomingMessage, trailers: Record<string, string>): WireRequest {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const stream = () => decoded(message, trailers);
  let whole: Promise<Buffer> | undefined;
  return {
    method: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers: message.headers,
    stream,
    body: () => (whole ??= collect(stream())),
  };
}

/** `aws-chunked` is a framing and always undone; gzip is undone where the client compressed the request, not an object. */
function decoded(message: IncomingMessage, trailers: Record<string, string>): Readable {
  const encodings = (message.headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim());
  const chunked =
    encodings.includes('aws-chunked') ||
    String(message.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  if (chunked) return pipe(message, new AwsChunkedDecoder(trailers));
  const isApiCall =
    message.headers['x-amz-target'] !== undefined ||
    message.headers['smithy-protocol'] !== undefined ||
    isForm(message);
  if (encodings.includes('gzip') && isApiCall) return pipe(message, createGunzip());
  return pipe(message, new PassThrough());
}

const isForm = (message: IncomingMessage) =>
  /x-www-form-urlencoded/.test(message.headers['content-type'] ?? '');

function pipe<T extends Readable & NodeJS.WritableStream>(message: IncomingMessage, through: T): T {
  message.on('error', (error) => through.destroy(error));
  // A client that goes away in the middle must end the read, or a half-written object would wait for ever.
  message.on('close', () => {
    if (!message.complete)
      through.destroy(new Error('the client closed the connection before the body was complete'));
  });
  return message.pipe(through);
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > largestBodyBytes)
      throw new AwsError(
        'RequestEntityTooLarge',
        `a body of this call may have ${largestBodyBytes} bytes`,
        413,
      );
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
