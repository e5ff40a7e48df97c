import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  BucketAlreadyOwnedByYou,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '../index.ts';
import { listObjects, readObject, writeObject } from './objects.ts';

async function withBucket() {
  const aws = await startLocalAws({ clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const s3 = new S3Client({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: 'models' }));
  const close = async () => {
    s3.destroy();
    await aws.close();
  };
  return { aws, s3, [Symbol.asyncDispose]: close };
}

const bodies = (aws: LocalAws) => readdirSync(join(aws.world.directory, 's3')).length;
const codeOf = (error: Error & { Code?: string }) => error.name;

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

test('a streamed body is unframed, its trailing checksum verified, and never stored as aws-chunked', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  const body = randomBytes(1_000_000);
  const pieces = [body.subarray(0, 3), body.subarray(3, 700_000), body.subarray(700_000)];
  await s3.send(
    new PutObjectCommand({
      Bucket: 'models',
      Key: 'k',
      Body: Readable.from(pieces),
      ContentLength: body.length,
      ChecksumAlgorithm: 'CRC64NVME',
    }),
  );
  const got = await s3.send(new GetObjectCommand({ Bucket: 'models', Key: 'k', ChecksumMode: 'ENABLED' }));
  expect(got.ContentEncoding).toBeUndefined();
  expect(got.ChecksumCRC64NVME).toMatch(/^[\w+/]{11}=$/);
  expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
});

test.each([
  ['CRC32', 'y/Q5Jg=='],
  ['CRC32C', '4waSgw=='],
  ['CRC64NVME', 'rosUhgp5mIg='],
  ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
] as const)('the %s checksum of "123456789" is the published check value', async (algorithm, value) => {
  await using server = await withBucket();
  const put = await server.s3.send(
    new PutObjectCommand({ Bucket: 'models', Key: 'k', Body: '123456789', ChecksumAlgorithm: algorithm }),
  );
  expect(put[`Checksum${algorithm}`]).toBe(value);
});

test('a body that is not what its checksum says is refused and leaves no file', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  const wrong = s3.send(
    new PutObjectCommand({ Bucket: 'models', Key: 'k', Body: 'hello', ChecksumSHA256: 'AAAA' }),
  );
  await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'models', Key: 'k' }))).rejects.toThrow(NotFound);
  expect(bodies(aws)).toBe(0);
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

test('a long body that is refused at once does not break the connection', async () => {
  await using server = await withBucket();
  const put = server.s3.send(
    new PutObjectCommand({ Bucket: 'nowhere', Key: 'k', Body: Buffer.alloc(20_000_000) }),
  );
  await expect(put).rejects.toThrow(NoSuchBucket);
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

test('conditional writes let exactly one of two writers win', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  const put = (body: string) =>
    s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'lock', Body: body, IfNoneMatch: '*' }));
  const results = await Promise.allSettled([put('a'), put('b')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const change = s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'lock', Body: 'c', IfMatch: '"00"' }));
  await expect(change).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: 'models', Key: 'lock' }));
  await s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'lock', Body: 'c', IfMatch: ETag }));
  const unchanged = s3.send(
    new GetObjectCommand({
      Bucket: 'models',
      Key: 'lock',
      IfNoneMatch: '"4a8a08f09d37b73795649038408b5f33"',
    }),
  );
  await expect(unchanged).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
});

test('a multipart upload becomes one object whose entity tag counts its parts', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  const body = randomBytes(5 * 1024 * 1024 + 10);
  const [first, second] = [body.subarray(0, -10), body.subarray(-10)];
  const where = { Bucket: 'models', Key: 'big' };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...where, ContentType: 'x/y', ChecksumAlgorithm: 'CRC32' }),
  );
  const parts = [];
  for (const [index, Body] of [first, second].entries()) {
    const part = await s3.send(new UploadPartCommand({ ...where, UploadId, PartNumber: index + 1, Body }));
    parts.push({ PartNumber: index + 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
  }
  const listed = await s3.send(new ListPartsCommand({ ...where, UploadId }));
  expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, first.length],
    [2, 10],
  ]);
  const wrongOrder = s3.send(
    new CompleteMultipartUploadCommand({
      ...where,
      UploadId,
      MultipartUpload: { Parts: parts.toReversed() },
    }),
  );
  await expect(wrongOrder).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  const done = await s3.send(
    new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: parts } }),
  );
  expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
  expect(done.ChecksumCRC32).toMatch(/-2$/);
  const got = await s3.send(new GetObjectCommand(where));
  expect(got.ContentType).toBe('x/y');
  expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  expect(
    await (await s3.send(new GetObjectCommand({ ...where, PartNumber: 2 }))).Body?.transformToByteArray(),
  ).toEqual(new Uint8Array(second));
  expect(bodies(aws)).toBe(1);
});

test('a part that is too small, unknown or never sent fails the completion', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  const where = { Bucket: 'models', Key: 'big' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
  const one = await s3.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'tiny' }));
  const two = await s3.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 2, Body: 'last' }));
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
  const both = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await expect(complete(both)).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(complete([{ PartNumber: 3, ETag: '"x"' }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await s3.send(new AbortMultipartUploadCommand({ ...where, UploadId }));
  expect(bodies(aws)).toBe(0);
});

test('copies share nothing with their source, and a part can be a piece of another object', async () => {
  await using server = await withBucket();
  const { aws, s3 } = server;
  await s3.send(
    new PutObjectCommand({ Bucket: 'models', Key: 'a b', Body: '0123456789', Metadata: { v: '1' } }),
  );
  const copy = await s3.send(
    new CopyObjectCommand({ Bucket: 'models', Key: 'copy', CopySource: 'models/a%20b' }),
  );
  expect(copy.CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('0123456789').digest('hex')}"`);
  const self = s3.send(new CopyObjectCommand({ Bucket: 'models', Key: 'copy', CopySource: '/models/copy' }));
  await expect(self).rejects.toMatchObject({ name: 'InvalidRequest' });
  await s3.send(new DeleteObjectCommand({ Bucket: 'models', Key: 'a b' }));
  expect((await readObject(aws.world, 'models', 'copy')).toString()).toBe('0123456789');
  expect((await s3.send(new HeadObjectCommand({ Bucket: 'models', Key: 'copy' }))).Metadata).toEqual({
    v: '1',
  });
  const where = { Bucket: 'models', Key: 'pieces' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(where));
  const source = { CopySource: 'models/copy', CopySourceRange: 'bytes=2-5' };
  const part = await s3.send(new UploadPartCopyCommand({ ...where, UploadId, PartNumber: 1, ...source }));
  const Parts = [{ PartNumber: 1, ETag: part.CopyPartResult?.ETag }];
  await s3.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
  expect((await readObject(aws.world, 'models', 'pieces')).toString()).toBe('2345');
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

test('attributes tell size, entity tag and checksum without the body', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  await s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'k', Body: '123456789' }));
  const ObjectAttributes = ['ETag', 'ObjectSize', 'Checksum'] as const;
  const { $metadata: _, ...attributes } = await s3.send(
    new GetObjectAttributesCommand({ Bucket: 'models', Key: 'k', ObjectAttributes: [...ObjectAttributes] }),
  );
  expect(attributes).toEqual({
    ETag: '25f9e794323b453885f5181f1b624d0b',
    ObjectSize: 9,
    Checksum: { ChecksumCRC32: 'y/Q5Jg==', ChecksumType: 'FULL_OBJECT' },
    LastModified: new Date('2026-11-23T10:00:00Z'),
  });
});

test('what is not built is refused by name', async () => {
  await using server = await withBucket();
  const versioning = server.s3.send(
    new PutBucketVersioningCommand({ Bucket: 'models', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const error = await versioning.catch((error: Error) => error);
  expect([codeOf(error as Error), (error as Error).message]).toEqual([
    'NotImplemented',
    's3:PutBucketVersioning is not built in this local AWS; SPEC.md lists what is.',
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
