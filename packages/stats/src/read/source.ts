import { createReadStream } from 'node:fs';
import { UserError } from '../user-error.ts';
import { countBytes } from './progress.ts';
import type { Progress } from './progress.ts';

/**
 * Where bytes come from: a file (or the bytes [from, to) of one), memory, ranges of something larger (an object in S3, of which Parquet then
 * reads only the columns asked for), or a stream such as standard input.
 */
export type Source =
  | { file: string; from?: number | undefined; to?: number | undefined }
  | { bytes: Uint8Array; name?: string | undefined }
  | RangeSource
  | { stream: AsyncIterable<Uint8Array>; name?: string | undefined }
  | AsyncIterable<Uint8Array>;

export type RangeSource = {
  size: number;
  /** Just these bytes; they may be overwritten by the next call. */
  read(from: number, length: number): Promise<Uint8Array>;
  /** All bytes one after another, where that is cheaper than range after range. */
  open?: (() => AsyncIterable<Uint8Array>) | undefined;
  name?: string | undefined;
};

export function nameOf(source: Source): string | undefined {
  if ('file' in source) return source.file;
  return 'bytes' in source || 'size' in source || 'stream' in source ? source.name : undefined;
}

const CHUNK_BYTES = 1 << 20;

/** The source's bytes in pieces of about a megabyte. */
export async function* chunksOf(source: Source, progress?: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of piecesOf(source)) {
    countBytes(progress, chunk.length);
    yield chunk;
  }
}

async function* piecesOf(source: Source): AsyncGenerator<Uint8Array> {
  if ('bytes' in source) {
    yield source.bytes;
  } else if ('file' in source) {
    const { file, from = 0, to = Infinity } = source;
    if (to <= from) return;
    const range = { start: from, end: to - 1, highWaterMark: CHUNK_BYTES };
    try {
      yield* createReadStream(file, range) as AsyncIterable<Buffer>;
    } catch (error) {
      throw unreadable(file, error);
    }
  } else if ('stream' in source) {
    yield* source.stream;
  } else if ('size' in source && source.open) {
    yield* source.open();
  } else if ('size' in source) {
    for (let at = 0; at < source.size; at += CHUNK_BYTES) {
      yield Buffer.from(await source.read(at, Math.min(CHUNK_BYTES, source.size - at)));
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
