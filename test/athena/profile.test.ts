import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { athenaQueries, connect, objects, type Aws } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import {
  captureHours,
  captureRows,
  captureTable,
  drift,
  profileFiles,
  profileOfRows,
  profileQuery,
  readProfile,
  sqlColumn,
  writeProfile,
  type Profile,
  type ProfileFilesOptions,
  type ResultRow,
  type SqlColumn,
} from '@tidegate/stats';
import { CAPTURED, FEATURES, captureLines } from './captures.ts';
import { ROWS, TYPES } from './rows.ts';
import { shown } from './shown.ts';

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

async function filesProfile(uri: string, name: string, options: ProfileFilesOptions = {}): Promise<Profile> {
  const file = path.join(folder, name);
  await objects(aws).download(uri, file);
  return profileFiles([file], options);
}

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
  expect(shown(readProfile(writeProfile(byAthena)))).toEqual(shown(byAthena));

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

test('a part of the rows says how coarse the whole will be, and changes nothing of it', async () => {
  const columns = ['normal', 'magnitudes', 'few_words'].map((name) => sqlColumn(name, TYPES[name]!));
  const part = await athenaProfile(columns, `(SELECT * FROM ${ROWS} AS made WHERE small < 95)`);
  expect(part.columns.map(({ numbers }) => numbers.histogram.shift > 0)).toEqual([true, true, false]);
  const [direct, guided] = [await athenaProfile(columns, ROWS), await athenaProfile(columns, ROWS, part)];
  expect(shown(guided)).toEqual(shown(direct));
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
