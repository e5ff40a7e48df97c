import type { IncomingMessage } from 'node:http';
import { AwsError } from '../kernel/errors.ts';

/** Of a request and of an answer, in bytes (the API's model; the guide's newer 25 MB is not in it). */
const mostPayloadBytes = 6_291_456;

/** @throws AwsError 413 for more than SageMaker takes */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > mostPayloadBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostPayloadBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

const tooLarge = () =>
  new AwsError('ValidationError', `HTTP content length exceeded ${mostPayloadBytes} bytes.`, 413);
