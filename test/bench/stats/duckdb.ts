import { createRequire } from 'node:module';
import path from 'node:path';
import { answerTasks, timed, type Run } from './contender.ts';

/** Only as much of @duckdb/node-api as is used here: it is fetched for the benchmark and is no dependency. */
type DuckDb = {
  DuckDBInstance: {
    create(
      file: string,
      options: Record<string, string>,
    ): Promise<{
      connect(): Promise<{
        runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): Record<string, unknown>[] }>;
      }>;
    }>;
  };
};

const folder = process.argv[2]!;
const { DuckDBInstance } = createRequire(path.join(folder, 'index.js'))('@duckdb/node-api') as DuckDb;
const instance = await DuckDBInstance.create(':memory:', { threads: process.argv[3] ?? '2' });
const connection = await instance.connect();

async function query(sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

type Task = { do: 'numbers' | 'texts'; baseline: string; current: string; columns: string[] };

const TENTHS = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
const known = new Map<
  string,
  { edges: Record<string, number[]>; counts: Record<string, Record<string, number>> }
>();

/** A source in SQL; a CSV's types are given, which saves DuckDB from finding them out. */
function from(file: string, columns: readonly string[]): string {
  if (file.endsWith('.parquet')) return `read_parquet('${file}')`;
  const types = columns.map((name) => `'${name}': 'DOUBLE'`).join(', ');
  return `read_csv('${file}', header = true, columns = {${types}})`;
}

/** Of numbers the counts between known edges; of texts those of each, or of 64 hashes where there are too many. */
async function counted(
  file: string,
  { columns }: Task,
  edges: Record<string, number[]>,
): Promise<Record<string, Record<string, number>>> {
  const source = from(file, columns);
  const found: Record<string, Record<string, number>> = {};
  if (Object.keys(edges).length > 0) {
    const parts = columns.map(
      (name) => `histogram("${name}", [${edges[name]!.join(', ')}])::JSON AS "${name}"`,
    );
    const [row] = await query(`SELECT ${parts.join(', ')} FROM ${source}`);
    for (const name of columns) found[name] = JSON.parse(row![name] as string) as Record<string, number>;
    return found;
  }
  for (const name of columns) {
    const key = MANY.has(name) ? `hash("${name}") % 64` : `"${name}"`;
    const rows = await query(`SELECT ${key} AS key, count(*) AS many FROM ${source} GROUP BY key`);
    found[name] = Object.fromEntries(rows.map(({ key: own, many }) => [String(own), Number(many)]));
  }
  return found;
}

const MANY = new Set(['tail', 'user', 'request', 'session']);

function stability(before: Record<string, number>, now: Record<string, number>): number {
  const total = (counts: Record<string, number>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(before), total(now)];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].reduce((sum, key) => {
    const p = (before[key] ?? 0) / n || 1e-4;
    const q = (now[key] ?? 0) / m || 1e-4;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

async function work(task: Task): Promise<Run> {
  let baseline = known.get(task.baseline);
  if (!baseline) {
    const edges: Record<string, number[]> = {};
    if (task.do === 'numbers') {
      for (const name of task.columns) {
        const [row] = await query(
          `SELECT quantile_disc("${name}", [${TENTHS.join(', ')}]) AS edges FROM ${from(task.baseline, task.columns)}`,
        );
        edges[name] = [...new Set((row!['edges'] as unknown[]).map(Number))];
      }
    }
    baseline = { edges, counts: await counted(task.baseline, task, edges) };
    known.set(task.baseline, baseline);
  }
  const { edges, counts } = baseline;
  return timed(async () => {
    const current = await counted(task.current, task, edges);
    return Object.fromEntries(task.columns.map((name) => [name, stability(counts[name]!, current[name]!)]));
  });
}

await answerTasks(work);
