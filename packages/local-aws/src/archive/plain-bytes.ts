import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { BadArchive } from './tar-entries.ts';

/**
 * The bytes of an archive, gunzipped where it begins as gzip does.
 * @throws BadArchive where the stream fails, or is no whole gzip
 */
export async function* plainBytes(archive: Readable): AsyncGenerator<Buffer> {
  try {
    const raw = archive[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await raw.next();
    if (first.done === true) return;
    const bytes = startingWith(first.value, raw);
    if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
      yield* bytes;
      return;
    }
    const gunzip = createGunzip();
    // An error of the archive reaches the reader through gunzip, which the pipeline destroys with it.
    pipeline(Readable.from(bytes), gunzip).catch(() => {});
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw new BadArchive('the archive is damaged or cut short', { cause: error });
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
