import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { changed, unreadable } from './file-tree.ts';
import type { LayerEntry, ListedFile } from './file-tree.ts';
import { paddingOf, tarEnd, tarHeader, tarSize } from './tar-header.ts';

/**
 * The entries as a tar archive in memory, the same bytes as `tarStream` gives: for layers that are small, where every
 * wait for a file costs more than its reading.
 * @throws ImageError names a file that changed while it was packed, or that cannot be read.
 */
export function tarArchive(entries: readonly LayerEntry[]): Buffer {
  const archive = Buffer.allocUnsafe(tarSize(entries));
  for (const at of fillArchive(entries, archive)) void at;
  return archive;
}

/** Writes the archive into a buffer of its size, and says after each entry how far it is. @throws ImageError */
export function* fillArchive(entries: readonly LayerEntry[], archive: Buffer): Generator<number> {
  let at = 0;
  for (const entry of entries) {
    at += tarHeader(entry).copy(archive, at);
    const { content, sizeBytes } = entry;
    if (Buffer.isBuffer(content)) content.copy(archive, at);
    else if (content) readInto(archive.subarray(at, at + sizeBytes), content);
    at += sizeBytes;
    archive.fill(0, at, at + paddingOf(sizeBytes));
    at += paddingOf(sizeBytes);
    yield at;
  }
  tarEnd.copy(archive, at);
  yield archive.length;
}

function readInto(place: Buffer, { file, modifiedMs }: ListedFile): void {
  const descriptor = openFile(file);
  try {
    for (let read = 0; read < place.length;) {
      const got = readSync(descriptor, place, read, place.length - read, null);
      if (got === 0) throw changed(file);
      read += got;
    }
    const { size, mtimeMs } = fstatSync(descriptor);
    if (size !== place.length || mtimeMs !== modifiedMs) throw changed(file);
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    closeSync(descriptor);
  }
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw unreadable(file, error);
  }
}
