import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type BucketLocationConstraint,
} from '@aws-sdk/client-s3';
import { given } from './answers.ts';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';
import { globToRegExp, isGlob, literalPrefix } from './glob.ts';
import { formatS3Uri, parseS3Uri } from './s3-uri.ts';
import { uploadObject, type UploadSource } from './upload.ts';
import { UserError } from './user-error.ts';

export type StoredObject = {
  uri: string;
  sizeBytes: number;
  /** Without quotes. Changes with the content, but is its MD5 only for what was put in one piece. */
  etag: string;
};

export function objects(aws: Aws) {
  const client = () => aws.client(S3Client);

  /** Everything below a prefix, in key order. @throws UserError when the bucket is not there */
  async function* list(prefixUri: string): AsyncGenerator<StoredObject> {
    const { bucket, key } = parseS3Uri(prefixUri);
    let token: string | undefined;
    do {
      const page = await client()
        .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, ContinuationToken: token }))
        .catch((error: unknown) => {
          if (isNotFound(error)) throw noBucket(bucket, error);
          throw error;
        });
      for (const item of page.Contents ?? []) {
        yield {
          uri: formatS3Uri({ bucket, key: given(item.Key, 'Key') }),
          sizeBytes: item.Size ?? 0,
          etag: unquoted(item.ETag),
        };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async function find(uri: string): Promise<StoredObject | undefined> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      const head = await client().send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { uri, sizeBytes: head.ContentLength ?? 0, etag: unquoted(head.ETag) };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function open(uri: string): Promise<Readable> {
    const { bucket, key } = parseS3Uri(uri);
    try {
      const answer = await client().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return given(answer.Body, 'Body') as Readable;
    } catch (error) {
      if (isNotFound(error)) throw new UserError(`${uri} does not exist.`, { cause: error });
      throw error;
    }
  }

  return {
    list,
    find,
    /** The object's bytes as they come. @throws UserError when it is not there */
    open,

    /**
     * Bytes [from, from + length) of an object as it was listed.
     * @throws UserError when it is not there, or has been replaced since
     */
    async readRange({ uri, etag }: StoredObject, from: number, length: number): Promise<Uint8Array> {
      const { bucket, key } = parseS3Uri(uri);
      const range = `bytes=${from}-${from + length - 1}`;
      try {
        const answer = await client().send(
          new GetObjectCommand({ Bucket: bucket, Key: key, Range: range, IfMatch: `"${etag}"` }),
        );
        return await given(answer.Body, 'Body').transformToByteArray();
      } catch (error) {
        if (isNotFound(error)) throw new UserError(`${uri} does not exist.`, { cause: error });
        if ((error as Error).name !== 'PreconditionFailed') throw error;
        throw new UserError(`${uri} was replaced while it was read: run again.`, { cause: error });
      }
    },

    /**
     * The objects a URI means: a pattern (`s3://b/p/0[1-3].parquet`), one object, or everything below a prefix.
     * Empty when nothing matches; folder markers are left out.
     */
    async expand(uri: string): Promise<StoredObject[]> {
      const { bucket, key } = parseS3Uri(uri);
      const found: StoredObject[] = [];
      if (isGlob(key)) {
        const pattern = globToRegExp(key);
        for await (const object of list(formatS3Uri({ bucket, key: literalPrefix(key) }))) {
          if (pattern.test(parseS3Uri(object.uri).key) && !object.uri.endsWith('/')) found.push(object);
        }
        return found;
      }
      const exact = key === '' || key.endsWith('/') ? undefined : await find(uri);
      if (exact) return [exact];
      const folder = key === '' || key.endsWith('/') ? key : `${key}/`;
      for await (const object of list(formatS3Uri({ bucket, key: folder }))) {
        if (!object.uri.endsWith('/')) found.push(object);
      }
      return found;
    },

    /** Makes the bucket, in our region, where it is not there yet. */
    async ensureBucket(bucket: string): Promise<void> {
      try {
        await client().send(new HeadBucketCommand({ Bucket: bucket }));
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      // us-east-1 is the one region that must not be named.
      const constraint =
        aws.region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: aws.region as BucketLocationConstraint } };
      try {
        await client().send(new CreateBucketCommand({ Bucket: bucket, ...constraint }));
      } catch (error) {
        if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
      }
    },

    /** A small object whole. @throws UserError when it is not there or larger than `maxBytes` */
    async read(uri: string, maxBytes = 64 << 20): Promise<Buffer> {
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of await open(uri)) {
        size += (part as Buffer).length;
        if (size > maxBytes) throw new UserError(`${uri} is larger than ${maxBytes} bytes.`);
        parts.push(part as Buffer);
      }
      return Buffer.concat(parts);
    },

    /** To a file, whole or not at all. */
    async download(uri: string, file: string): Promise<void> {
      const partial = `${file}.${process.pid}.part`;
      try {
        await pipeline(await open(uri), createWriteStream(partial));
        await rename(partial, file);
      } finally {
        await rm(partial, { force: true });
      }
    },

    /** In parallel parts where it is large. Replaces what is there. @throws UserError when the bucket is not there */
    async upload(uri: string, source: UploadSource, contentType?: string): Promise<void> {
      try {
        await uploadObject(client(), parseS3Uri(uri), source, contentType);
      } catch (error) {
        if (isNotFound(error)) throw noBucket(parseS3Uri(uri).bucket, error);
        throw error;
      }
    },
  };
}

function unquoted(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

function noBucket(bucket: string, cause: unknown): UserError {
  return new UserError(`The bucket "${bucket}" does not exist (aws s3 mb s3://${bucket} makes it).`, {
    cause,
  });
}
