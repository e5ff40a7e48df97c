import type { ListObjectsCommandInput, ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { firstAtOrAfter, sortedKeys } from './key-index.ts';
import { objectsOf, requireBucket, type ObjectRecord } from './records.ts';

export function listObjectOperations(world: World): Record<string, Operation> {
  return {
    ListObjects(input: ListObjectsCommandInput) {
      const page = listPage(world, input, input.Marker ?? '');
      const encode = encoder(input.EncodingType);
      return {
        ...describe(input, page, encode),
        Marker: encode(input.Marker ?? ''),
        ...(page.next !== undefined && input.Delimiter && { NextMarker: encode(page.next) }),
      };
    },

    ListObjectsV2(input: ListObjectsV2CommandInput) {
      const after =
        input.ContinuationToken === undefined
          ? (input.StartAfter ?? '')
          : decodeToken(input.ContinuationToken);
      const page = listPage(world, input, after);
      const encode = encoder(input.EncodingType);
      return {
        ...describe(input, page, encode),
        KeyCount: page.records.length + page.commonPrefixes.length,
        ContinuationToken: input.ContinuationToken,
        StartAfter: input.StartAfter === undefined ? undefined : encode(input.StartAfter),
        ...(page.next !== undefined && {
          NextContinuationToken: Buffer.from(page.next).toString('base64url'),
        }),
      };
    },
  };
}

type ListInput = {
  Bucket?: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
  EncodingType?: string | undefined;
};

/** `next`: the last key or common prefix of a page that is not the last one; the next page begins after it. */
type Page = { records: ObjectRecord[]; commonPrefixes: string[]; next: string | undefined; maxKeys: number };

function listPage(
  world: World,
  { Bucket, Prefix = '', Delimiter = '', MaxKeys = 1000 }: ListInput,
  after: string,
): Page {
  const { name } = requireBucket(world, Bucket);
  if (MaxKeys < 0)
    throw new AwsError('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  const maxKeys = Math.min(MaxKeys, 1000);
  const keys = sortedKeys(world, name);
  const page: Page = { records: [], commonPrefixes: [], next: undefined, maxKeys };
  if (maxKeys === 0) return page;
  let index = firstAtOrAfter(keys, after > Prefix ? after : Prefix);
  let last = '';
  for (; index < keys.length; index++) {
    const key = keys[index] as string;
    if (!key.startsWith(Prefix)) break;
    if (key <= after && after !== '') continue;
    const end = Delimiter === '' ? -1 : key.indexOf(Delimiter, Prefix.length);
    const common = end === -1 ? undefined : key.slice(0, end + Delimiter.length);
    // Of keys rolled up into one prefix the first stands for all, also across pages.
    if (
      common !== undefined &&
      (common === page.commonPrefixes.at(-1) || (after !== '' && after.startsWith(common)))
    )
      continue;
    if (page.records.length + page.commonPrefixes.length === maxKeys) {
      page.next = last;
      break;
    }
    if (common !== undefined) page.commonPrefixes.push(common);
    else page.records.push(objectsOf(world, name).get(key) as ObjectRecord);
    last = common ?? key;
  }
  return page;
}

function describe(input: ListInput, page: Page, encode: (text: string) => string) {
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
    MaxKeys: page.maxKeys,
    EncodingType: input.EncodingType,
    IsTruncated: page.next !== undefined,
    Contents: page.records.map((record) => ({
      Key: encode(record.key),
      LastModified: new Date(record.modified),
      ETag: `"${record.etag}"`,
      Size: record.size,
      StorageClass: record.content.StorageClass ?? 'STANDARD',
      ...(record.checksum && {
        ChecksumAlgorithm: [record.checksum.algorithm],
        ChecksumType: record.checksum.type,
      }),
    })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

const encoder = (type: string | undefined) => (text: string) =>
  type === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+') : text;

function decodeToken(token: string) {
  const after = Buffer.from(token, 'base64url').toString();
  if (Buffer.from(after).toString('base64url') === token) return after;
  throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect', 400, {
    ArgumentName: 'continuation-token',
  });
}
