import { createReadStream } from 'node:fs';
import { UserError } from '../user-error.ts';

/** Where bytes come from. */
export type Source = { file: string } | { bytes: Uint8Array; name?: string } | AsyncIterable<Uint8Array>;

export function nameOf(source: Source): string | undefined {
  if ('file' in source) return source.file;
  return 'bytes' in source ? source.name : undefined;
}

const CHUNK_BYTES = 1 << 20;

/** The source's bytes in pieces of about a megabyte. */
export async function* chunksOf(source: Source): AsyncGenerator<Uint8Array> {
  if ('bytes' in source) {
    yield source.bytes;
  } else if ('file' in source) {
    try {
      yield* createReadStream(source.file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
    } catch (error) {
      throw unreadable(source.file, error);
    }
  } else {
    yield* source;
  }
}

export function unreadable(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new UserError('there is no such file', { file });
  if (code === 'EISDIR') return new UserError('is a folder; a file is needed', { file });
  if (code === 'EACCES') return new UserError('may not be read by this user', { file });
  return error;
}

/** The whole source in one piece. */
export async function bytesOf(source: Source): Promise<Uint8Array> {
  if ('bytes' in source) return source.bytes;
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(source)) chunks.push(chunk);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
