import { stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { commitObject } from './commit.ts';
import { firstAtOrAfter, sortedKeys } from './key-index.ts';
import { bodyPath, readBody, storeBody } from './object-files.ts';
import { objectsOf, requireBucket, requireObject } from './records.ts';

// What other services use of S3, without the wire between. All throw S3's own `AwsError`s.

/** `s3://bucket/key` → its two halves; the key may be empty or end with `/`. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (match?.[1] === undefined)
    throw new AwsError('ValidationException', `"${uri}" is not an S3 URI (s3://<bucket>/<key>)`);
  return { bucket: match[1], key: match[2] ?? '' };
}

export async function readObject(world: World, bucket: string, key: string): Promise<Buffer> {
  return buffer(readObjectStream(world, bucket, key));
}

export function readObjectStream(world: World, bucket: string, key: string): Readable {
  return readBody(world, requireObject(world, bucket, key).file);
}

/** The file that holds the object's bytes: to be read, copied or linked, never changed. */
export function objectFile(world: World, bucket: string, key: string): string {
  return bodyPath(world, requireObject(world, bucket, key).file);
}

/** `etag` is without quotes. Undefined also where the bucket is not there. */
export function objectExists(
  world: World,
  bucket: string,
  key: string,
): { size: number; etag: string } | undefined {
  const record = objectsOf(world, bucket).get(key);
  return record && { size: record.size, etag: record.etag };
}

/** Every object whose key begins with `prefix`, in the order of their keys. */
export function listObjects(
  world: World,
  bucket: string,
  prefix: string,
): { key: string; size: number; etag: string }[] {
  requireBucket(world, bucket);
  const keys = sortedKeys(world, bucket);
  const table = objectsOf(world, bucket);
  const found = [];
  for (let index = firstAtOrAfter(keys, prefix); index < keys.length; index++) {
    const key = keys[index] as string;
    if (!key.startsWith(prefix)) break;
    const record = table.get(key);
    if (record) found.push({ key, size: record.size, etag: record.etag });
  }
  return found;
}

export async function writeObject(
  world: World,
  bucket: string,
  key: string,
  body: Uint8Array | string | Readable | { file: string },
): Promise<{ etag: string }> {
  requireBucket(world, bucket);
  const { file, size, md5 } = await storeBody(world, await source(body));
  const modified = world.clock.now();
  commitObject(
    world,
    bucket,
    { key, file, size, etag: md5, modified, content: {}, metadata: {}, tags: [] },
    'PutObject',
  );
  return { etag: md5 };
}

async function source(
  body: Uint8Array | string | Readable | { file: string },
): Promise<Uint8Array | Readable> {
  if (typeof body === 'string') return Buffer.from(body);
  if (!('file' in body)) return body;
  // Said here, because a stream would fail only when it is read.
  if (!(await stat(body.file)).isFile()) throw new Error(`${body.file} is not a file`);
  return createReadStream(body.file, { highWaterMark: 256 * 1024 });
}
