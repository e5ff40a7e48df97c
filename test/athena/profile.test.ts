import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { athenaQueries, connect, objects, type Aws } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import {
  bucketsOf,
  captureHours,
  captureRows,
  captureTable,
  drift,
  profileFiles,
  profileOfRows,
  profileQuery,
  sqlColumn,
  type Profile,
  type ProfileFilesOptions,
  type ResultRow,
  type SqlColumn,
} from '@tidegate/stats';
import { CAPTURED, FEATURES, captureLines } from './captures.ts';

/*
 * The same rows profiled by Athena and by the readers are the same profile: through the real SDK, in the local Athena, which runs the
 * query in DuckDB.
 */

let local: LocalAws;
let aws: Aws;
let folder: string;
let runs = 0;

beforeAll(async () => {
  local = await startLocalAws();
  Object.assign(process.env, local.environment);
  aws = connect();
  folder = await mkdtemp(path.join(tmpdir(), 'tidegate-athena-profile-'));
  await objects(aws).ensureBucket('lab');
  await run('CREATE DATABASE lab');
});
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true });
});

/** Runs a statement; undefined where it gives no rows of its own. */
async function run(sql: string) {
  const query = { sql, database: 'lab', identity: String(runs++), outputUri: 's3://lab/results/' };
  return athenaQueries(aws).run(query);
}

async function athenaProfile(columns: readonly SqlColumn[], from: string, like?: Profile): Promise<Profile> {
  const result = await run(profileQuery(columns, from, { like }));
  const rows: ResultRow[] = [];
  for await (const row of athenaQueries(aws).rows(result)) rows.push(row);
  return profileOfRows(rows, columns, { like });
}

/** A profile without what differs by rounding, by the order of a table's slots, and by how the most frequent texts are found. */
function shown({ rows, columns }: Profile): unknown {
  return {
    rows,
    columns: columns.map(({ name, rows: own, types, numbers, texts }) => {
      const { count, sum, correction, squares, min, max } = numbers.moments;
      return {
        name,
        rows: own,
        types,
        infinite: numbers.infinite,
        moments: [count, min, max, (sum + correction).toPrecision(11), Math.sqrt(squares).toPrecision(9)],
        shift: numbers.histogram.shift,
        distinct: numbers.histogram.distinct,
        ...bucketsIn(numbers.histogram),
        registers: numbers.histogram.registers?.join(' '),
        total: texts.total,
        texts: texts.many ? undefined : Object.fromEntries(texts.counts),
        many: texts.many && [texts.many.buckets.join(' '), texts.many.registers.join(' ')],
      };
    }),
  };
}

/** As texts, which Jest compares at once and not number by number. */
function bucketsIn(histogram: Parameters<typeof bucketsOf>[0]): Record<string, unknown> {
  const { lower, upper, counts, total, exact } = bucketsOf(histogram);
  return { lower: lower.join(' '), upper: upper.join(' '), counts: counts.join(' '), total, exact };
}

async function filesProfile(uri: string, name: string, options: ProfileFilesOptions = {}): Promise<Profile> {
  const file = path.join(folder, name);
  await objects(aws).download(uri, file);
  return profileFiles([file], options);
}

const TYPES: Record<string, string> = {
  normal: 'double',
  since_1970: 'double',
  small: 'integer',
  many_integers: 'bigint',
  beyond_doubles: 'bigint',
  few_words: 'varchar',
  a_word_a_row: 'varchar',
  yes: 'boolean',
  special: 'double',
  magnitudes: 'double',
  single: 'real',
  money: 'decimal(12,2)',
  at: 'timestamp',
  day: 'date',
  nothing: 'double',
};

/** 10,000 rows in which each kind of column has what is hard about it; the same numbers in every run. */
const ROWS = `(SELECT
    CASE WHEN mod(i, 17) = 0 THEN NULL ELSE sqrt(-2e0 * ln(u)) * cos(6.283185307179586e0 * v) END AS normal,
    1.7e9 + 86400e0 * u AS since_1970,
    CAST(mod(i, 100) AS integer) AS small,
    mod(i * 7919, 20011) AS many_integers,
    BIGINT '9007199254740993' * mod(i, 3) AS beyond_doubles,
    CASE WHEN mod(i, 9) = 0 THEN NULL ELSE 'wörd ' || CAST(mod(i, 50) AS varchar) END AS few_words,
    CASE WHEN mod(i, 20) = 0 THEN 'often' ELSE 'é' || CAST(i AS varchar) || substr('abcdefgh', 1, mod(i, 8)) END AS a_word_a_row,
    mod(i, 3) = 0 AS yes,
    CASE mod(i, 6) WHEN 0 THEN nan() WHEN 1 THEN infinity() WHEN 2 THEN -infinity() WHEN 3 THEN -0e0 WHEN 4 THEN -5e-324 ELSE round(u, 2) END AS special,
    (u - 0.5e0) * power(1e1, 300e0 * v - 150e0) AS magnitudes,
    CAST(u AS real) AS single,
    CAST(100e0 * u AS decimal(12,2)) AS money,
    TIMESTAMP '2027-06-03 13:00:00.125' + i * INTERVAL '1' SECOND AS at,
    DATE '2027-06-03' AS day,
    CAST(NULL AS double) AS nothing
  FROM (SELECT i, (mod(i * 7919 + 31, 20011) + 0.5e0) / 20011e0 AS u, (mod(i * 104729 + 7, 19997) + 0.5e0) / 19997e0 AS v
    FROM UNNEST(sequence(1, 10000)) AS t (i)) AS random)`;

test('a Parquet table: numbers, texts, booleans and times of every kind', async () => {
  const unloaded = await run(
    `UNLOAD (SELECT * FROM ${ROWS} AS made) TO 's3://lab/parquet/' WITH (format = 'PARQUET')`,
  );
  await run(
    `CREATE EXTERNAL TABLE flights (${Object.entries(TYPES)
      .map(([name, type]) => `${name} ${{ varchar: 'string', real: 'float' }[type] ?? type}`)
      .join(', ')}) STORED AS PARQUET LOCATION 's3://lab/parquet/'`,
  );
  const declared = (await athenaQueries(aws).tableColumns('lab', 'flights'))!;
  const columns = declared.map(({ name, type }) => sqlColumn(name, type));
  expect(columns.map(({ name }) => name)).toEqual(Object.keys(TYPES));

  const byAthena = await athenaProfile(columns, '"lab"."flights"');
  const byFiles = await filesProfile(`s3://lab/parquet/${unloaded.id}`, 'flights.parquet');
  expect(shown(byAthena)).toEqual(shown(byFiles));

  const words = byAthena.columns.find(({ name }) => name === 'a_word_a_row')!.texts;
  expect(words.counts.get('often')).toBe(500);
  expect([words.counts.size, words.many!.shortBy]).toEqual([1024, 1]);
});

test('compared with a baseline, numbers are held no finer than there', async () => {
  const columns = ['normal', 'since_1970', 'small', 'nothing'].map((name) => sqlColumn(name, TYPES[name]!));
  const baseline = await athenaProfile(columns, ROWS);
  const later = `(SELECT normal + 0.125e0 AS normal, since_1970 + 10e0 AS since_1970, small, nothing FROM ${ROWS} AS made WHERE mod(small, 2) = 0)`;
  const unloaded = await run(
    `UNLOAD (SELECT * FROM ${later} AS made) TO 's3://lab/later/' WITH (format = 'PARQUET')`,
  );
  const current = await athenaProfile(columns, later, baseline);
  const byFiles = await filesProfile(`s3://lab/later/${unloaded.id}`, 'later.parquet', { like: baseline });
  expect(shown(current)).toEqual(shown(byFiles));
  expect(current.columns[0]!.numbers.histogram.shift).toBe(baseline.columns[0]!.numbers.histogram.shift);
  const report = drift(baseline, current, { measure: 'psi', warn: 0.1, fail: 0.2, minSamples: 100 });
  expect(report.features.map(({ name }) => name).sort()).toEqual([
    'normal',
    'nothing',
    'since_1970',
    'small',
  ]);
});

test('a CSV table: values are typed one by one, as they are written', async () => {
  const fields = (i: number): string[] => [
    String(i),
    i % 10 === 0 ? '' : (Math.sin(i) * 1000).toFixed(i % 7),
    ['true', 'False', 'TRUE', 'yes', 'NA', '"quoted, ""text"""', 'None', ' spaced'][i % 8]!,
    ['1', '1.0', '-0', '+5', '.5', '5.', '1e3', '-inf', 'Infinity', 'nan', '9007199254740993', 'x1'][i % 12]!,
    `"word ${i}"`,
    `${i % 300}`,
  ];
  const names = ['id', 'share', 'mixed', 'spelling', 'a_word_a_row', 'gate'];
  const lines = [names, ...Array.from({ length: 9000 }, (_, i) => fields(i))].map((row) => row.join(','));
  await objects(aws).upload('s3://lab/csv/a.csv', { bytes: Buffer.from(`${lines.join('\n')}\n`) });
  await run(`CREATE EXTERNAL TABLE rows_of_csv (${names.map((name) => `${name} string`).join(', ')})
    ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('escapeChar' = '\\u0001')
    LOCATION 's3://lab/csv/' TBLPROPERTIES ('skip.header.line.count' = '1')`);
  const columns = names.map((name): SqlColumn => ({ name, form: 'csv' }));
  const byFiles = await filesProfile('s3://lab/csv/a.csv', 'a.csv');
  expect(shown(await athenaProfile(columns, 'rows_of_csv'))).toEqual(shown(byFiles));
});

test('captures: every form of payload, through a table over their folder', async () => {
  const lines = captureLines(1600).map((text) => `${text}\n`);
  const files = [lines.slice(0, 1200).join(''), lines.slice(1200).join('')];
  const root = 's3://lab/capture/flights/primary';
  await objects(aws).upload(`${root}/2027/06/03/13/00.jsonl`, { bytes: Buffer.from(files[0]!) });
  await objects(aws).upload(`${root}/2027/06/03/14/00.jsonl`, { bytes: Buffer.from(files[1]!) });
  await objects(aws).upload(`${root}/2027/06/03/15/00.jsonl`, { bytes: Buffer.from('{"captureData":{}}\n') });
  const now = Date.UTC(2027, 5, 3, 16) - local.clock.now();
  await local.clock.advance(Math.max(0, now));
  await run(captureTable('lab', 'captures', root));

  const hours = captureHours(Date.UTC(2027, 5, 3, 13), Date.UTC(2027, 5, 3, 15));
  const { from, columns } = captureRows('captures', CAPTURED, hours);
  const byAthena = await athenaProfile(columns, from);
  const paths = await Promise.all(
    files.map(async (text, i) => {
      const file = path.join(folder, `captures-${i}.jsonl`);
      await writeFile(file, text);
      return file;
    }),
  );
  const byFiles = await profileFiles(paths, { captureNames: FEATURES });
  byFiles.columns.sort((a, b) => CAPTURED.indexOf(a.name) - CAPTURED.indexOf(b.name));
  expect(shown(byAthena)).toEqual(shown(byFiles));
});

test.each([
  ['{"captureData":{}}', 'a line without data'],
  ['{"captureData":{"endpointInput":{"data":"{}","encoding":"XML"}}}', 'the encoding XML'],
  ['{"captureData":{"endpointInput":{"data":"{","encoding":"JSON"}}}', 'Malformed JSON'],
  ['{"captureData":{"endpointInput":{"data":"1,2","encoding":"CSV"}}}', '2 features where 4 are expected'],
  [
    '{"captureData":{"endpointInput":{"data":"[{},{}]","encoding":"JSON"},"endpointOutput":{"data":"[1]","encoding":"JSON"}}}',
    '2 instances but 1 predictions',
  ],
  ['{"captureData":{"endpointInput":{"data":"{\\"origin\\":[1]}","encoding":"JSON"}}}', "string '[1]'"],
])('a damaged capture fails the query as it fails the reader: %s', async (text, reason) => {
  const name = `damaged_${runs}`;
  const file = path.join(folder, `${name}.jsonl`);
  await writeFile(file, `${text}\n`);
  await objects(aws).upload(`s3://lab/${name}/2027/06/03/13/a.jsonl`, { file });
  await run(captureTable('lab', name, `s3://lab/${name}`));
  const { from, columns } = captureRows(name, CAPTURED);
  await expect(athenaProfile(columns, from)).rejects.toThrow(reason);
  await expect(profileFiles([file], { captureNames: FEATURES, format: 'capture' })).rejects.toThrow();
});
