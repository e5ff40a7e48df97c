import { open } from 'node:fs/promises';
import { numberColumn, textColumn } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { UserError } from '../user-error.ts';
import { bytesOf, nameOf, unreadable } from './source.ts';
import type { Source } from './source.ts';

type Bytes = { byteLength: number; slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer> };

/**
 * Parquet, a table for each row group: numbers, texts and booleans; timestamps and dates as milliseconds since 1970, decimals as the nearest
 * double.
 * @throws UserError naming file and column for nested columns and for what is not Parquet
 */
export async function* readParquet(
  source: Source,
  { columns }: { columns?: readonly string[] | undefined } = {},
): AsyncGenerator<Table> {
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = nameOf(source);
  await using opened = await openBytes(source);
  try {
    const metadata = await parquetMetadataAsync(opened.bytes);
    const names = flatColumns(metadata.schema, file).filter((name) => columns?.includes(name) ?? true);
    let from = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const to = from + rows;
      const parts = new Map<string, ArrayLike<unknown>[]>(names.map((name) => [name, []]));
      await parquetRead({
        file: opened.bytes,
        metadata,
        compressors,
        columns: names,
        rowStart: from,
        rowEnd: to,
        parsers: MILLISECONDS,
        onChunk: ({ columnName, columnData }) => void parts.get(columnName)?.push(columnData),
      });
      yield { rows, columns: names.map((name) => columnFrom(name, parts.get(name)!, rows)) };
      from = to;
    }
    if (metadata.row_groups.length === 0)
      yield { rows: 0, columns: names.map((name) => textColumn(name, [])) };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot be read as Parquet: ${(cause as Error).message}`, { file }, { cause });
  }
}

const MILLISECONDS = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1e3,
  timestampFromNanoseconds: (nanos: bigint) => Number(nanos) / 1e6,
  dateFromDays: (days: number) => days * 86_400_000,
};

type SchemaElement = { name: string; num_children?: number; repetition_type?: string };

function flatColumns(schema: readonly SchemaElement[], file: string | undefined): string[] {
  return schema.slice(1).map((element) => {
    if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED') {
      throw new UserError('is nested (a list or a struct); only flat columns can be profiled', {
        file,
        column: element.name,
      });
    }
    return element.name;
  });
}

function columnFrom(name: string, parts: readonly ArrayLike<unknown>[], rows: number): Column {
  const values: unknown[] = parts.flatMap((part) => Array.from(part));
  if (values.length !== rows) {
    throw new UserError(`has ${values.length} values where its row group has ${rows} rows`, { column: name });
  }
  if (values.some((value) => typeof value === 'string' || typeof value === 'boolean')) {
    return textColumn(
      name,
      values.map((value) => {
        if (value === null || value === undefined) return undefined;
        return typeof value === 'string' ? value : JSON.stringify(value);
      }),
    );
  }
  let rounded = 0;
  const numbers = Float64Array.from(values, (value) => {
    if (typeof value === 'bigint') {
      const near = Number(value);
      if (!Number.isSafeInteger(near)) rounded++;
      return near;
    }
    if (value === null || value === undefined) return Number.NaN;
    if (value instanceof Date) return value.getTime();
    if (typeof value !== 'number')
      throw new UserError('holds values that are neither numbers nor texts', { column: name });
    return value;
  });
  const column = numberColumn(name, numbers);
  column.counts.rounded = rounded;
  return column;
}

async function openBytes(source: Source): Promise<{ bytes: Bytes; [Symbol.asyncDispose](): Promise<void> }> {
  if (!('file' in source)) {
    const bytes = await bytesOf(source);
    const whole: Bytes = {
      byteLength: bytes.byteLength,
      slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
    };
    return { bytes: whole, [Symbol.asyncDispose]: async () => {} };
  }
  let handle;
  try {
    handle = await open(source.file);
    const { size } = await handle.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const part = Buffer.alloc(end - start);
      const { bytesRead } = await handle!.read(part, 0, part.length, start);
      if (bytesRead < part.length)
        throw new UserError('ends before the data its footer names', { file: source.file });
      return part.buffer.slice(part.byteOffset, part.byteOffset + part.length);
    };
    return { bytes: { byteLength: size, slice }, [Symbol.asyncDispose]: () => handle!.close() };
  } catch (error) {
    await handle?.close();
    throw unreadable(source.file, error);
  }
}
