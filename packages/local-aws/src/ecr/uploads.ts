import { createHash, randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { adoptBlob, digestPattern } from './blobs.ts';
import type { BlobRecord } from './blobs.ts';

// An upload session is its file: what has arrived survives a kill, and a client goes on from there.
// Only the running hash is memory; where it is lost it is computed again from the file.

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function startUpload(world: World, repository: string): Promise<string> {
  const id = randomUUID();
  const file = uploadFile(world, repository, id);
  await mkdir(path.dirname(file), { recursive: true });
  await (await open(file, 'w')).close();
  hashes(world).set(id, { hash: createHash('sha256'), bytes: 0 });
  return id;
}

/** Bytes received so far; undefined where there is no such session. */
export async function uploadedBytes(
  world: World,
  repository: string,
  id: string,
): Promise<number | undefined> {
  if (!uuid.test(id)) return undefined;
  try {
    return (await stat(uploadFile(world, repository, id))).size;
  } catch {
    return undefined;
  }
}

/** Appends what the stream brings; what had arrived when it broke stays. */
export async function appendUpload(
  world: World,
  repository: string,
  id: string,
  source: Readable | Iterable<Uint8Array>,
): Promise<number> {
  const running = await runningHash(world, repository, id);
  const file = await open(uploadFile(world, repository, id), 'a');
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      await file.writeFile(chunk);
      running.hash.update(chunk);
      running.bytes += chunk.length;
    }
  } finally {
    await file.close();
  }
  return running.bytes;
}

/** Ends a session as a blob of the repository; a string is the digest that the bytes really have. */
export async function finishUpload(
  world: World,
  repository: string,
  id: string,
  digest: string,
): Promise<BlobRecord | { found: string }> {
  const running = await runningHash(world, repository, id);
  const found = `sha256:${running.hash.copy().digest('hex')}`;
  if (found !== digest) return { found };
  const record = { repository, digest, sizeBytes: running.bytes };
  await adoptBlob(world, uploadFile(world, repository, id), record);
  hashes(world).delete(id);
  return record;
}

export async function cancelUpload(world: World, repository: string, id: string): Promise<void> {
  hashes(world).delete(id);
  await rm(uploadFile(world, repository, id), { force: true });
}

export function isDigest(text: string | null | undefined): text is string {
  return digestPattern.test(text ?? '');
}

/**
 * Runs one action at a time on a session: whoever comes back after a broken connection must not be told of a size, or
 * write, while what that connection brought is still being written.
 */
export async function exclusively<T>(world: World, id: string, action: () => Promise<T>): Promise<T> {
  const queues = perWorld(world, 'ecr-upload-queues', () => new Map<string, Promise<unknown>>());
  const before = queues.get(id) ?? Promise.resolve();
  const mine = before.then(action, action);
  queues.set(id, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(id) === mine) queues.delete(id);
  }
}

type Running = { hash: Hash; bytes: number };

function hashes(world: World): Map<string, Running> {
  return perWorld(world, 'ecr-upload-hashes', () => new Map<string, Running>());
}

async function runningHash(world: World, repository: string, id: string): Promise<Running> {
  const file = uploadFile(world, repository, id);
  const known = hashes(world).get(id);
  const { size } = await stat(file);
  if (known?.bytes === size) return known;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  const running = { hash, bytes: size };
  hashes(world).set(id, running);
  return running;
}

function uploadFile(world: World, repository: string, id: string): string {
  return path.join(world.directory, 'ecr', 'uploads', encodeURIComponent(repository), id);
}
