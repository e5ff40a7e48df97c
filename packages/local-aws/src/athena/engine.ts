import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { macros } from './sql/functions.ts';
import { QueryError } from './sql/query-error.ts';
import { quoteString } from './sql/tokens.ts';

/** One query's DuckDB: in memory, and able to read no file outside of its folder. */
export type Engine = {
  run(sql: string): Promise<Record<string, unknown>[]>;
  stream(sql: string): Promise<DuckDBResult>;
  /** From now on only what stands in the folder can be read, and nothing of this can be changed. */
  lock(): Promise<void>;
  interrupt(): void;
  close(): void;
};

/** DuckDB is native: it is loaded with the first query, and a machine on which it cannot be loaded has all else. */
async function load(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    const why = `DuckDB (@duckdb/node-api), which runs the queries of this local Athena, cannot be loaded here: ${(cause as Error).message}`;
    throw new QueryError(`GENERIC_INTERNAL_ERROR: ${why}`, 1, { cause });
  }
}

export async function openEngine(folder: string): Promise<Engine> {
  const { DuckDBInstance } = await load();
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: `${folder}/spilled`,
    threads: '2',
  });
  const connection: DuckDBConnection = await instance.connect();
  const run = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  await run(`SET integer_division = true`);
  await run(`SET TimeZone = 'UTC'`);
  for (const macro of macros) await run(macro);
  await run(`ATTACH ':memory:' AS awsdatacatalog`);
  return {
    run,
    stream: (sql) => connection.stream(sql),
    async lock() {
      await run(`SET allowed_directories = [${quoteString(folder)}]`);
      await run('SET enable_external_access = false');
      await run('SET lock_configuration = true');
    },
    interrupt: () => connection.interrupt(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
