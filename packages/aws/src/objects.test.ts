import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { connect, type Aws } from './connect.ts';
import { globToRegExp } from './glob.ts';
import { objects } from './objects.ts';

let local: LocalAws;
let aws: Aws;
beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
  await objects(aws).ensureBucket('flights');
  for (const key of [
    '2001/01.parquet',
    '2001/02.parquet',
    '2001/03.csv',
    '2001/03.parquet',
    '2001/old/01.parquet',
  ]) {
    await objects(aws).upload(`s3://flights/${key}`, { bytes: Buffer.from(key) });
  }
});
afterAll(async () => await local.close());

const keys = async (uri: string) =>
  (await objects(aws).expand(uri)).map((each) => each.uri.slice('s3://flights/'.length));

test.each([
  ['s3://flights/2001/0[1-3].parquet', ['2001/01.parquet', '2001/02.parquet', '2001/03.parquet']],
  ['s3://flights/2001/*.parquet', ['2001/01.parquet', '2001/02.parquet', '2001/03.parquet']],
  [
    's3://flights/2001/**.parquet',
    ['2001/01.parquet', '2001/02.parquet', '2001/03.parquet', '2001/old/01.parquet'],
  ],
  ['s3://flights/200?/0[!12].csv', ['2001/03.csv']],
  ['s3://flights/2001/03.csv', ['2001/03.csv']],
  ['s3://flights/2001/old', ['2001/old/01.parquet']],
  ['s3://flights/2001/old/', ['2001/old/01.parquet']],
  ['s3://flights/2001/0', []],
  ['s3://flights/2002/*', []],
])('%s means %j', async (uri, expected) => {
  expect(await keys(uri)).toEqual(expected);
});

test('what is not a pattern in a key is literal', () => {
  expect(globToRegExp('a+b(c).{d}$[').test('a+b(c).{d}$[')).toBe(true);
  expect(globToRegExp('a.b').test('axb')).toBe(false);
  expect(globToRegExp('[]x]').test(']')).toBe(true);
});

test('a large file goes up in parts and comes back whole', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-objects-'));
  const bytes = randomBytes(20_000_001);
  await writeFile(path.join(folder, 'up'), bytes);
  await objects(aws).upload('s3://flights/large.bin', { file: path.join(folder, 'up') });
  expect(await objects(aws).find('s3://flights/large.bin')).toMatchObject({
    sizeBytes: bytes.length,
    etag: expect.stringMatching(/-3$/),
  });
  await objects(aws).download('s3://flights/large.bin', path.join(folder, 'down'));
  const digest = (content: Buffer) => createHash('sha256').update(content).digest('hex');
  expect(digest(await readFile(path.join(folder, 'down')))).toBe(digest(bytes));
  await rm(folder, { recursive: true });
});

test('a range of an object is just these bytes, and an object that was replaced meanwhile is not mixed up', async () => {
  const uri = 's3://flights/ranged';
  await objects(aws).upload(uri, { bytes: Buffer.from('0123456789') });
  const listed = (await objects(aws).find(uri))!;
  expect(Buffer.from(await objects(aws).readRange(listed, 3, 4)).toString()).toBe('3456');
  await objects(aws).upload(uri, { bytes: Buffer.from('abcdefghij') });
  await expect(objects(aws).readRange(listed, 3, 4)).rejects.toThrow(
    's3://flights/ranged was replaced while it was read: run again.',
  );
  await expect(objects(aws).readRange({ ...listed, uri: 's3://flights/none' }, 0, 1)).rejects.toThrow(
    's3://flights/none does not exist.',
  );
});

test('what is missing is undefined to one who looks, and named to one who needs it', async () => {
  expect(await objects(aws).find('s3://flights/none')).toBeUndefined();
  await expect(objects(aws).read('s3://flights/none')).rejects.toThrow('s3://flights/none does not exist.');
  await expect(objects(aws).read('s3://flights/2001/03.csv', 4)).rejects.toThrow(
    's3://flights/2001/03.csv is larger than 4 bytes.',
  );
  await expect(objects(aws).expand('s3://no-such-bucket/x/*')).rejects.toThrow(
    'The bucket "no-such-bucket" does not exist (aws s3 mb s3://no-such-bucket makes it).',
  );
  await expect(objects(aws).upload('s3://no-such-bucket/x', { bytes: Buffer.of(1) })).rejects.toThrow(
    '"no-such-bucket" does not exist',
  );
  await expect(objects(aws).expand('flights/2001')).rejects.toThrow(
    '"flights/2001" is not an S3 URI (s3://bucket/key).',
  );
});
