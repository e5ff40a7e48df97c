import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Table, World } from '../kernel/world.ts';

/** That a repository holds a blob. The bytes themselves are kept once, by digest, for all repositories. */
export type BlobRecord = { repository: string; digest: string; sizeBytes: number };

export const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Where a blob's bytes are. `digest` must match `digestPattern`: it becomes a path. */
export function blobFile(world: World, digest: string): string {
  if (!digestPattern.test(digest)) throw new Error(`not a digest: ${digest}`);
  const hex = digest.slice('sha256:'.length);
  return path.join(world.directory, 'ecr', 'blobs', hex.slice(0, 2), hex);
}

export function findBlob(world: World, repository: string, digest: string): BlobRecord | undefined {
  return blobTable(world).get(`${repository}@${digest}`);
}

/** Gives a repository a blob whose bytes are already here (a mount). */
export function linkBlob(world: World, record: BlobRecord): void {
  blobTable(world).put(`${record.repository}@${record.digest}`, record);
}

/**
 * Moves a finished file in as a blob. The file is renamed before the record is written, so that a record
 * found after a crash always has its bytes.
 */
export async function adoptBlob(world: World, file: string, record: BlobRecord): Promise<void> {
  const target = blobFile(world, record.digest);
  await mkdir(path.dirname(target), { recursive: true });
  await rename(file, target);
  linkBlob(world, record);
}

/** Keeps bytes that are held in memory (a manifest, a made-up base) and says their digest. */
export async function keepBytes(world: World, bytes: Uint8Array): Promise<string> {
  const digest = sha256(bytes);
  const target = blobFile(world, digest);
  const temporary = `${target}.${randomUUID()}`;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(temporary, bytes);
  await rename(temporary, target);
  return digest;
}

export function readBlob(world: World, digest: string): Promise<Buffer> {
  return readFile(blobFile(world, digest));
}

/** A deleted repository holds nothing; bytes stay for the other repositories that may share them. */
export function forgetBlobs(world: World, repository: string): void {
  const table = blobTable(world);
  for (const key of table.keys()) if (key.startsWith(`${repository}@`)) table.delete(key);
}

export async function discard(file: string): Promise<void> {
  await rm(file, { force: true });
}

function blobTable(world: World): Table<BlobRecord> {
  return world.store.table<BlobRecord>('ecr-blobs');
}
