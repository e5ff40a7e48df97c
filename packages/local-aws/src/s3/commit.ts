import { AwsError } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { dropBody } from './object-files.ts';
import { changed } from './key-index.ts';
import { objectsOf, requireBucket, type ObjectRecord } from './records.ts';

export type WriteConditions = { IfMatch?: string | undefined; IfNoneMatch?: string | undefined };

/** How the object came to be, as S3 names it in its events. */
export type Reason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

/**
 * Makes a stored body the content of an object, at once or not at all. Nothing is awaited between the conditions and
 * the write, so two clients that both say "only if it is not there" cannot both succeed.
 */
export function commitObject(
  world: World,
  bucketName: string,
  record: ObjectRecord,
  reason: Reason,
  conditions: WriteConditions = {},
): void {
  try {
    const bucket = requireBucket(world, bucketName);
    const table = objectsOf(world, bucketName);
    const previous = table.get(record.key);
    checkConditions(conditions, previous);
    table.put(record.key, record);
    if (previous === undefined) changed(world, bucketName);
    else if (previous.file !== record.file) dropBody(world, previous.file);
    if (bucket.eventBridge) {
      tell(
        world,
        bucketName,
        'Object Created',
        { key: record.key, size: record.size, etag: record.etag },
        { reason },
      );
    }
  } catch (error) {
    dropBody(world, record.file);
    throw error;
  }
}

/** Removes an object; without one this does nothing, as in S3. */
export function removeObject(world: World, bucketName: string, key: string): void {
  const bucket = requireBucket(world, bucketName);
  const table = objectsOf(world, bucketName);
  const record = table.get(key);
  if (record === undefined) return;
  table.delete(key);
  changed(world, bucketName);
  dropBody(world, record.file);
  if (bucket.eventBridge)
    tell(
      world,
      bucketName,
      'Object Deleted',
      { key },
      { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
    );
}

function checkConditions({ IfMatch, IfNoneMatch }: WriteConditions, previous: ObjectRecord | undefined) {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
      { Header: 'If-None-Match' },
    );
  }
  if (IfMatch !== undefined && previous === undefined)
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  const broken =
    (IfNoneMatch === '*' && previous !== undefined && 'If-None-Match') ||
    (IfMatch !== undefined && IfMatch.replaceAll('"', '') !== previous?.etag && 'If-Match');
  if (!broken) return;
  throw new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: broken },
  );
}

function tell(
  world: World,
  bucket: string,
  type: string,
  object: Record<string, unknown>,
  detail: Record<string, unknown>,
) {
  world.emit({
    source: 'aws.s3',
    'detail-type': type,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object, ...detail },
  });
}
