import { createHash } from 'node:crypto';
import type { LayerEntry } from './file-tree.ts';
import { fillArchive } from './tar-archive.ts';
import { tarSize } from './tar-header.ts';

/** The tar archive of a small layer, held in memory: read once, and handed on while it is being read. */
export type Archive = {
  /** From its beginning, for as many takers as there are. They share the bytes. */
  chunks(): AsyncIterable<Buffer>;
  /** Of the whole; known when its last chunk has been taken. */
  digest: () => string;
  /** The same, as soon as it is known. @throws ImageError for a file that cannot be packed */
  diffId: Promise<string>;
};

// As large as gzip's blocks, which then need not be put together.
const chunkBytes = 512 * 1024;

/** Begins to read the entries; the event loop is let go between two chunks, so that answers are not kept waiting. */
export function readArchive(entries: readonly LayerEntry[]): Archive {
  const bytes = Buffer.allocUnsafe(tarSize(entries));
  let filled = 0;
  let found: string | undefined;
  let more = Promise.withResolvers<void>();
  const diffId = read();
  // Whoever takes it is told of a failure; nobody may ever do.
  diffId.catch((error: unknown) => more.reject(error));
  more.promise.catch(() => undefined);
  return {
    diffId,
    digest: () => {
      if (found === undefined) throw new Error('an archive has no digest before its last chunk is taken');
      return found;
    },
    async *chunks() {
      for (let at = 0; at < bytes.length;) {
        if (at === filled) await more.promise;
        const chunk = bytes.subarray(at, Math.min(filled, at + chunkBytes));
        yield chunk;
        at += chunk.length;
      }
    },
  };

  async function read(): Promise<string> {
    const hash = createHash('sha256');
    await otherWork();
    for (const at of fillArchive(entries, bytes)) {
      const whole = at === bytes.length ? at : at - (at % chunkBytes);
      if (whole === filled) continue;
      hash.update(bytes.subarray(filled, whole));
      if (whole === bytes.length) found = `sha256:${hash.digest('hex')}`;
      filled = whole;
      const waiting = more;
      more = Promise.withResolvers();
      more.promise.catch(() => undefined);
      waiting.resolve();
      await otherWork();
    }
    return found ?? '';
  }
}

function otherWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
