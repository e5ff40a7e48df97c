import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { checksumMembers } from './checksums.ts';
import { commitObject } from './commit.ts';
import { copyBody } from './object-files.ts';
import { checkedKey, contentHeaders, parseTagging } from './put-object.ts';
import { checkReadConditions } from './read-conditions.ts';
import { requireBucket, requireObject, type ObjectRecord } from './records.ts';

export function copyObjectOperations(world: World): Record<string, Operation> {
  return {
    CopyObject(input: CopyObjectCommandInput) {
      const bucket = requireBucket(world, input.Bucket).name;
      const key = checkedKey(input.Key);
      const source = copySource(world, input);
      const replaces = input.MetadataDirective === 'REPLACE';
      if (
        source.bucket === bucket &&
        source.record.key === key &&
        !replaces &&
        input.StorageClass === undefined
      ) {
        const text =
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        throw new AwsError('InvalidRequest', text);
      }
      const { record } = source;
      const copy: ObjectRecord = {
        ...record,
        key,
        file: copyBody(world, record.file),
        modified: world.clock.now(),
        content: replaces ? contentHeaders(input) : record.content,
        metadata: replaces ? (input.Metadata ?? {}) : record.metadata,
        tags: input.TaggingDirective === 'REPLACE' ? parseTagging(input.Tagging) : record.tags,
      };
      commitObject(world, bucket, copy, 'CopyObject', input);
      return {
        CopyObjectResult: {
          ETag: `"${copy.etag}"`,
          LastModified: new Date(copy.modified),
          ...checksumMembers(copy.checksum),
        },
      };
    },
  };
}

export type CopySourceInput = {
  CopySource?: string | undefined;
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
};

/** `x-amz-copy-source: [/]bucket/key[?versionId=…]`, percent-encoded. */
export function copySource(world: World, input: CopySourceInput): { bucket: string; record: ObjectRecord } {
  const [path = ''] = (input.CopySource ?? '').replace(/^\//, '').split('?versionId=');
  const decoded = decodeURIComponent(path);
  const slash = decoded.indexOf('/');
  if (slash < 1)
    throw new AwsError('InvalidArgument', 'Invalid copy source object key', 400, {
      ArgumentName: 'x-amz-copy-source',
    });
  const bucket = decoded.slice(0, slash);
  const record = requireObject(world, bucket, decoded.slice(slash + 1));
  const conditions = {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  try {
    checkReadConditions(conditions, record);
  } catch (error) {
    // A copy cannot be "not modified": every broken condition is a failed one.
    if (!(error instanceof AwsError) || error.status !== 304) throw error;
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      412,
    );
  }
  return { bucket, record };
}
