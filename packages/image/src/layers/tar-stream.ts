import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { ImageError } from '../errors.ts';
import { unreadable } from './file-tree.ts';
import type { LayerEntry } from './file-tree.ts';
import { paddingOf, tarEnd, tarHeader } from './tar-header.ts';

/** Small files are gathered into buffers of this size; larger ones are read in pieces of `pieceBytes`. */
const gatherBytes = 256 * 1024;
const pieceBytes = 1024 * 1024;

/** Bytes of the archive that `tarStream` gives, known before anything is read. */
export function tarSize(entries: readonly LayerEntry[]): number {
  let sum = tarEnd.length;
  for (const entry of entries) sum += tarHeader(entry).length + entry.sizeBytes + paddingOf(entry.sizeBytes);
  return sum;
}

/**
 * The entries as a tar archive. At most a few pieces are in memory at a time; a yielded buffer belongs to the taker.
 * @throws ImageError names a file that changed while it was packed, or that cannot be read.
 */
export async function* tarStream(entries: readonly LayerEntry[]): AsyncGenerator<Buffer> {
  let gathered = Buffer.allocUnsafe(gatherBytes);
  let used = 0;
  function* add(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(gathered, used, at);
      at += copied;
      used += copied;
      if (used === gatherBytes) yield* flush();
    }
  }
  function* flush(): Generator<Buffer> {
    if (used > 0) yield gathered.subarray(0, used);
    gathered = Buffer.allocUnsafe(gatherBytes);
    used = 0;
  }
  for (const entry of entries) {
    yield* add(tarHeader(entry));
    const { content } = entry;
    if (Buffer.isBuffer(content)) yield* add(content);
    else if (content && entry.sizeBytes <= gatherBytes) yield* add(readSmall(content, entry.sizeBytes));
    else if (content) {
      yield* flush();
      yield* readLarge(content, entry.sizeBytes);
    }
    const padding = paddingOf(entry.sizeBytes);
    if (padding > 0) yield* add(Buffer.alloc(padding));
  }
  yield* add(tarEnd);
  yield* flush();
}

type Listed = { file: string; modifiedMs: number };

function readSmall({ file, modifiedMs }: Listed, sizeBytes: number): Buffer {
  const descriptor = openFile(file);
  try {
    const bytes = Buffer.allocUnsafe(sizeBytes + 1);
    let read = 0;
    // One byte more is asked for than is expected, so that a file that grew is seen.
    for (let got = -1; got !== 0 && read <= sizeBytes; read += got) {
      got = readSync(descriptor, bytes, read, bytes.length - read, null);
    }
    if (read !== sizeBytes || fstatSync(descriptor).mtimeMs !== modifiedMs) throw changed(file);
    return bytes.subarray(0, sizeBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads ahead by one piece, so that the disk works while the taker hashes and sends. */
async function* readLarge({ file, modifiedMs }: Listed, sizeBytes: number): AsyncGenerator<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    const read = (position: number) => handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, position);
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
  } finally {
    await handle.close();
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function changed(file: string): ImageError {
  return new ImageError(`${file} changed while it was packed: build again when nothing writes to it`);
}
