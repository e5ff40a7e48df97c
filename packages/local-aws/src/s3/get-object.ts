import type { GetObjectAttributesCommandInput, GetObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { httpStatus } from '../protocols/wire.ts';
import { checksumMembers } from './checksums.ts';
import { readBody } from './object-files.ts';
import { checkReadConditions } from './read-conditions.ts';
import { requireObject, type ObjectRecord } from './records.ts';

export function getObjectOperations(world: World): Record<string, Operation> {
  return {
    GetObject(input: GetObjectCommandInput) {
      const record = requireObject(world, input.Bucket, input.Key);
      checkReadConditions(input, record);
      const range = requestedRange(input, record);
      const description = describe(input, record, range);
      return {
        ...description,
        Body: record.size === 0 ? Buffer.alloc(0) : readBody(world, record.file, range),
      };
    },

    HeadObject(input: GetObjectCommandInput) {
      const record = requireObject(world, input.Bucket, input.Key);
      checkReadConditions(input, record);
      return describe(input, record, requestedRange(input, record));
    },

    GetObjectAttributes(input: GetObjectAttributesCommandInput) {
      const record = requireObject(world, input.Bucket, input.Key);
      const asked = new Set<string>(input.ObjectAttributes ?? []);
      const { ETag: _, ...attributes } = {
        ETag: undefined,
        LastModified: new Date(record.modified),
        ...(asked.has('ObjectSize') && { ObjectSize: record.size }),
        ...(asked.has('StorageClass') && { StorageClass: record.content.StorageClass ?? 'STANDARD' }),
        ...(asked.has('Checksum') && record.checksum && { Checksum: checksumMembers(record.checksum) }),
        ...(asked.has('ObjectParts') &&
          record.partSizes && { ObjectParts: { TotalPartsCount: record.partSizes.length } }),
      };
      return { ...attributes, ...(asked.has('ETag') && { ETag: record.etag }) };
    },
  };
}

type Range = { start: number; end: number };

function describe(input: GetObjectCommandInput, record: ObjectRecord, range: Range | undefined) {
  const { content, partSizes } = record;
  return {
    ...content,
    AcceptRanges: 'bytes',
    LastModified: new Date(record.modified),
    ContentLength: range ? range.end - range.start + 1 : record.size,
    ETag: `"${record.etag}"`,
    ContentType: input.ResponseContentType ?? content.ContentType ?? 'binary/octet-stream',
    ContentDisposition: input.ResponseContentDisposition ?? content.ContentDisposition,
    ContentEncoding: input.ResponseContentEncoding ?? content.ContentEncoding,
    ContentLanguage: input.ResponseContentLanguage ?? content.ContentLanguage,
    CacheControl: input.ResponseCacheControl ?? content.CacheControl,
    Expires: content.Expires === undefined ? undefined : new Date(content.Expires),
    Metadata: record.metadata,
    ...(record.tags.length > 0 && { TagCount: record.tags.length }),
    ...(input.PartNumber !== undefined && partSizes && { PartsCount: partSizes.length }),
    ...(range && { ContentRange: `bytes ${range.start}-${range.end}/${record.size}`, [httpStatus]: 206 }),
    // A checksum of the whole would not fit a piece of it.
    ...(input.ChecksumMode === 'ENABLED' && !range && checksumMembers(record.checksum)),
  };
}

/** RFC 9110's `bytes=a-b`, `bytes=a-`, `bytes=-n`; several ranges at once are answered whole, as S3 does. */
function requestedRange(
  { Range: header, PartNumber }: GetObjectCommandInput,
  { size, partSizes }: ObjectRecord,
): Range | undefined {
  if (PartNumber !== undefined) return partRange(PartNumber, size, partSizes ?? [size]);
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start >= size) {
    const details = { RangeRequested: header, ActualObjectSize: size };
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, details);
  }
  return { start, end };
}

function partRange(part: number, size: number, sizes: readonly number[]): Range | undefined {
  if (part < 1 || part > sizes.length)
    throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416);
  if (size === 0) return undefined;
  const start = sizes.slice(0, part - 1).reduce((sum, partSize) => sum + partSize, 0);
  return { start, end: start + (sizes[part - 1] as number) - 1 };
}
