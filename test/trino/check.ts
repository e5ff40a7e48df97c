// Runs the profile's SQL in Trino itself and compares it with the readers: `node test/trino/check.ts`.
// It needs Java 17, Maven and, the first time, some 100 MB of Trino's libraries. Everything is said; a difference ends it with 1.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  captureRows,
  profileFiles,
  profileOfRows,
  profileQuery,
  sqlColumn,
  type Profile,
  type ProfileFilesOptions,
  type ResultRow,
  type SqlColumn,
} from '@tidegate/stats';
import { CAPTURED, FEATURES, captureLines } from '../athena/captures.ts';
import { ROWS, TYPES } from '../athena/rows.ts';
import { shown } from '../athena/shown.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-trino-'));
const inFolder = (name: string): string => path.join(folder, name);

try {
  await check();
} finally {
  rmSync(folder, { recursive: true });
}

async function check(): Promise<void> {
  const columns = Object.entries(TYPES).map(([name, type]) => sqlColumn(name, type));
  const captures = captureRows(captureValues(captureLines(400)), CAPTURED);
  inTrino({
    made: `SELECT ${Object.keys(TYPES).map(exactly).join(', ')} FROM ${ROWS}`,
    rows: profileQuery(columns, ROWS),
    captures: profileQuery(captures.columns, captures.from),
  });
  await writeParquet(inFolder('made.sql.rows'), inFolder('made.parquet'));
  const whole = await compare('all types', 'rows', columns, [inFolder('made.parquet')], {});
  writeFileSync(
    inFolder('captures.jsonl'),
    captureLines(400)
      .map((line) => `${line}\n`)
      .join(''),
  );
  await compare('captures', 'captures', captures.columns, [inFolder('captures.jsonl')], {
    captureNames: FEATURES,
  });
  inTrino({ like: profileQuery(columns, ROWS, { like: whole }) });
  await compare('like a baseline', 'like', columns, [inFolder('made.parquet')], { like: whole });
}

function inTrino(queries: Record<string, string>): void {
  const files = Object.entries(queries).map(([name, sql]) => {
    writeFileSync(inFolder(`${name}.sql`), sql);
    return inFolder(`${name}.sql`);
  });
  const project = import.meta.dirname;
  const libraries = inFolder('libraries');
  const maven = ['-q', '-B', '-f', path.join(project, 'pom.xml')];
  execFileSync('mvn', [...maven, 'dependency:build-classpath', `-Dmdep.outputFile=${libraries}`], {
    stdio: 'inherit',
  });
  const classPath = readFileSync(libraries, 'utf8');
  const opened = ['java.base/java.nio', 'java.base/java.lang'].map(
    (name) => `--add-opens=${name}=ALL-UNNAMED`,
  );
  // Java compiles a single file itself.
  const program = path.join(project, 'src/main/java/Run.java');
  execFileSync('java', ['-Xmx4g', ...opened, '-cp', classPath, program, ...files], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

/** A column's values as texts that lose nothing. */
function exactly(name: string): string {
  if (TYPES[name] === 'double') return `from_big_endian_64(to_ieee754_64(${name})) AS ${name}`;
  if (TYPES[name] === 'real') return `from_big_endian_32(to_ieee754_32(${name})) AS ${name}`;
  return `CAST(${name} AS varchar) AS ${name}`;
}

async function writeParquet(rows: string, to: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const names = Object.keys(TYPES);
  const texts = names.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const values = names.map((name) => {
    if (TYPES[name] === 'double')
      return `CAST(CAST(CAST("${name}" AS BIGINT) AS BIT) AS DOUBLE) AS "${name}"`;
    if (TYPES[name] === 'real') return `CAST(CAST(CAST("${name}" AS INTEGER) AS BIT) AS FLOAT) AS "${name}"`;
    return `CAST("${name}" AS ${TYPES[name]}) AS "${name}"`;
  });
  await connection.run(
    `COPY (SELECT ${values.join(', ')} FROM read_csv('${rows}', columns = {${texts}}, delim = '\t', header = false,
      nullstr = '\\N', quote = '', escape = '')) TO '${to}' (FORMAT parquet)`,
  );
}

/** Captures as a relation: what a table's SerDe would make of their lines. */
function captureValues(lines: readonly string[]): string {
  const side = 'ROW(observedcontenttype varchar, mode varchar, data varchar, encoding varchar)';
  const text = (value: unknown): string =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : 'NULL';
  const row = (found: Record<string, unknown> | undefined): string => {
    if (!found) return `CAST(NULL AS ${side})`;
    const { observedContentType, mode, data, encoding } = found;
    return `CAST(ROW(${[observedContentType, mode, data, encoding].map(text).join(', ')}) AS ${side})`;
  };
  const values = lines.map((line) => {
    const { captureData } = JSON.parse(line) as { captureData: Record<string, Record<string, unknown>> };
    return `(${row(captureData['endpointInput'])}, ${row(captureData['endpointOutput'])})`;
  });
  return `(SELECT CAST(ROW(i, o) AS ROW(endpointinput ${side}, endpointoutput ${side})) AS capturedata
    FROM (VALUES ${values.join(', ')}) AS v (i, o)) AS captures`;
}

async function compare(
  what: string,
  query: string,
  columns: readonly SqlColumn[],
  files: readonly string[],
  options: ProfileFilesOptions,
): Promise<Profile> {
  const byTrino = profileOfRows(rowsIn(inFolder(`${query}.sql.rows`)), columns, options);
  const byFiles = await profileFiles(files, options);
  const names = columns.map(({ name }) => name);
  byFiles.columns.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  assert.deepStrictEqual(shown(byTrino), shown(byFiles));
  console.log(
    `${what}: ${byTrino.rows} rows of ${columns.length} columns, the same in Trino as in the readers`,
  );
  return byFiles;
}

function rowsIn(file: string): ResultRow[] {
  const names = ['place', 'item', 'mask', 'lowest', 'highest', 'entries'];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) =>
    Object.fromEntries(line.split('\t').map((value, i) => [names[i]!, value === '\\N' ? null : value])),
  );
}
