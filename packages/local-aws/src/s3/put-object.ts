import type { Readable } from 'node:stream';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Call, Operation, World } from '../kernel/world.ts';
import { checksumMembers, expectations } from './checksums.ts';
import { commitObject } from './commit.ts';
import { storeBody } from './object-files.ts';
import { requireBucket, type ContentHeaders, type Tag } from './records.ts';

export function putObjectOperations(world: World): Record<string, Operation> {
  return {
    async PutObject(input: PutObjectCommandInput, call: Call) {
      const bucket = requireBucket(world, input.Bucket).name;
      const key = checkedKey(input.Key);
      const tags = parseTagging(input.Tagging);
      const stored = await storeBody(
        world,
        input.Body as Readable | undefined,
        expectations(input, call.headers, call.trailers),
      );
      const { file, size, md5, checksum } = stored;
      const record = {
        key,
        file,
        size,
        etag: md5,
        modified: world.clock.now(),
        content: contentHeaders(input),
        metadata: input.Metadata ?? {},
        tags,
        ...(checksum && { checksum }),
      };
      commitObject(world, bucket, record, 'PutObject', input);
      return { ETag: `"${md5}"`, ...checksumMembers(checksum) };
    },
  };
}

export function checkedKey(key: string | undefined): string {
  if (Buffer.byteLength(key ?? '') > 1024)
    throw new AwsError('KeyTooLongError', 'Your key is too long', 400, { MaxSizeAllowed: 1024 });
  return key ?? '';
}

/** What is given back with the object as it was; `aws-chunked` is a framing of the request and not part of it. */
export function contentHeaders(input: object): ContentHeaders {
  const given = input as Record<string, unknown>;
  const encoding = ((given['ContentEncoding'] as string | undefined) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked')
    .join(',');
  const expires = given['Expires'];
  const headers: Record<string, unknown> = {
    CacheControl: given['CacheControl'],
    ContentDisposition: given['ContentDisposition'],
    ContentEncoding: encoding === '' ? undefined : encoding,
    ContentLanguage: given['ContentLanguage'],
    ContentType: given['ContentType'],
    Expires: expires instanceof Date ? expires.toUTCString() : expires,
    StorageClass: given['StorageClass'],
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

/** `x-amz-tagging: a=1&b=2` */
export function parseTagging(text: string | undefined): Tag[] {
  return [...new URLSearchParams(text ?? '')].map(([Key, Value]) => ({ Key, Value }));
}
