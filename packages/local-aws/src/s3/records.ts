import { AwsError } from '../kernel/errors.ts';
import type { Instant, Table, World } from '../kernel/world.ts';
import type { StoredChecksum } from './checksums.ts';

export type Tag = { Key: string; Value: string };

export type BucketRecord = {
  name: string;
  region: string;
  created: Instant;
  tags: Tag[];
  /** Changes of objects are told to EventBridge. */
  eventBridge: boolean;
};

/** What a client said of an object's content and gets back as it was. */
export type ContentHeaders = Partial<
  Record<
    | 'CacheControl'
    | 'ContentDisposition'
    | 'ContentEncoding'
    | 'ContentLanguage'
    | 'ContentType'
    | 'Expires'
    | 'StorageClass',
    string
  >
>;

export type ObjectRecord = {
  key: string;
  /** The name of its file; see object-files.ts. */
  file: string;
  size: number;
  /** Without quotes: the MD5 in hex, or `<md5 of the parts' md5s>-<parts>`. */
  etag: string;
  modified: Instant;
  content: ContentHeaders;
  metadata: Record<string, string>;
  tags: Tag[];
  checksum?: StoredChecksum;
  /** Of an object made by a multipart upload: the sizes of its parts, in order. */
  partSizes?: number[];
};

export const buckets = (world: World): Table<BucketRecord> => world.store.table('s3-buckets');

export const objectsOf = (world: World, bucket: string): Table<ObjectRecord> =>
  world.store.table(`s3-objects-${bucket}`);

export function requireBucket(world: World, name: string | undefined): BucketRecord {
  const bucket = buckets(world).get(name ?? '');
  if (bucket) return bucket;
  throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name ?? '' });
}

export function requireObject(
  world: World,
  bucket: string | undefined,
  key: string | undefined,
): ObjectRecord {
  const record = objectsOf(world, requireBucket(world, bucket).name).get(key ?? '');
  if (record) return record;
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key ?? '' });
}
