import { constants, crc32, deflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

const deflate = promisify(deflateRaw) as (bytes: Buffer, options: object) => Promise<Buffer>;

// Blocks are cut by position, never by how the bytes arrived: the same content gives the same archive.
const blockBytes = 512 * 1024;
// libuv has four threads for this by default.
const blocksAtOnce = 4;
const magic = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block of deflate, which ends the stream that the flushed blocks left open. */
const lastBlock = Buffer.from([0x03, 0x00]);

/**
 * Gzip (RFC 1952) on several cores: blocks are deflated side by side, each flushed to a byte boundary, and put together
 * into one member, as pigz does.
 */
export async function* gzip(source: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  const waiting: Promise<Buffer>[] = [];
  let crc = 0;
  let length = 0;
  yield magic;
  for await (const block of blocks(source)) {
    crc = crc32(block, crc);
    length += block.length;
    const work = deflate(block, { level: 1, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: blockBytes });
    // Awaited in order below; a failure before its turn must not count as unhandled.
    work.catch(() => undefined);
    waiting.push(work);
    if (waiting.length >= blocksAtOnce) yield (await waiting.shift()) as Buffer;
  }
  for (const work of waiting) yield await work;
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE(length % 2 ** 32, 4);
  yield Buffer.concat([lastBlock, end]);
}

async function* blocks(source: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockBytes - held);
      parts.push(part);
      held += part.length;
      at += part.length;
      if (held === blockBytes) {
        yield parts.length === 1 ? part : Buffer.concat(parts, held);
        parts = [];
        held = 0;
      }
    }
  }
  if (held > 0) yield Buffer.concat(parts, held);
}
