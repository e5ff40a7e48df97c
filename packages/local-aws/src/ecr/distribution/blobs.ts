import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { blobFile, findBlob } from '../blobs.ts';
import { RegistryError } from './errors.ts';
import type { RegistryCall } from './registry-call.ts';

/** HEAD and GET of a blob, with a byte range if one is asked for. */
export async function answerBlob({
  world,
  method,
  repository,
  name,
  request,
  response,
}: RegistryCall): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new RegistryError(405, 'UNSUPPORTED', `${method} of a blob is not supported`);
  }
  const blob = findBlob(world, repository, name);
  if (!blob) throw new RegistryError(404, 'BLOB_UNKNOWN', `blob unknown to registry: ${name}`);
  await sendFile({ method, request, response }, blobFile(world, blob.digest), blob.digest, blob.sizeBytes);
}

/** Sends a blob's file. */
async function sendFile(
  { method, request, response }: Pick<RegistryCall, 'method' | 'request' | 'response'>,
  file: string,
  digest: string,
  sizeBytes: number,
): Promise<void> {
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(range?.[2] ? Number(range[2]) : sizeBytes - 1, sizeBytes - 1);
  if (range && start > end) {
    response
      .writeHead(416, { ...headers, 'content-range': `bytes */${sizeBytes}`, 'content-length': 0 })
      .end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': end - start + 1,
    ...(range && { 'content-range': `bytes ${start}-${end}/${sizeBytes}` }),
  });
  if (method === 'HEAD' || sizeBytes === 0) response.end();
  else await pipeline(createReadStream(file, { start, end, highWaterMark: 1 << 18 }), response);
}
