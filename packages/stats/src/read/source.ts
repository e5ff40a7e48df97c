import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
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
  | { stream: AsyncIterable<Uint8Array>; name?: string | undefined };

export type RangeSource = {
  size: number;
  /** Just these bytes; they may be overwritten by the next call. */
  read(from: number, length: number): Promise<Uint8Array>;
  /** All bytes one after another, where that is cheaper than range after range. */
  open?: (() => AsyncIterable<Uint8Array>) | undefined;
  name?: string | undefined;
};

export function nameOf(source: Source): string | undefined {
  return 'file' in source ? source.file : source.name;
}

const CHUNK_BYTES = 1 << 20;

/** The source's bytes in pieces of about a megabyte. A piece is good until the next is asked for. */
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
    yield* piecesOfFile(source.file, source.from ?? 0, source.to ?? Infinity);
  } else if ('stream' in source) {
    yield* source.stream;
  } else if (source.open) {
    yield* source.open();
  } else {
    for (let at = 0; at < source.size; at += CHUNK_BYTES) {
      yield await source.read(at, Math.min(CHUNK_BYTES, source.size - at));
    }
  }
}

async function* piecesOfFile(file: string, from: number, to: number): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stats = await handle.stat();
    const expected = stats.isFile() ? Math.min(to, stats.size) - from : CHUNK_BYTES;
    const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, expected)));
    for (let at = from; at < to;) {
      // A pipe is read on from where it stands.
      const position = stats.isFile() ? at : null;
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, to - at), position);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle?.close();
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
  for await (const chunk of chunksOf(source)) chunks.push(Buffer.from(chunk));
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
