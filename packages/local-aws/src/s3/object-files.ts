import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AwsError } from '../kernel/errors.ts';
import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { running, type BodyExpectations, type StoredChecksum } from './checksums.ts';
import { buckets, objectsOf } from './records.ts';
import { uploads } from './upload-records.ts';

/** A body that lies in a file of its own, not yet the content of any object. */
export type StoredBody = { file: string; size: number; md5: string; checksum?: StoredChecksum };

export const nothingExpected: BodyExpectations = {
  checksums: () => [],
  algorithm: undefined,
  contentMd5: undefined,
  contentSha256: undefined,
};

/**
 * Bodies lie in `<directory>/s3/`, each under a name that is never used twice. What makes a file an object is its line
 * in the journal; a file without one was left by a crash and is deleted at the first use.
 */
function folder(world: World): string {
  return perWorld(world, 's3-files', () => {
    const path = join(world.directory, 's3');
    mkdirSync(path, { recursive: true });
    const used = new Set<string>();
    for (const { name } of buckets(world).values())
      for (const { file } of objectsOf(world, name).values()) used.add(file);
    for (const { parts } of uploads(world).values())
      for (const { file } of Object.values(parts)) used.add(file);
    for (const file of readdirSync(path)) if (!used.has(file)) unlinkSync(join(path, file));
    return path;
  });
}

export const bodyPath = (world: World, file: string) => join(folder(world), file);

/** Writes a body to disk as it arrives and verifies what the client said of it. Throws S3's errors, leaving no file. */
export async function storeBody(
  world: World,
  body: Readable | Uint8Array | undefined,
  expected = nothingExpected,
): Promise<StoredBody> {
  const file = randomUUID();
  const path = bodyPath(world, file);
  const md5 = createHash('md5');
  const sha256 = expected.contentSha256 === undefined ? undefined : createHash('sha256');
  const checksum = expected.algorithm && running(expected.algorithm);
  let size = 0;
  try {
    const handle = await open(path, 'wx');
    try {
      for await (const chunk of pieces(body)) {
        size += chunk.length;
        md5.update(chunk);
        sha256?.update(chunk);
        checksum?.update(chunk);
        await handle.write(chunk);
      }
    } finally {
      await handle.close();
    }
    const digest = md5.digest();
    verifyMd5(expected.contentMd5, digest);
    if (sha256 !== undefined && sha256.digest('hex') !== expected.contentSha256) {
      throw new AwsError(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    const value = checksum?.digest().toString('base64');
    for (const given of expected.checksums()) {
      if (given.algorithm === expected.algorithm && given.value === value) continue;
      throw new AwsError(
        'BadDigest',
        `The ${given.algorithm} you specified did not match the calculated checksum.`,
      );
    }
    return {
      file,
      size,
      md5: digest.toString('hex'),
      ...(expected.algorithm &&
        value !== undefined && {
          checksum: { algorithm: expected.algorithm, value, type: 'FULL_OBJECT' as const },
        }),
    };
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  }
}

async function* pieces(body: Readable | Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  if (body instanceof Uint8Array) yield body;
  else for await (const chunk of body) yield chunk as Uint8Array;
}

function verifyMd5(given: string | undefined, digest: Buffer) {
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16)
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  if (given !== digest.toString('base64'))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
}

/** A second name for the same bytes, which never change: each name is dropped by itself. */
export function copyBody(world: World, file: string): string {
  const copy = randomUUID();
  linkSync(bodyPath(world, file), bodyPath(world, copy));
  return copy;
}

/**
 * `start` and `end` are both inclusive. The file is opened before this returns, so that an object that is replaced in
 * the next moment is still read as it was.
 */
export function readBody(world: World, file: string, range?: { start: number; end: number }): Readable {
  const fd = openSync(bodyPath(world, file), 'r');
  return createReadStream('', { fd, ...range, highWaterMark: 256 * 1024 });
}

/** A reader that has the file open keeps it until it is done. */
export function dropBody(world: World, file: string): void {
  rmSync(bodyPath(world, file), { force: true });
}
