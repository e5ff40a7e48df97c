import { ImageError } from '../errors.ts';
import { isConnectionError, refusal } from './registry.ts';
import type { Registry } from './registry.ts';
import { isPassing, pause, pauseMs } from './retry.ts';

/** Bytes that can be made again from their beginning, as often as connections break. */
export type BlobSource = {
  open(): { chunks: AsyncIterable<Buffer>; digest(): string };
  /** Where it is known before the first byte. */
  sizeBytes?: number | undefined;
};

/**
 * Sends bytes that are held in memory, in one request after the one that opens the session. `prepare` makes them while
 * the session is being opened.
 */
export async function uploadBytes(
  registry: Registry,
  repository: string,
  prepare: Promise<{ bytes: Buffer | readonly Buffer[]; digest: string }>,
): Promise<void> {
  // Awaited below; if the session fails first, nobody does.
  prepare.catch(() => undefined);
  await persistently(registry, `a blob for ${repository}`, async () => {
    const location = await startSession(registry, repository);
    const { bytes, digest } = await prepare;
    const path = withDigest(location, digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await registry.once({ method: 'PUT', repository, path, headers, body: [bytes].flat() });
    if (answer.status === 201) return true;
    // A session that was forgotten is begun anew.
    if (isPassing(answer.status) || answer.status === 404) return undefined;
    throw refusal(`blob ${digest} cannot be put into ${repository}`, answer);
  });
}

/**
 * Sends a blob of any size while it is made: nothing is held, nothing is written. After a dropped connection it goes on
 * where the registry says that it stands; a session that the registry forgot is begun anew.
 * @param onBytes how far into the blob it has come; what is sent again is not told again
 */
export async function uploadStream(
  registry: Registry,
  repository: string,
  source: BlobSource,
  onBytes: (sentBytes: number) => void = () => undefined,
): Promise<{ digest: string; sentBytes: number }> {
  let session: { location: URL; offset: number } | undefined;
  let sentBytes = 0;
  const reach = (position: number) => {
    if (position > sentBytes) onBytes((sentBytes = position));
  };
  const digest = await persistently(registry, `a blob for ${repository}`, async () => {
    session = session && (await whereIs(registry, repository, session.location));
    session ??= { location: await startSession(registry, repository), offset: 0 };
    const content = source.open();
    const rest = session.offset;
    const headers: Record<string, string | number> = { 'content-type': 'application/octet-stream' };
    if (source.sizeBytes !== undefined) {
      headers['content-length'] = source.sizeBytes - rest;
      if (rest > 0) headers['content-range'] = `${rest}-${source.sizeBytes - 1}`;
    }
    const body = skip(content.chunks, rest, reach);
    const sent = await registry.once({ method: 'PATCH', repository, path: session.location, headers, body });
    if (sent.status === 404) session = undefined;
    if (sent.status === 401 || sent.status === 404 || sent.status === 416 || isPassing(sent.status))
      return undefined;
    if (sent.status !== 202) throw refusal(`a blob cannot be sent to ${repository}`, sent);
    const made = content.digest();
    session = undefined;
    const path = withDigest(locationOf(registry, sent.headers.location), made);
    const finished = await registry.send({ method: 'PUT', repository, path });
    // Where two connections wrote at once, the bytes are wrong: the next attempt begins anew.
    const isMixedUp = finished.status === 400 && rest > 0;
    if (finished.status === 404 || isMixedUp) return undefined;
    if (finished.status !== 201) throw refusal(`blob ${made} cannot be put into ${repository}`, finished);
    return made;
  });
  return { digest, sentBytes };
}

/** Tries until there is a result; undefined and broken connections are reasons to try again. */
async function persistently<T>(
  registry: Registry,
  what: string,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  let cause: unknown;
  for (let count = 1; ; count++) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      registry.signal?.throwIfAborted();
      if (!isConnectionError(error)) throw error;
      cause = error;
    }
    const wait = pauseMs(registry.retry, count);
    if (wait === undefined) {
      const why = cause ? `: ${(cause as Error).message}` : '';
      throw new ImageError(`${what} could not be sent to ${registry.url} in ${count} attempts${why}`, {
        cause,
      });
    }
    await pause(wait, registry.signal);
  }
}

async function startSession(registry: Registry, repository: string): Promise<URL> {
  const answer = await registry.send({ method: 'POST', repository, path: 'blobs/uploads/' });
  if (answer.status !== 202) throw refusal(`an upload to ${repository} cannot begin`, answer);
  return locationOf(registry, answer.headers.location);
}

/** How much of a session has arrived; undefined where the registry does not know it any more. */
async function whereIs(
  registry: Registry,
  repository: string,
  path: URL,
): Promise<{ location: URL; offset: number } | undefined> {
  const answer = await registry.send({ method: 'GET', repository, path });
  if (answer.status !== 204 && answer.status !== 202) return undefined;
  const end = Number(/^(?:bytes=)?0-(\d+)$/.exec(answer.headers['range'] ?? '')?.[1] ?? 0);
  // `0-0` is said both of nothing and of one byte; one byte is not worth the doubt.
  if (end === 0) return undefined;
  return { location: locationOf(registry, answer.headers.location ?? path.href), offset: end + 1 };
}

function locationOf(registry: Registry, location: string | undefined): URL {
  if (!location) throw new ImageError(`${registry.url} opened an upload without saying where (no Location)`);
  return new URL(location, registry.url);
}

function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set('digest', digest);
  return url;
}

/** What follows the first `bytes`; says before each piece how far it brings us. */
async function* skip(
  chunks: AsyncIterable<Buffer>,
  bytes: number,
  reach: (position: number) => void,
): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const chunk of chunks) {
    const left = Math.max(bytes - position, 0);
    position += chunk.length;
    if (left >= chunk.length) continue;
    reach(position);
    yield left > 0 ? chunk.subarray(left) : chunk;
  }
}
