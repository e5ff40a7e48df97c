import { open } from 'node:fs/promises';
import type { FileMetaData } from 'hyparquet';
import { UserError } from '../../user-error.ts';
import { countBytes } from '../progress.ts';
import type { Progress } from '../progress.ts';
import { typeIn } from '../schema.ts';
import type { Schema } from '../schema.ts';
import { bytesOf, nameOf, unreadable } from '../source.ts';
import type { Source } from '../source.ts';
import type { Chunk } from './column-chunk.ts';
import { DamagedParquet } from './damaged.ts';
import type { RandomAccess } from './pages.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** An opened Parquet file: what its footer says, checked. */
export type ParquetFile = {
  name: string | undefined;
  access: RandomAccess;
  shapes: readonly Shape[];
  /** A chunk for each shape. */
  groups: readonly { rows: number; chunks: readonly Chunk[] }[];
  [Symbol.asyncDispose](): Promise<void>;
};

export type ParquetOptions = {
  /** Only these columns. */
  columns?: readonly string[] | undefined;
  /** What it ignores is not read. */
  schema?: Schema | undefined;
  progress?: Progress | undefined;
};

/** @throws UserError naming file and column for what is no Parquet, is damaged, or holds nested columns */
export async function openParquet(
  source: Source,
  { columns, schema, progress }: ParquetOptions = {},
): Promise<ParquetFile> {
  const name = nameOf(source);
  const { access, close } = await openAccess(source, progress);
  try {
    const metadata = await readFooter(access, name);
    const named = columns && new Set(columns);
    const wanted = (column: string): boolean =>
      (named?.has(column) ?? true) && typeIn(schema, column) !== 'ignore';
    const elements = topLevel(metadata.schema).filter((element) => wanted(element.name));
    const shapes = elements.map((element) => shapeOf(element, name));
    const groups = metadata.row_groups.map((group, i) => {
      const byName = new Map(
        group.columns.toReversed().map((chunk) => [chunk.meta_data?.path_in_schema?.[0], chunk]),
      );
      return {
        rows: Number(group.num_rows),
        chunks: shapes.map((shape) => chunkOf(group, byName.get(shape.name), shape, i, name)),
      };
    });
    return { name, access, shapes, groups, [Symbol.asyncDispose]: close };
  } catch (cause) {
    await close();
    if (cause instanceof UserError) throw cause;
    // Nothing but the footer has been looked at: what does not fit is the footer's fault.
    throw new UserError(
      `cannot be read as Parquet: its footer is damaged (${(cause as Error).message})`,
      { file: name },
      { cause },
    );
  }
}

async function readFooter(access: RandomAccess, file: string | undefined): Promise<FileMetaData> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const slice = async (from: number, to = access.size): Promise<ArrayBuffer> => {
    const start = from < 0 ? access.size + from : from;
    if (!(start >= 0 && to <= access.size && start <= to))
      throw new DamagedParquet('the footer does not fit the file');
    return new Uint8Array(await access.read(start, to - start)).buffer;
  };
  try {
    const metadata = await parquetMetadataAsync({ byteLength: access.size, slice }, { geoparquet: false });
    if (
      metadata.row_groups.some((group) => !(Number(group.num_rows) >= 0 && Number(group.num_rows) <= 2 ** 31))
    ) {
      throw new DamagedParquet('a row group has an impossible number of rows');
    }
    return metadata;
  } catch (cause) {
    throw new UserError(`cannot be read as Parquet: ${(cause as Error).message}`, { file }, { cause });
  }
}

/** The root's children; what lies below them belongs to nested columns. */
function topLevel(schema: FileMetaData['schema']): FileMetaData['schema'] {
  const found: FileMetaData['schema'] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at++]?.num_children ?? 0;
    for (let i = 0; i < children && at < schema.length; i++) skip();
  };
  while (at < schema.length) {
    found.push(schema[at]!);
    skip();
  }
  return found;
}

function chunkOf(
  group: FileMetaData['row_groups'][number],
  chunk: FileMetaData['row_groups'][number]['columns'][number] | undefined,
  shape: Shape,
  index: number,
  file: string | undefined,
): Chunk {
  const data = chunk?.meta_data;
  if (!data) throw new UserError(`has no data in row group ${index}`, { file, column: shape.name });
  // Some writers leave out where the dictionary lies when it comes first.
  const offsets = [data.dictionary_page_offset, data.data_page_offset].filter(
    (offset) => offset !== undefined && offset > 0n,
  );
  const many = Number(data.num_values);
  if (many !== Number(group.num_rows)) {
    throw new UserError(`has ${many} values in row group ${index} of ${group.num_rows} rows`, {
      file,
      column: shape.name,
    });
  }
  return {
    offset: Math.min(...offsets.map(Number)),
    length: Number(data.total_compressed_size),
    codec: data.codec,
    many,
  };
}

type Opened = { access: RandomAccess; close: () => Promise<void> };

async function openAccess(source: Source, progress: Progress | undefined): Promise<Opened> {
  const { access, close } = await openBytes(source);
  const read = async (from: number, length: number): Promise<Uint8Array> => {
    countBytes(progress, length);
    return access.read(from, length);
  };
  return { access: { size: access.size, read }, close };
}

async function openBytes(source: Source): Promise<Opened> {
  if ('size' in source) return { access: source, close: async () => {} };
  if (!('file' in source)) {
    const bytes = await bytesOf(source);
    const read = async (from: number, length: number): Promise<Uint8Array> =>
      bytes.subarray(from, from + length);
    return { access: { size: bytes.length, read }, close: async () => {} };
  }
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(source.file);
  } catch (error) {
    throw unreadable(source.file, error);
  }
  const { size } = await handle.stat();
  let buffer = Buffer.alloc(0);
  const read = async (from: number, length: number): Promise<Uint8Array> => {
    if (buffer.length < length) buffer = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(buffer, done, length - done, from + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  };
  return { access: { size, read }, close: () => handle.close() };
}
