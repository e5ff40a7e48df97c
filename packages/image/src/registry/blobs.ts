import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ImageError } from '../errors.ts';
import { sha256 } from '../manifest.ts';
import { isConnectionError, refusal } from './registry.ts';
import type { Registry } from './registry.ts';
import { pause, pauseMs } from './retry.ts';

export async function hasBlob(registry: Registry, repository: string, digest: string): Promise<boolean> {
  const answer = await registry.send({ method: 'HEAD', repository, path: `blobs/${digest}` });
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw refusal(`blob ${digest} of ${repository}`, answer);
}

/** A small blob (a config), checked against its digest. */
export async function readBlob(registry: Registry, repository: string, digest: string): Promise<Buffer> {
  const found = await findBlob(registry, repository, digest);
  if (found) return found;
  throw new ImageError(`${repository} in ${registry.url} has no blob ${digest}`);
}

/** The same where it may be absent. */
export async function findBlob(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<Buffer | undefined> {
  const answer = await registry.send({ method: 'GET', repository, path: `blobs/${digest}` });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refusal(`blob ${digest} of ${repository} cannot be read`, answer);
  if (sha256(answer.body) !== digest) {
    throw new ImageError(
      `the registry sent ${sha256(answer.body)} for blob ${digest} of ${repository}: it lies or is broken`,
    );
  }
  return answer.body;
}

/** The last bytes of a large blob; undefined where the registry does not send them, and only them. */
export async function readBlobEnd(
  registry: Registry,
  repository: string,
  { digest, size }: { digest: string; size: number },
  bytes: number,
): Promise<Buffer | undefined> {
  const headers = { range: `bytes=${size - bytes}-${size - 1}` };
  try {
    const answer = await registry.stream({ method: 'GET', repository, path: `blobs/${digest}`, headers });
    const chunks: Buffer[] = [];
    if (answer.statusCode !== 206) answer.destroy();
    else for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const end = Buffer.concat(chunks);
    return end.length === bytes ? end : undefined;
  } catch (error) {
    registry.signal?.throwIfAborted();
    if (isConnectionError(error)) return undefined;
    throw error;
  }
}

/** Takes a blob over from another repository of the same registry; false where the registry does not do that. */
export async function mountBlob(
  registry: Registry,
  repository: string,
  digest: string,
  from: string,
): Promise<boolean> {
  const answer = await registry.send({
    method: 'POST',
    repository,
    path: 'blobs/uploads/',
    query: { mount: digest, from },
  });
  if (answer.status === 201) return true;
  const location = answer.headers.location;
  if (answer.status === 202 && location) {
    // The registry began an upload instead. Ours begins its own when it has bytes to send.
    await registry
      .once({ method: 'DELETE', repository, path: new URL(location, registry.url) })
      .catch(() => undefined);
    return false;
  }
  if (answer.status === 404 || answer.status === 405) return false;
  throw refusal(`blob ${digest} cannot be mounted from ${from} into ${repository}`, answer);
}

/**
 * A large blob as a stream that goes on after dropped connections, checked at its end.
 * @throws ImageError where the bytes have another digest, or are more or fewer than the image says
 */
export async function* streamBlob(
  registry: Registry,
  repository: string,
  { digest, size }: { digest: string; size: number },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const named = `blob ${digest} of ${repository}`;
  let received = 0;
  for (let attempt = 1; ;) {
    const before = received;
    try {
      const response = await openAt(registry, repository, digest, received);
      for await (const chunk of response as AsyncIterable<Buffer>) {
        received += chunk.length;
        // Nobody may send what is more than was announced.
        if (received > size)
          throw new ImageError(`${named} has more than the ${size} bytes that its image says`);
        hash.update(chunk);
        yield chunk;
      }
      if (!response.complete) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      break;
    } catch (error) {
      registry.signal?.throwIfAborted();
      // Whoever makes headway may try for ever.
      attempt = received > before ? 1 : attempt + 1;
      const wait = isConnectionError(error) ? pauseMs(registry.retry, attempt) : undefined;
      if (wait === undefined) throw error;
      await pause(wait, registry.signal);
    }
  }
  if (received < size)
    throw new ImageError(`${named} has ${received} bytes, and not the ${size} that its image says`);
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new ImageError(`the registry sent ${found} for ${named}: it lies or is broken`);
}

async function openAt(
  registry: Registry,
  repository: string,
  digest: string,
  start: number,
): Promise<IncomingMessage> {
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await registry.stream({ method: 'GET', repository, path: `blobs/${digest}`, headers });
  if (response.statusCode === (start > 0 ? 206 : 200)) return response;
  response.destroy();
  if (start > 0 && response.statusCode === 200) {
    throw new ImageError(
      `the connection broke at byte ${start} of blob ${digest}, and the registry knows no ranges to go on with`,
    );
  }
  throw refusal(`blob ${digest} of ${repository} cannot be read`, {
    status: response.statusCode ?? 0,
    body: Buffer.alloc(0),
  });
}
