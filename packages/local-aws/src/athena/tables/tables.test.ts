import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBench } from '../testing/bench.ts';

let bench: Awaited<ReturnType<typeof openBench>>;
beforeAll(async () => {
  bench = await openBench({ clock: { manual: true, start: new Date('2027-06-03T13:00:00Z') } });
  await bench.query('CREATE DATABASE lab');
});
afterAll(async () => await bench[Symbol.asyncDispose]());

test('delimited text: no quotes, null where a value is missing or no number, hidden and empty objects left out', async () => {
  await bench.query(`CREATE EXTERNAL TABLE delimited (id bigint, name string, x double, ok boolean, day date)
    ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lab/delimited/'
    TBLPROPERTIES ('skip.header.line.count' = '1')`);
  await bench.put(
    'delimited/a.csv',
    'id,name,x,ok,day\n1,one,1.5,true,2027-01-02\n2,,abc,false\n\\N,"q",NaN,\n',
  );
  await bench.put('delimited/b.csv.gz', gzipSync('id,name,x,ok,day\r\n5.5,five,-Infinity,TRUE,x\r\n'));
  await bench.put('delimited/_SUCCESS', 'nothing');
  await bench.put('delimited/empty', new Uint8Array(0));
  expect(await bench.query('SELECT * FROM delimited ORDER BY name')).toEqual([
    ['2', '', undefined, 'false', undefined],
    [undefined, '"q"', 'NaN', undefined, undefined],
    [undefined, 'five', '-Infinity', 'true', undefined],
    ['1', 'one', '1.5', 'true', '2027-01-02'],
  ]);
});

test('OpenCSVSerDe: quotes, doubled quotes and escapes', async () => {
  await bench.query(`CREATE EXTERNAL TABLE quoted (a string, b string, c string)
    ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
    WITH SERDEPROPERTIES ('separatorChar' = ';', 'quoteChar' = '"') LOCATION 's3://lab/quoted/'`);
  await bench.put('quoted/a', 'a;"b ""q""; c";d\n"";\\x;"e\\"f"\n1;2\n');
  expect(await bench.query('SELECT * FROM quoted ORDER BY a')).toEqual([
    ['', 'x', 'e"f'],
    ['1', '2', undefined],
    ['a', 'b "q"; c', 'd'],
  ]);
});

test.each(['org.openx.data.jsonserde.JsonSerDe', 'org.apache.hive.hcatalog.data.JsonSerDe'])(
  '%s: members whatever their case, nested, of any type',
  async (serde) => {
    const name = serde.includes('openx') ? 'openx' : 'hcatalog';
    await bench.query(`CREATE EXTERNAL TABLE ${name} (Side struct<Data:string,Kind:struct<n:int>>, n int, tags array<string>, m map<string,double>, raw string)
      ROW FORMAT SERDE '${serde}' LOCATION 's3://lab/${name}/'`);
    const lines = [
      { side: { data: '1,2\n"3"', KIND: { n: 7 } }, n: 3, tags: ['a', null], m: { x: 1.5 }, raw: { y: [1] } },
      { SIDE: {}, N: '4', tags: null, raw: 'Ω' },
    ];
    await bench.put(`${name}/a.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(
      await bench.query(`SELECT side.data, side.kind.n, n, tags, m, raw FROM ${name} ORDER BY n`),
    ).toEqual([
      ['1,2\n"3"', '7', '3', '[a, null]', '{x=1.5}', '{"y":[1]}'],
      [undefined, undefined, '4', undefined, undefined, 'Ω'],
    ]);
  },
);

test('a line that is no JSON fails the query, unless the table says that it may', async () => {
  const serde = `ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'`;
  await bench.put('broken/a.jsonl', '{"n":1}\n{"n":\n');
  await bench.query(`CREATE EXTERNAL TABLE broken (n int) ${serde} LOCATION 's3://lab/broken/'`);
  await bench.query(`CREATE EXTERNAL TABLE lenient (n int) ${serde}
    WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true') LOCATION 's3://lab/broken/'`);
  await expect(bench.query('SELECT * FROM broken')).rejects.toThrow('INVALID_CAST_ARGUMENT: Malformed JSON');
  expect(await bench.query('SELECT * FROM lenient ORDER BY n')).toEqual([['1'], [undefined]]);
});

test('Parquet: columns by their names, those that a file lacks are null; only the chunks asked for are scanned', async () => {
  await bench.query(`UNLOAD (SELECT CAST(i AS integer) AS id, 'w' || CAST(i AS varchar) AS word, sum(i) OVER () AS total
    FROM UNNEST(sequence(1, 1000)) AS t (i)) TO 's3://lab/parquet/' WITH (format = 'PARQUET', compression = 'SNAPPY')`);
  await bench.query(`CREATE EXTERNAL TABLE pq (id bigint, word string, total bigint, missing double)
    STORED AS PARQUET LOCATION 's3://lab/parquet'`);
  expect(
    await bench.query('SELECT count(*), max(id), max_by(word, id), max(total), max(missing) FROM pq'),
  ).toEqual([['1000', '1000', 'w1000', '500500', undefined]]);
  const scanned = async (sql: string): Promise<number> =>
    (await bench.ended(await bench.start(sql))).Statistics!.DataScannedInBytes!;
  const [none, one, all] = [
    await scanned('SELECT count(*) FROM pq'),
    await scanned('SELECT sum(id) FROM pq'),
    await scanned('SELECT * FROM pq'),
  ];
  expect(none).toBe(0);
  expect(one).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(2 * one);
});

test('partitions: added one by one, found below the folder, or described by the table', async () => {
  const columns = `(x string) PARTITIONED BY (day string, hour int)`;
  await bench.query(
    `CREATE EXTERNAL TABLE parted ${columns} ROW FORMAT DELIMITED LOCATION 's3://lab/parted/'`,
  );
  await bench.put('parted/day=2027-06-01/hour=7/a', 'one');
  await bench.put('parted/day=a b%2Fc/hour=8/a', 'two');
  await bench.put('elsewhere/a', 'three');
  expect(await bench.query('SELECT * FROM parted')).toEqual([]);
  await bench.query(
    `ALTER TABLE parted ADD IF NOT EXISTS PARTITION (day = '2027-06-02', hour = 9) LOCATION 's3://lab/elsewhere/'`,
  );
  expect(await bench.query('MSCK REPAIR TABLE parted')).toEqual([
    ['Repair: Added partition to metastore parted:2027-06-01/7'],
    ['Repair: Added partition to metastore parted:a b/c/8'],
  ]);
  expect(await bench.query('SHOW PARTITIONS parted')).toHaveLength(3);
  expect(await bench.query('SELECT * FROM parted WHERE hour > 7 ORDER BY day')).toEqual([
    ['three', '2027-06-02', '9'],
    ['two', 'a b/c', '8'],
  ]);

  await bench.query(`ALTER TABLE parted DROP PARTITION (day = 'a b/c', hour = '8')`);
  expect(await bench.query('SELECT x FROM parted ORDER BY x')).toEqual([['one'], ['three']]);
  expect(await bench.query('SHOW COLUMNS IN parted')).toEqual([['x'], ['day'], ['hour']]);

  await bench.query(`CREATE EXTERNAL TABLE projected (x string) PARTITIONED BY (kind string, time string)
    ROW FORMAT DELIMITED LOCATION 's3://lab/projected/' TBLPROPERTIES ('projection.enabled' = 'true',
      'projection.kind.type' = 'enum', 'projection.kind.values' = 'a,b',
      'projection.time.type' = 'date', 'projection.time.format' = 'yyyy/MM/dd/HH', 'projection.time.range' = '2026/01/01/00,NOW-1HOURS',
      'storage.location.template' = 's3://lab/projected/\${kind}/\${time}/')`);
  await bench.put('projected/a/2027/06/03/12/1', 'in');
  await bench.put('projected/a/2027/06/03/13/1', 'not yet');
  await bench.put('projected/a/2025/06/03/12/1', 'before');
  await bench.put('projected/c/2027/06/03/12/1', 'no such kind');
  expect(await bench.query('SELECT * FROM projected')).toEqual([['in', 'a', '2027/06/03/12']]);
});

test('the catalog is Glue’s: what DDL makes is described there, and shown by DDL', async () => {
  await bench.query("CREATE SCHEMA IF NOT EXISTS other COMMENT 'a place' LOCATION 's3://lab/other/'");
  await expect(bench.query('CREATE DATABASE other')).rejects.toThrow(
    'AlreadyExistsException: Database already exists.',
  );
  await bench.query(`CREATE EXTERNAL TABLE other.t (\`A\` int COMMENT 'first', b map<string,array<int>>)
    COMMENT 'a table' PARTITIONED BY (d date) STORED AS TEXTFILE LOCATION 's3://lab/other/t/'`);
  expect(await bench.query('DESCRIBE other.t')).toEqual([
    ['a\tint\tfirst'],
    ['b\tmap<string,array<int>>\t'],
    ['d\tdate\t'],
  ]);
  expect(await bench.query("SHOW TABLES IN other 't*'")).toEqual([['t']]);
  expect(await bench.query('SHOW DATABASES')).toEqual([['lab'], ['other']]);
  await expect(bench.query('DROP DATABASE other')).rejects.toThrow('Database other is not empty');
  await bench.query('DROP DATABASE other CASCADE');
  await expect(bench.query('SELECT * FROM other.t')).rejects.toThrow('TABLE_NOT_FOUND');
  await bench.query('DROP TABLE IF EXISTS nothing');
  await expect(bench.query('DROP TABLE nothing')).rejects.toThrow(
    'EntityNotFoundException: Table nothing not found.',
  );
});

test.each([
  [
    "CREATE EXTERNAL TABLE r (x string) STORED AS ORC LOCATION 's3://lab/r/'",
    'athena: STORED AS ORC is not built',
  ],
  [
    "CREATE EXTERNAL TABLE r (x string) CLUSTERED BY (x) INTO 2 BUCKETS LOCATION 's3://lab/r/'",
    'athena: CLUSTERED BY is not built',
  ],
  ['CREATE TABLE r AS SELECT 1 AS x', 'athena: CREATE TABLE is not built'],
  ['INSERT INTO r SELECT 1', 'athena: INSERT INTO is not built'],
  [
    "CREATE EXTERNAL TABLE r (x string) LOCATION 'r/'",
    'LOCATION r/ is no folder in S3 (s3://bucket/folder/)',
  ],
  ['CREATE EXTERNAL TABLE r (x string)', 'SYNTAX_ERROR: an external table needs a LOCATION'],
  [
    "CREATE EXTERNAL TABLE r (x nonsense) LOCATION 's3://lab/r/'",
    'HIVE_INVALID_METADATA: nonsense is no type',
  ],
  [
    "CREATE EXTERNAL TABLE r (x string) LOCATED 's3://lab/r/'",
    'SYNTAX_ERROR: expected the end of the statement, found LOCATED',
  ],
  ['FROBNICATE', 'Queries of this type are not supported'],
])('%s is refused by its name', async (sql, reason) => {
  await expect(bench.query(sql)).rejects.toThrow(reason);
});

test('a SerDe that is not built is refused where its table is read', async () => {
  await bench.query(
    `CREATE EXTERNAL TABLE grok (x string) ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' LOCATION 's3://lab/grok/'`,
  );
  await expect(bench.query('SELECT * FROM grok')).rejects.toThrow(
    'NOT_SUPPORTED: the SerDe com.amazonaws.glue.serde.GrokSerDe is not built',
  );
});
