import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../user-error.ts';
import { chunksOf, nameOf } from './source.ts';
import type { Source } from './source.ts';

export type Format = 'csv' | 'jsonl' | 'parquet' | 'capture';

/** What a source holds, and its bytes with any gzip undone; Parquet is read from its end and has no stream. */
export type Opened =
  | { format: 'parquet' }
  | {
      format: Exclude<Format, 'parquet'>;
      chunks: AsyncIterable<Uint8Array>;
      isPlain: boolean;
      /** For who does not read the chunks. */
      close(): Promise<void>;
    };

/** Finds out the format, when it is not given, from the source's name and first bytes. @throws UserError */
export async function openSource(source: Source, given: Format | undefined): Promise<Opened> {
  const file = nameOf(source);
  const chunks = chunksOf(source)[Symbol.asyncIterator]();
  const head = await headOf(chunks);
  if (given === 'parquet' || (!given && (startsWith(head, 'PAR1') || file?.endsWith('.parquet')))) {
    await chunks.return?.(undefined);
    if ('file' in source || 'bytes' in source || 'size' in source) return { format: 'parquet' };
    throw new UserError('Parquet is read from its end: give a file or bytes, not a stream');
  }
  const isPlain = !(head[0] === 0x1f && head[1] === 0x8b);
  const all = joined(head, chunks);
  const plain = isPlain ? all : gunzipped(all, file);
  const close = async (): Promise<void> => void (await chunks.return?.(undefined));
  if (given) return { format: given, chunks: plain, isPlain, close };
  const pieces = plain[Symbol.asyncIterator]();
  const text = await headOf(pieces);
  return { format: formatOf(file, text), chunks: joined(text, pieces), isPlain, close };
}

const HEAD_BYTES = 4096;

/** The first chunk, and as many more as are needed to see what it is: a network's may be a few bytes long. */
async function headOf(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let length = 0; length < HEAD_BYTES;) {
    const next = await chunks.next();
    if (next.done) break;
    if (length === 0 && next.value.length >= HEAD_BYTES) return next.value;
    // A piece of a pipe is gone when the next is asked for.
    parts.push(Buffer.from(next.value));
    length += next.value.length;
  }
  return Buffer.concat(parts);
}

function formatOf(file: string | undefined, head: Uint8Array): Exclude<Format, 'parquet'> {
  const name = file?.replace(/\.gz$/, '') ?? '';
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv';
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1');
  const isJson = /^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text) || /\.(jsonl|ndjson)$/.test(name);
  if (!isJson) return 'csv';
  return text.includes('"captureData"') ? 'capture' : 'jsonl';
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.(undefined);
  }
}

/** Pieces that stay what they are when the next is asked for, as a stream does ahead of time. */
async function* owned(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // An error of either reaches the loop below through the stream that the pipeline then destroys.
  pipeline(Readable.from(owned(chunks)), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (cause) {
    if (!(cause as NodeJS.ErrnoException).code?.startsWith('Z_')) throw cause;
    throw new UserError(`is damaged gzip: ${(cause as Error).message}`, { file }, { cause });
  }
}
