import { open } from 'node:fs/promises';
import { changed, unreadable } from './file-tree.ts';
import type { LayerEntry, ListedFile } from './file-tree.ts';
import { tarArchive } from './tar-archive.ts';
import { entrySize, paddingOf, tarEnd, tarHeader } from './tar-header.ts';

/** Entries up to this size are read together into one buffer; larger ones on their own, in pieces of `pieceBytes`. */
const gatherBytes = 256 * 1024;
const pieceBytes = 1024 * 1024;
// One is read, one is on its way, and what the taker wrote before it is in the kernel's hands.
const lentBuffers = 4;

/**
 * The entries as a tar archive. At most a few pieces are in memory at a time; a yielded buffer belongs to the taker, unless
 * buffers are lent: then it is written over when some more have been asked for, which spares the kernel a page for each 4 kB.
 * @throws ImageError names a file that changed while it was packed, or that cannot be read.
 */
export async function* tarStream(
  entries: readonly LayerEntry[],
  buffers: 'given' | 'lent' = 'given',
): AsyncGenerator<Buffer> {
  const nextBuffer = buffers === 'lent' ? lend() : () => Buffer.allocUnsafe(pieceBytes);
  let small: LayerEntry[] = [];
  let smallBytes = 0;
  const gathered = (): Buffer => {
    const archive = tarArchive(small);
    small = [];
    smallBytes = 0;
    return archive.subarray(0, -tarEnd.length);
  };
  for (const entry of entries) {
    const size = entrySize(entry);
    if (smallBytes + size > gatherBytes && small.length > 0) yield gathered();
    if (size <= gatherBytes || !entry.content || Buffer.isBuffer(entry.content)) {
      small.push(entry);
      smallBytes += size;
      continue;
    }
    yield tarHeader(entry);
    yield* readPieces(entry.content, entry.sizeBytes, nextBuffer);
    const padding = paddingOf(entry.sizeBytes);
    if (padding > 0) yield Buffer.alloc(padding);
  }
  if (small.length > 0) yield gathered();
  yield tarEnd;
}

function lend(): () => Buffer {
  const ring: Buffer[] = [];
  let turn = 0;
  return () => (ring[turn++ % lentBuffers] ??= Buffer.allocUnsafe(pieceBytes));
}

/** Reads ahead by one piece, so that the disk works while the taker hashes and sends. */
async function* readPieces(
  { file, modifiedMs }: ListedFile,
  sizeBytes: number,
  nextBuffer: () => Buffer,
): AsyncGenerator<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const read = (position: number) => handle.read(nextBuffer(), 0, pieceBytes, position);
    let at = 0;
    let ahead = read(0);
    while (at < sizeBytes) {
      const { bytesRead, buffer } = await ahead;
      const wanted = Math.min(bytesRead, sizeBytes - at);
      if (bytesRead === 0) throw changed(file);
      at += bytesRead;
      // At the end this reads nothing, or a byte that should not be there.
      ahead = read(at);
      yield buffer.subarray(0, wanted);
    }
    const { bytesRead } = await ahead;
    if (at !== sizeBytes || bytesRead > 0 || (await handle.stat()).mtimeMs !== modifiedMs)
      throw changed(file);
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}
