import { join } from 'node:path';
import { writeObject } from '../../s3/objects.ts';
import { QueryError } from '../sql/query-error.ts';
import { quoteName, quoteString, type Node } from '../sql/tokens.ts';
import { folderOf } from '../tables/partitions.ts';
import { inEngine, type Running } from './in-engine.ts';
import { outputOf } from './records.ts';
import type { Outcome } from './select.ts';

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
