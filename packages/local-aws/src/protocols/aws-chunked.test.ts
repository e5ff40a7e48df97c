import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { AwsChunkedDecoder } from './aws-chunked.ts';

const framed =
  '5;chunk-signature=abc\r\nhello\r\n7\r\n wo\r\nrl\r\n1\r\nd\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n';

async function decode(pieces: string[]) {
  const trailers: Record<string, string> = {};
  const body = await text(
    Readable.from(pieces.map((piece) => Buffer.from(piece))).compose(
      new AwsChunkedDecoder(trailers),
    ) as Readable,
  );
  return { body, trailers };
}

test('a framed body is the same wherever the network cuts it', async () => {
  const expected = { body: 'hello wo\r\nrld', trailers: { 'x-amz-checksum-crc32': 'NhCmhg==' } };
  for (let cut = 0; cut <= framed.length; cut++)
    expect(await decode([framed.slice(0, cut), framed.slice(cut)])).toEqual(expected);
  expect(await decode(framed.split(''))).toEqual(expected);
});

test.each(['5\r\nhel', 'zz\r\nhello', '5\r\nhelloXX0\r\n\r\n'])('%j is incomplete', async (broken) => {
  await expect(decode([broken])).rejects.toThrow('The request body terminated unexpectedly');
});
