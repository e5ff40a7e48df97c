import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { listObjects, writeObject } from './objects.ts';
import { withBucket } from './testing/bucket.ts';

test('an object comes back with its bytes, its metadata and its type', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  const body = randomBytes(300_000);
  const md5 = createHash('md5').update(body).digest('hex');
  const Key = 'a/ü 1+2&3.bin';
  const put = await s3.send(
    new PutObjectCommand({
      Bucket: 'models',
      Key,
      Body: body,
      ContentType: 'text/csv',
      Metadata: { who: 'me' },
      CacheControl: 'no-cache',
    }),
  );
  expect(put).toMatchObject({ ETag: `"${md5}"`, ChecksumType: 'FULL_OBJECT' });
  const got = await s3.send(new GetObjectCommand({ Bucket: 'models', Key }));
  expect(got).toMatchObject({
    ETag: `"${md5}"`,
    ContentLength: 300_000,
    ContentType: 'text/csv',
    CacheControl: 'no-cache',
    Metadata: { who: 'me' },
    LastModified: new Date('2026-11-23T10:00:00Z'),
  });
  expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  expect(await s3.send(new HeadObjectCommand({ Bucket: 'models', Key }))).toMatchObject({
    ContentLength: 300_000,
  });
});

test('ranges give their piece, say where it lies, and are refused beyond the end', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  await s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'k', Body: '0123456789' }));
  const range = async (Range: string) => {
    const got = await s3.send(new GetObjectCommand({ Bucket: 'models', Key: 'k', Range }));
    return [got.$metadata.httpStatusCode, got.ContentRange, await got.Body?.transformToString()];
  };
  expect(await range('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await range('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
  expect(await range('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789']);
  await expect(range('bytes=10-')).rejects.toMatchObject({
    name: 'InvalidRange',
    $metadata: { httpStatusCode: 416 },
  });
});

test('what is missing is told by class: the key, the bucket, the upload', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  await expect(s3.send(new GetObjectCommand({ Bucket: 'models', Key: 'no' }))).rejects.toThrow(NoSuchKey);
  await expect(s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' }))).rejects.toThrow(NoSuchBucket);
  const abort = s3.send(new AbortMultipartUploadCommand({ Bucket: 'models', Key: 'k', UploadId: 'no' }));
  await expect(abort).rejects.toMatchObject({ name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } });
});

test('tags travel with the object and are changed on their own', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  const where = { Bucket: 'models', Key: 'k' };
  await s3.send(new PutObjectCommand({ ...where, Body: 'x', Tagging: 'stage=canary&team=a%20b' }));
  expect((await s3.send(new GetObjectTaggingCommand(where))).TagSet).toEqual([
    { Key: 'stage', Value: 'canary' },
    { Key: 'team', Value: 'a b' },
  ]);
  await s3.send(
    new PutObjectTaggingCommand({ ...where, Tagging: { TagSet: [{ Key: 'stage', Value: 'live' }] } }),
  );
  expect((await s3.send(new GetObjectTaggingCommand(where))).TagSet).toEqual([
    { Key: 'stage', Value: 'live' },
  ]);
});

test('other services write and read objects without the wire', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  await writeObject(
    aws.world,
    'models',
    'run/model.tar.gz',
    Readable.from([Buffer.from('ab'), Buffer.from('c')]),
  );
  expect(listObjects(aws.world, 'models', 'run/')).toEqual([
    { key: 'run/model.tar.gz', size: 3, etag: createHash('md5').update('abc').digest('hex') },
  ]);
  expect(
    await (
      await s3.send(new GetObjectCommand({ Bucket: 'models', Key: 'run/model.tar.gz' }))
    ).Body?.transformToString(),
  ).toBe('abc');
});
