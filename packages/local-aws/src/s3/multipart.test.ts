import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { readObject } from './objects.ts';
import { bodies, withBucket } from './testing/bucket.ts';

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
