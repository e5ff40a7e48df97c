import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../kernel/world.ts';
import { openEngine, type Engine } from '../engine.ts';
import { quoteName, quoteString, type Node } from '../sql/tokens.ts';
import { toDuckDb } from '../sql/translate.ts';
import { viewOf, type LinkedFile, type View } from '../tables/views.ts';
import { whyFailed } from './explain.ts';
import { namedIn, type Named } from './named-tables.ts';
import type { QueryRecord } from './records.ts';

/** A query's place in the world while it runs. */
export type Running = {
  world: World;
  record: QueryRecord;
  signal: AbortSignal;
  /** Called as soon as it is known what the query will read. */
  onScan: (bytes: number) => void;
};

const INTERRUPT_EVERY_MS = 20;

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
