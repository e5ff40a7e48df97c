import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { connect, type Aws } from './connect.ts';
import { objectRanges, objectStream } from './object-bytes.ts';
import { objects, type StoredObject } from './objects.ts';

let local: LocalAws;
let aws: Aws;
const bytes = randomBytes(3_000_000);

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
  await objects(aws).ensureBucket('flights');
});
afterAll(async () => await local.close());

async function stored(key: string, content: Uint8Array): Promise<StoredObject> {
  await objects(aws).upload(`s3://flights/${key}`, { bytes: content });
  return (await objects(aws).find(`s3://flights/${key}`)) as StoredObject;
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Stands before S3 and cuts each of the first answers after so many bytes of its body. */
async function startCutter(cuts: number[]) {
  const ranges: (string | undefined)[] = [];
  const { hostname, port, host } = new URL(local.endpoint);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    ranges.push(headers.range);
    const upstream = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      const cut = cuts.shift();
      let sent = 0;
      answer.on('data', (chunk: Buffer) => {
        const rest = cut === undefined ? chunk : chunk.subarray(0, cut - sent);
        sent += rest.length;
        outgoing.write(rest, () => {
          if (sent === cut) outgoing.destroy();
        });
      });
      answer.on('end', () => cut === undefined && outgoing.end());
    });
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    aws: connect(),
    ranges,
    [Symbol.asyncDispose]: () => {
      process.env['AWS_ENDPOINT_URL'] = local.endpoint;
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

test('an object is read to its end though the connection breaks on the way', async () => {
  const object = await stored('whole.bin', bytes);
  await using cutter = await startCutter([1_000_000, 500_000]);
  const stream = objectStream(cutter.aws, object);
  expect(stream.name).toBe('s3://flights/whole.bin');
  expect((await collected(stream)).equals(bytes)).toBe(true);
  // How much of what was sent before the cut is read is the network's to say.
  const rest = expect.stringMatching(/^bytes=\d+-2999999$/);
  expect(cutter.ranges).toEqual([undefined, rest, rest]);
});

test('a piece of an object is asked for alone', async () => {
  const ranges = objectRanges(aws, await stored('pieces.bin', bytes));
  expect(ranges).toMatchObject({ name: 's3://flights/pieces.bin', size: 3_000_000 });
  expect(Buffer.from(await ranges.read(10, 5)).equals(bytes.subarray(10, 15))).toBe(true);
  expect(Buffer.from(await ranges.read(2_999_999, 1)).equals(bytes.subarray(2_999_999))).toBe(true);
  expect((await collected(objectStream(aws, await stored('none.bin', Buffer.alloc(0))))).length).toBe(0);
});

test('an object that is no longer what was found is refused by name', async () => {
  const object = await stored('changes.bin', Buffer.from('one'));
  await stored('changes.bin', Buffer.from('two'));
  await expect(collected(objectStream(aws, object))).rejects.toThrow(
    's3://flights/changes.bin was replaced while it was read: run again.',
  );
  const gone = { ...object, uri: 's3://flights/gone.bin' };
  await expect(objectRanges(aws, gone).read(0, 1)).rejects.toThrow(
    's3://flights/gone.bin was deleted while it was read: run again.',
  );
});
