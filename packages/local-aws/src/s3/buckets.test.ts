import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  NotFound,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';
import { listObjects } from './objects.ts';
import { withBucket } from './testing/bucket.ts';

test('a bucket is made, found, listed and deleted', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  expect(await s3.send(new HeadBucketCommand({ Bucket: 'models' }))).toMatchObject({
    BucketRegion: 'us-east-1',
  });
  expect((await s3.send(new ListBucketsCommand())).Buckets).toEqual([
    { Name: 'models', BucketRegion: 'us-east-1', CreationDate: new Date('2026-11-23T10:00:00Z') },
  ]);
  expect(
    (await s3.send(new GetBucketLocationCommand({ Bucket: 'models' }))).LocationConstraint,
  ).toBeUndefined();
  await s3.send(new DeleteBucketCommand({ Bucket: 'models' }));
  await expect(s3.send(new HeadBucketCommand({ Bucket: 'models' }))).rejects.toThrow(NotFound);
});

test('a bucket tells the region it was made in', async () => {
  await using aws = await startLocalAws({ region: 'eu-west-1' });
  const s3 = new S3Client({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  await s3.send(
    new CreateBucketCommand({
      Bucket: 'models',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'models' }))).LocationConstraint).toBe(
    'eu-west-1',
  );
  await expect(s3.send(new CreateBucketCommand({ Bucket: 'models' }))).rejects.toThrow(
    BucketAlreadyOwnedByYou,
  );
  s3.destroy();
});

test('listing pages through keys in order and rolls prefixes up', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  for (const Key of ['a', 'b/1', 'b/2', 'b/c/3', 'd', 'é', 'z'])
    await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body: Key }));
  const pages = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: 'models',
        Delimiter: '/',
        MaxKeys: 2,
        ...(ContinuationToken && { ContinuationToken }),
      }),
    );
    pages.push([
      page.KeyCount,
      ...(page.Contents ?? []).map(({ Key }) => Key),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    ]);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(pages).toEqual([
    [2, 'a', 'b/'],
    [2, 'd', 'z'],
    [1, 'é'],
  ]);
  const inner = await s3.send(new ListObjectsV2Command({ Bucket: 'models', Prefix: 'b/', Delimiter: '/' }));
  expect(inner.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
    ['b/1', 3],
    ['b/2', 3],
  ]);
  expect(inner.CommonPrefixes).toEqual([{ Prefix: 'b/c/' }]);
  const old = await s3.send(
    new ListObjectsCommand({ Bucket: 'models', Marker: 'b/2', MaxKeys: 1, Delimiter: '|' }),
  );
  expect([old.Contents?.[0]?.Key, old.NextMarker, old.IsTruncated]).toEqual(['b/c/3', 'b/c/3', true]);
});

test('objects are deleted one by one and many at once; deleting what is not there succeeds', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  for (const Key of ['a', 'b', 'c'])
    await s3.send(new PutObjectCommand({ Bucket: 'models', Key, Body: Key }));
  await expect(s3.send(new DeleteBucketCommand({ Bucket: 'models' }))).rejects.toMatchObject({
    name: 'BucketNotEmpty',
  });
  expect(
    (await s3.send(new DeleteObjectCommand({ Bucket: 'models', Key: 'a' }))).$metadata.httpStatusCode,
  ).toBe(204);
  const many = await s3.send(
    new DeleteObjectsCommand({
      Bucket: 'models',
      Delete: { Objects: [{ Key: 'b' }, { Key: 'c' }, { Key: 'never' }] },
    }),
  );
  expect(many.Deleted).toEqual([{ Key: 'b' }, { Key: 'c' }, { Key: 'never' }]);
  expect(listObjects(aws.world, 'models', '')).toEqual([]);
  await s3.send(new DeleteBucketCommand({ Bucket: 'models' }));
});

test('what is not built is refused by name', async () => {
  await using server = await withBucket();
  const versioning = server.s3.send(
    new PutBucketVersioningCommand({ Bucket: 'models', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const error = await versioning.catch((error: Error) => error);
  expect([(error as Error).name, (error as Error).message]).toEqual([
    'NotImplemented',
    's3:PutBucketVersioning is not built in this local AWS; SPEC.md lists what is.',
  ]);
});
