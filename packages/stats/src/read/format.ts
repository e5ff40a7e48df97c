import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../user-error.ts';
import { chunksOf, nameOf } from './source.ts';
import { countBytes } from './progress.ts';
import type { Progress } from './progress.ts';
import type { Source } from './source.ts';

export const FORMATS = ['csv', 'jsonl', 'parquet', 'capture', 'archive', 'profile', 'statistics'] as const;
/**
 * `archive` is a training job's output.tar.gz with a baseline.csv; `profile` and `statistics` (Model Monitor's statistics.json) hold no rows but
 * what is known of them.
 */
export type Format = (typeof FORMATS)[number];

/** What a source holds, and its bytes with any gzip undone; Parquet is read from its end and has no stream, and of an archive only a part is. */
export type Opened =
  | { format: 'parquet' | 'archive' }
  | {
      format: StreamFormat;
      chunks: AsyncIterable<Uint8Array>;
      isPlain: boolean;
      /** For who does not read the chunks. */
      close(): Promise<void>;
    };

type StreamFormat = Exclude<Format, 'parquet' | 'archive'>;

/** Finds out the format, when it is not given, from the source's name and first bytes. @throws UserError */
export async function openSource(
  source: Source,
  given: Format | undefined,
  progress?: Progress,
): Promise<Opened> {
  const file = nameOf(source);
  if (given === 'parquet' || (!given && file?.endsWith('.parquet'))) return openedParquet(source);
  if (given === 'archive' || (!given && /\.(tar\.gz|tgz)$/.test(file ?? ''))) return { format: 'archive' };
  const chunks = chunksOf(source, progress)[Symbol.asyncIterator]();
  const head = await takeHead(chunks, 4);
  if (!given && startsWith(head, 'PAR1')) {
    await chunks.return?.(undefined);
    // What is read of it from now on is counted then.
    countBytes(progress, -head.length);
    return openedParquet(source);
  }
  const isPlain = !(head[0] === 0x1f && head[1] === 0x8b);
  const all = joined(head, chunks);
  const plain = isPlain ? all : gunzipped(all, file);
  const close = async (): Promise<void> => void (await chunks.return?.(undefined));
  if (given) return { format: given, chunks: plain, isPlain, close };
  const pieces = plain[Symbol.asyncIterator]();
  const text = await takeHead(pieces, LOOKED_AT);
  return { format: formatOf(file, text), chunks: joined(text, pieces), isPlain, close };
}

/** By so many bytes a format is told. */
const LOOKED_AT = 4096;

/** At least so many bytes, or all there are: what comes through a pipe may come byte by byte. */
async function takeHead(pieces: AsyncIterator<Uint8Array>, least: number): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < least) {
    const piece = await pieces.next();
    if (piece.done) break;
    if (length === 0 && piece.value.length >= least) return piece.value;
    // A piece is gone when the next is asked for.
    taken.push(Buffer.from(piece.value));
    length += piece.value.length;
  }
  return Buffer.concat(taken);
}

function openedParquet(source: Source): Opened {
  if (!('stream' in source)) return { format: 'parquet' };
  throw new UserError('Parquet is read from its end: give a file or bytes, not a stream', {
    file: nameOf(source),
  });
}

/** What a profile's file begins with, once unpacked. */
export const PROFILE_START = '{"format":"tidegate-profile",';

function formatOf(file: string | undefined, head: Uint8Array): StreamFormat {
  const name = file?.replace(/\.gz$/, '') ?? '';
  if (/\.(csv|tsv|txt)$/.test(name)) return 'csv';
  const text = Buffer.from(head.subarray(0, LOOKED_AT)).toString('latin1');
  if (text.startsWith(PROFILE_START)) return 'profile';
  if (/^\s*\{\s*"version"\s*:\s*[\d.]+\s*,\s*"dataset"\s*:/.test(text)) return 'statistics';
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
