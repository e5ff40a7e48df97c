import { Readable } from 'node:stream';
import type { ColumnInfo } from '@aws-sdk/client-athena';
import type { DuckDBResult } from '@duckdb/node-api';
import { writeObject } from '../../s3/objects.ts';
import type { Node } from '../sql/tokens.ts';
import { inEngine, type Running } from './in-engine.ts';
import { outputOf } from './records.ts';
import { csvLine } from './result-file.ts';
import { columnInfo, written } from './values.ts';

/** What a SELECT gave. @throws QueryError */
export type Outcome = { columns: ColumnInfo[]; updateCount?: number };

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
