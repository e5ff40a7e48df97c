import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isNotFound, isPassing } from './errors.ts';
import type { StoredObject } from './objects.ts';
import { parseS3Uri } from './s3-uri.ts';
import { UserError } from './user-error.ts';

/**
 * An object's bytes as they come, of exactly the version that was found. A connection that breaks in the middle is taken up where it broke.
 * @throws UserError where the object was replaced or deleted meanwhile
 */
export function objectStream(aws: Aws, object: StoredObject): AsyncIterable<Uint8Array> & { name: string } {
  return Object.assign(bytesBetween(aws, object, 0, object.sizeBytes), { name: object.uri });
}

/** Pieces of an object, of exactly the version that was found. @throws UserError as `objectStream` does */
export function objectRanges(aws: Aws, object: StoredObject) {
  return {
    name: object.uri,
    size: object.sizeBytes,
    async read(from: number, length: number): Promise<Uint8Array> {
      const parts: Uint8Array[] = [];
      for await (const part of bytesBetween(aws, object, from, from + length)) parts.push(part);
      return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    },
  };
}

/** Without a single byte in between. */
const MOST_BREAKS = 5;
const PAUSE_MS = 200;

async function* bytesBetween(
  aws: Aws,
  object: StoredObject,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let at = from, breaks = 0; at < to;) {
    const body = await open(aws, object, at, to);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        at += chunk.length;
        breaks = 0;
        yield chunk;
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      breaks += 1;
      if (breaks > MOST_BREAKS) throw error;
      await aws.clock.sleep(PAUSE_MS * 2 ** breaks);
    }
  }
}

async function open(
  aws: Aws,
  { uri, etag, sizeBytes }: StoredObject,
  from: number,
  to: number,
): Promise<Readable> {
  const { bucket, key } = parseS3Uri(uri);
  // Of a whole object the SDK checks the checksum; of a piece there is none.
  const range = from === 0 && to === sizeBytes ? {} : { Range: `bytes=${from}-${to - 1}` };
  try {
    const answer = await aws
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"`, ...range }));
    return given(answer.Body, 'Body') as Readable;
  } catch (error) {
    const isReplaced = (error as Error).name === 'PreconditionFailed';
    if (!isReplaced && !isNotFound(error)) throw error;
    throw new UserError(`${uri} was ${isReplaced ? 'replaced' : 'deleted'} while it was read: run again.`, {
      cause: error,
    });
  }
}
