import type {
  CreateBucketCommandInput,
  CreateBucketCommandOutput,
  DeleteBucketCommandInput,
  GetBucketLocationCommandInput,
  GetBucketNotificationConfigurationCommandInput,
  GetBucketTaggingCommandInput,
  HeadBucketCommandInput,
  ListBucketsCommandInput,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketTaggingCommandInput,
} from '@aws-sdk/client-s3';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { wholeBody } from '../protocols/wire.ts';
import { buckets, objectsOf, requireBucket, type Tag } from './records.ts';
import { uploads } from './upload-records.ts';

/** Lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit; not an IP address. */
const bucketName = /^(?!(\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function bucketOperations(world: World): Record<string, Operation> {
  return {
    CreateBucket(input: CreateBucketCommandInput): Omit<CreateBucketCommandOutput, '$metadata'> {
      const name = input.Bucket ?? '';
      if (!bucketName.test(name))
        throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, {
          BucketName: name,
        });
      const region = input.CreateBucketConfiguration?.LocationConstraint ?? world.region;
      // In us-east-1, and only there, S3 answers the owner's second attempt as it did the first.
      if (!buckets(world).get(name)) {
        buckets(world).put(name, { name, region, created: world.clock.now(), tags: [], eventBridge: false });
      } else if (world.region !== 'us-east-1') {
        const text = 'Your previous request to create the named bucket succeeded and you already own it.';
        throw new AwsError('BucketAlreadyOwnedByYou', text, 409, { BucketName: name });
      }
      return { Location: `/${name}`, BucketArn: `arn:aws:s3:::${name}` };
    },

    DeleteBucket({ Bucket }: DeleteBucketCommandInput) {
      const { name } = requireBucket(world, Bucket);
      const inUse =
        objectsOf(world, name).keys().length > 0 ||
        uploads(world)
          .values()
          .some(({ bucket }) => bucket === name);
      if (inUse)
        throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
          BucketName: name,
        });
      buckets(world).delete(name);
    },

    HeadBucket({ Bucket }: HeadBucketCommandInput) {
      const { name, region } = requireBucket(world, Bucket);
      return { BucketRegion: region, BucketArn: `arn:aws:s3:::${name}`, AccessPointAlias: false };
    },

    ListBuckets({ Prefix = '', MaxBuckets = 10_000, ContinuationToken }: ListBucketsCommandInput) {
      const all = buckets(world)
        .values()
        .filter(({ name }) => name.startsWith(Prefix))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const rest = ContinuationToken === undefined ? all : all.filter(({ name }) => name > ContinuationToken);
      const page = rest.slice(0, MaxBuckets);
      return {
        Buckets: page.map(({ name, created, region }) => ({
          Name: name,
          CreationDate: new Date(created),
          BucketRegion: region,
        })),
        Owner: { ID: world.account, DisplayName: world.account },
        ...(Prefix !== '' && { Prefix }),
        ...(page.length < rest.length && { ContinuationToken: page.at(-1)?.name }),
      };
    },

    GetBucketLocation({ Bucket }: GetBucketLocationCommandInput) {
      const { region } = requireBucket(world, Bucket);
      // S3 puts the region where the model has a structure; clients are used to it.
      const text = region === 'us-east-1' ? '' : region;
      return {
        [wholeBody]: `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${text}</LocationConstraint>`,
      };
    },

    /** No bucket here keeps versions: an empty answer says so, as S3's does. */
    GetBucketVersioning({ Bucket }: { Bucket?: string }) {
      requireBucket(world, Bucket);
      return {};
    },

    GetBucketTagging({ Bucket }: GetBucketTaggingCommandInput) {
      const { tags } = requireBucket(world, Bucket);
      if (tags.length === 0)
        throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: Bucket });
      return { TagSet: tags };
    },

    PutBucketTagging({ Bucket, Tagging }: PutBucketTaggingCommandInput) {
      const bucket = requireBucket(world, Bucket);
      buckets(world).put(bucket.name, { ...bucket, tags: (Tagging?.TagSet ?? []) as Tag[] });
    },

    DeleteBucketTagging({ Bucket }: GetBucketTaggingCommandInput) {
      const bucket = requireBucket(world, Bucket);
      buckets(world).put(bucket.name, { ...bucket, tags: [] });
    },

    PutBucketNotificationConfiguration({
      Bucket,
      NotificationConfiguration,
    }: PutBucketNotificationConfigurationCommandInput) {
      const bucket = requireBucket(world, Bucket);
      const { EventBridgeConfiguration, ...others } = NotificationConfiguration ?? {};
      const other = Object.entries(others).find(([, value]) => Array.isArray(value) && value.length > 0)?.[0];
      if (other !== undefined) throw notBuilt(`s3:PutBucketNotificationConfiguration with ${other}`);
      buckets(world).put(bucket.name, { ...bucket, eventBridge: EventBridgeConfiguration !== undefined });
    },

    GetBucketNotificationConfiguration({ Bucket }: GetBucketNotificationConfigurationCommandInput) {
      return requireBucket(world, Bucket).eventBridge ? { EventBridgeConfiguration: {} } : {};
    },
  };
}
