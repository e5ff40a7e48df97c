import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchBucket,
  NotFound,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { bodies, withBucket } from './testing/bucket.ts';

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

test('a long body that is refused at once does not break the connection', async () => {
  await using server = await withBucket();
  const put = server.s3.send(
    new PutObjectCommand({ Bucket: 'nowhere', Key: 'k', Body: Buffer.alloc(20_000_000) }),
  );
  await expect(put).rejects.toThrow(NoSuchBucket);
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

test('readers get one version or the other, never a mixture and never nothing, while it is replaced', async () => {
  await using server = await withBucket();
  const { s3 } = server;
  const put = (letter: string) =>
    s3.send(new PutObjectCommand({ Bucket: 'models', Key: 'k', Body: letter.repeat(500_000) }));
  await put('a');
  const read = async () =>
    (await (await s3.send(new GetObjectCommand({ Bucket: 'models', Key: 'k' }))).Body?.transformToString()) ??
    '';
  const rounds = Array.from({ length: 30 }, (_, round) => round);
  const [texts] = await Promise.all([
    Promise.all(rounds.map(read)),
    ...rounds.map((round) => put('abcdef'.charAt(round % 6))),
  ]);
  expect(texts.filter((text) => text !== text.charAt(0).repeat(500_000))).toEqual([]);
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
