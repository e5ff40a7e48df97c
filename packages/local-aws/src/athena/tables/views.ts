import { linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Column } from '@aws-sdk/client-glue';
import type { World } from '../../kernel/world.ts';
import type { TableRecord } from '../../glue/records.ts';
import { objectFile } from '../../s3/objects.ts';
import { notBuiltHere } from '../sql/query-error.ts';
import { quoteName, quoteString } from '../sql/tokens.ts';
import { duckDbName, parseHiveType, type HiveType } from './hive-type.ts';
import { dataFiles, type DataFile } from './partitions.ts';
import { lineReader } from './serdes.ts';

/** A table as a query sees it. */
export type View = {
  /** A SELECT in DuckDB's SQL that gives its rows. */
  sql: (columnsOf: ColumnsOf) => Promise<string>;
  files: readonly LinkedFile[];
  isParquet: boolean;
};

/** The columns that Parquet files hold, in lower case. */
export type ColumnsOf = (files: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** A data file under a name of its own in the query's folder: DuckDB sees no others, and the object may be replaced meanwhile. */
export type LinkedFile = { path: string; uri: string; size: number };

/**
 * A table's rows as they are now. Partitions become folders as Hive names them, wherever the objects lie, since DuckDB skips those that a
 * condition rules out.
 * @param folder for links to the table's files
 * @throws QueryError for what of the table is not built
 */
export function viewOf(world: World, table: TableRecord, folder: string): View {
  if (table.input.TableType === 'VIRTUAL_VIEW') throw notBuiltHere('a view');
  const storage = table.input.StorageDescriptor;
  const isParquet = /parquet/i.test(`${storage?.SerdeInfo?.SerializationLibrary} ${storage?.InputFormat}`);
  const reader = isParquet ? undefined : lineReader(table.input);
  const partitions = typed(table.input.PartitionKeys);
  const columns = typed(storage?.Columns);
  const keys = partitions.map(({ name }) => name);
  const files = dataFiles(world, table).map((file, i) => linked(world, file, keys, folder, i));
  const partitionColumns = partitions.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${duckDbName(type)}) AS ${quoteName(name)}`,
  );
  const hive = `hive_partitioning = ${partitions.length > 0}, hive_types_autocast = false`;
  return {
    files,
    isParquet,
    async sql(columnsOf) {
      if (files.length === 0) {
        const nothing = [...columns, ...partitions].map(
          ({ name, type }) => `CAST(NULL AS ${duckDbName(type)}) AS ${quoteName(name)}`,
        );
        return `SELECT ${nothing.join(', ')} WHERE false`;
      }
      const paths = files.map(({ path }) => path);
      if (!reader) {
        const there = await columnsOf(paths);
        const selected = columns.map(({ name, type }) => {
          const inFile = there.get(name);
          const value = inFile === undefined ? 'NULL' : quoteName(inFile);
          return `CAST(${value} AS ${duckDbName(type)}) AS ${quoteName(name)}`;
        });
        const from = `read_parquet(${listOf(paths)}, union_by_name = true, ${hive})`;
        return `SELECT ${[...selected, ...partitionColumns].join(', ')} FROM ${from}`;
      }
      const skip = Number(table.input.Parameters?.['skip.header.line.count'] ?? 0);
      const selected = columns.map(
        ({ name, type }, i) => `${reader.column(i, name, type)} AS ${quoteName(name)}`,
      );
      const lines = [...Map.groupBy(files, ({ path }) => compressionOf(path))].map(
        ([compression, own]) =>
          `SELECT ${[`${reader.parsed} AS parsed`, ...keys.map(quoteName)].join(', ')}
            FROM read_csv(${listOf(own.map(({ path }) => path))}, columns = {'line': 'VARCHAR'}, ${LINES}, skip = ${skip}, compression = '${compression}', ${hive})`,
      );
      return `SELECT ${[...selected, ...partitionColumns].join(', ')} FROM (${lines.join(' UNION ALL ')})`;
    },
  };
}

function typed(columns: readonly Column[] = []): { name: string; type: HiveType }[] {
  return columns.map(({ Name = '', Type = 'string' }) => ({ name: Name, type: parseHiveType(Type) }));
}

/** A delimiter that no text holds, so that a line is one value. */
const LINES = `header = false, auto_detect = false, delim = '\u0002\u0003\u0004\u0005', quote = '', escape = '', nullstr = '\u0005\u0004\u0003\u0002',
  strict_mode = false, max_line_size = 67108864`;

function listOf(paths: readonly string[]): string {
  return `[${paths.map(quoteString).join(', ')}]`;
}

function linked(
  world: World,
  file: DataFile,
  keys: readonly string[],
  folder: string,
  place: number,
): LinkedFile {
  const partition = keys.map((key, i) => `${key}=${encodeURIComponent(file.values[i] ?? '')}`);
  const ending = /\.(?:gz|gzip|zst|bz2|snappy|lz4|lzo|deflate)$/i.exec(file.key)?.[0] ?? '';
  const path = join(folder, ...partition, `${place}${ending}`);
  mkdirSync(dirname(path), { recursive: true });
  linkSync(objectFile(world, file.bucket, file.key), path);
  return { path, uri: `s3://${file.bucket}/${file.key}`, size: file.size };
}

/** Hive tells compression by the name's ending. */
function compressionOf(path: string): string {
  const ending = path
    .slice(path.lastIndexOf('/') + 1)
    .split('.')[1]
    ?.toLowerCase();
  if (ending === undefined) return 'none';
  if (ending === 'gz' || ending === 'gzip') return 'gzip';
  if (ending === 'zst') return 'zstd';
  throw notBuiltHere(`text compressed as .${ending}`);
}
