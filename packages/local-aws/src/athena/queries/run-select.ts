import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ColumnInfo } from '@aws-sdk/client-athena';
import type { DuckDBResult } from '@duckdb/node-api';
import type { World } from '../../kernel/world.ts';
import { writeObject } from '../../s3/objects.ts';
import { openEngine, type Engine } from '../engine.ts';
import { quoteName, quoteString, type Node } from '../sql/tokens.ts';
import { toDuckDb } from '../sql/translate.ts';
import { folderOf } from '../tables/partitions.ts';
import { viewOf, type LinkedFile, type View } from '../tables/views.ts';
import { QueryError } from '../sql/query-error.ts';
import { namedIn, type Named } from './named-tables.ts';
import { whyFailed } from './explain.ts';
import type { QueryRecord } from './records.ts';
import { csvLine } from './result-file.ts';
import { columnInfo, written } from './values.ts';

/** A query's place in the world while it runs. */
export type Running = {
  world: World;
  record: QueryRecord;
  signal: AbortSignal;
  /** Called as soon as it is known what the query will read. */
  onScan: (bytes: number) => void;
};

const INTERRUPT_EVERY_MS = 20;

/** What a SELECT gave. @throws QueryError */
export type Outcome = { columns: ColumnInfo[]; updateCount?: number };

/** Runs a SELECT in an engine that sees its tables, and nothing else of this machine. @throws QueryError; the signal's reason */
export async function inEngine<T>(
  running: Running,
  nodes: readonly Node[],
  work: (engine: Engine, sql: string, folder: string) => Promise<T>,
): Promise<T> {
  const { world, record, signal } = running;
  const folder = queryFolder(world, record.id);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files: LinkedFile[] = [];
  const engine = await openEngine(folder);
  // DuckDB forgets an interruption that comes between two of its statements, so it is told until it has ended.
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    engine.interrupt();
    interrupting ??= setInterval(() => engine.interrupt(), INTERRUPT_EVERY_MS);
  };
  signal.addEventListener('abort', interrupt);
  try {
    signal.throwIfAborted();
    const sql = toDuckDb(nodes, world.clock.now());
    const named = namedIn(world, nodes, record.database);
    await makeTables(running, engine, named, folder, files);
    signal.throwIfAborted();
    await engine.lock();
    return await work(engine, sql, folder);
  } catch (error) {
    signal.throwIfAborted();
    throw whyFailed(error, files) ?? error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    clearInterval(interrupting);
    engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where a query's links and spilled data are while it runs; of '' the folder of all. */
export function queryFolder(world: World, id: string): string {
  return join(world.directory, 'athena', id);
}

async function makeTables(
  { world, record, onScan }: Running,
  engine: Engine,
  named: Named,
  folder: string,
  files: LinkedFile[],
): Promise<void> {
  const inCatalog = (database: string): string => `awsdatacatalog.${quoteName(database)}`;
  const schemas = new Set([record.database, ...named.tables.map(({ database }) => database)]);
  for (const schema of schemas) await engine.run(`CREATE SCHEMA IF NOT EXISTS ${inCatalog(schema)}`);
  let scanned = 0;
  for (const [i, table] of named.tables.entries()) {
    const view = viewOf(world, table, join(folder, `table${i}`));
    files.push(...view.files);
    const sql = await view.sql((paths) => columnsIn(engine, paths));
    await engine.run(`CREATE VIEW ${inCatalog(table.database)}.${quoteName(table.name)} AS ${sql}`);
    scanned += await bytesOf(engine, view, named);
  }
  onScan(scanned);
  await engine.run(`USE ${inCatalog(record.database)}`);
}

async function columnsIn(engine: Engine, paths: readonly string[]): Promise<Map<string, string>> {
  const list = paths.map(quoteString).join(', ');
  const rows = await engine.run(
    `DESCRIBE SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`,
  );
  return new Map(rows.map((row) => [String(row['column_name']).toLowerCase(), String(row['column_name'])]));
}

/** Of text all of it, of Parquet the chunks of the columns that the query names; partitions that a condition rules out are counted too. */
async function bytesOf(
  engine: Engine,
  { files, isParquet }: View,
  { identifiers, all }: Named,
): Promise<number> {
  if (!isParquet || files.length === 0) return files.reduce((sum, { size }) => sum + size, 0);
  const names = [...identifiers].map(quoteString).join(', ');
  const wanted = all ? 'true' : `lower(split_part(path_in_schema, ', ', 1)) IN (${names})`;
  const list = files.map(({ path }) => quoteString(path)).join(', ');
  const [row] = await engine.run(
    `SELECT CAST(coalesce(sum(total_compressed_size), 0) AS BIGINT) AS bytes FROM parquet_metadata([${list}]) WHERE ${wanted}`,
  );
  return Number(row?.['bytes'] ?? 0);
}

/** Runs a SELECT and writes its rows to the query's output. */
export function select(running: Running, nodes: readonly Node[]): Promise<Outcome> {
  const { world, record, signal } = running;
  return inEngine(running, nodes, async (engine, sql) => {
    const result = await engine.stream(sql);
    const types = result.columnTypes();
    // Beside a `*` the translation could not know the place.
    const columns = result
      .columnNames()
      .map((name, i) => columnInfo(name.replace(/^_col\d+$/, `_col${i}`), types[i]!));
    const { bucket, key } = outputOf(record);
    await writeObject(
      world,
      bucket,
      key,
      Readable.from(lines(result, columns, signal), { objectMode: false }),
    );
    return { columns };
  });
}

async function* lines(
  result: DuckDBResult,
  columns: readonly ColumnInfo[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  const types = result.columnTypes();
  yield csvLine(columns.map(({ Name }) => Name));
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    signal.throwIfAborted();
    yield chunk
      .getRows()
      .map((row) => csvLine(row.map((value, i) => written(value, types[i]!))))
      .join('');
  }
}

export function outputOf({ output }: Pick<QueryRecord, 'output'>): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(output) ?? [];
  return { bucket, key };
}

const COMPRESSIONS: Readonly<Record<string, string>> = {
  none: 'uncompressed',
  snappy: 'snappy',
  gzip: 'gzip',
  zstd: 'zstd',
};

/** `UNLOAD (SELECT …) TO 's3://…' WITH (format = 'PARQUET')`: one file, and a manifest that names it. */
export function unload(
  running: Running,
  nodes: readonly Node[],
  to: string,
  properties: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { world, record } = running;
  const format = (properties['format'] ?? '').toUpperCase();
  const compression = COMPRESSIONS[(properties['compression'] ?? 'gzip').toLowerCase()];
  const other = Object.keys(properties).find((name) => name !== 'format' && name !== 'compression');
  if (format !== 'PARQUET' || compression === undefined || other !== undefined) {
    const found = Object.entries(properties)
      .map(([name, value]) => `${name} = '${value}'`)
      .join(', ');
    throw new QueryError(
      `NOT_SUPPORTED: UNLOAD WITH (${found}) is not built in this local Athena; format = 'PARQUET' is, with compression none, snappy, gzip or zstd`,
    );
  }
  return inEngine(running, nodes, async (engine, sql, folder) => {
    const described = await engine.run(`DESCRIBE ${sql}`);
    // Sums are wider in DuckDB than in Trino, and Parquet has no such integers.
    const columns = described.map(({ column_name: name, column_type: type }) => {
      const column = quoteName(String(name));
      return String(type) === 'HUGEINT' ? `CAST(${column} AS BIGINT) AS ${column}` : column;
    });
    const file = join(folder, 'unloaded');
    const [row] = await engine.run(
      `COPY (SELECT ${columns.join(', ')} FROM (${sql})) TO ${quoteString(file)} (FORMAT parquet, COMPRESSION ${compression})`,
    );
    const target = folderOf(to);
    const key = `${target.key}${record.id}`;
    await writeObject(world, target.bucket, key, { file });
    const output = outputOf(record);
    await writeObject(
      world,
      output.bucket,
      output.key.replace(/\.csv$/, '-manifest.csv'),
      `s3://${target.bucket}/${key}\n`,
    );
    return { columns: [], updateCount: Number(row?.['Count'] ?? 0) };
  });
}
