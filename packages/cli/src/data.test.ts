import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, objects } from '@tidegate/aws';
import { startLocalAws, type LocalAws } from '@tidegate/local-aws';
import { newProgress, profileSources, progressOf, type DriftReport, type Evaluation } from '@tidegate/stats';
import { placesOf } from './data/places.ts';
import { readingLine } from './data/read-places.ts';
import { runInTerminal, runTidegate, type Ran } from './testing/run-tidegate.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const flights = path.resolve(
  import.meta.dirname,
  '../../../node_modules/vega-datasets/data/flights-3m.parquet',
);

/** A command line, its words divided by spaces; what holds spaces comes after it. */
const tidegate = (line: string, ...more: string[]): Promise<Ran> =>
  runTidegate([...line.split(' '), ...more], { cwd: folder });

function file(name: string, content: string | Uint8Array): string {
  const target = path.join(folder, name);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

const rowsOf = (shift: number, rows = 2000): string =>
  Array.from({ length: rows }, (_, row) => `${(row % 100) + shift},0${500 + (row % 7)}\n`).join('');
const csv = (shift: number): string => `x,zip\n${rowsOf(shift)}`;

beforeAll(() => {
  file('before.csv', csv(0));
  file('after.csv', csv(60));
});

const verdicts = (stdout: string): unknown =>
  Object.fromEntries(
    (JSON.parse(stdout) as DriftReport).features.map(({ name, verdict }) => [name, verdict]),
  );

describe('drift', () => {
  test('exits 1 on drift, names the feature, and writes a page of its own', async () => {
    expect((await tidegate('drift before.csv before.csv')).code).toBe(0);
    const { code, stdout, stderr } = await tidegate('drift before.csv after.csv --output drift.html');
    expect({ code, stderr, said: /✗ x +psi \d/.test(stdout) && /✓ zip/.test(stdout) }).toEqual({
      code: 1,
      stderr: '',
      said: true,
    });
    expect(readFileSync(path.join(folder, 'drift.html'), 'utf8')).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });

  test.each([
    ['a folder', 'days', ''],
    ['a pattern that no shell has expanded', 'days/2027-0?-*.csv', ''],
    ['a gzipped file', 'all.csv.gz', ''],
    ['standard input', '-', csv(60)],
    ['a profile', 'after.profile.gz', ''],
    ['a statistics.json', 'statistics.json', ''],
  ])('reads %s', async (_, place, stdin) => {
    file('days/2027-06-01.csv', csv(60));
    file('days/2027-06-02.csv', csv(60));
    file('days/readme.md', 'not data');
    file('all.csv.gz', gzipSync(csv(60)));
    await tidegate('profile after.csv --output after.profile.gz');
    await tidegate('profile after.csv --output statistics.json');
    const { code, stdout, stderr } = await runTidegate(['drift', 'before.csv', place, '--json'], {
      cwd: folder,
      stdin,
    });
    expect({ code, stderr, found: verdicts(stdout) }).toEqual({
      code: 1,
      stderr: '',
      found: { x: 'fail', zip: 'none' },
    });
  });

  test('types may be given, columns chosen, thresholds and the number of threads too', async () => {
    file('schema.json', '{"zip":"text"}');
    const { stdout } = await tidegate(
      'drift before.csv before.csv --schema schema.json --columns zip,x --threads 2 --measure ks --warn 0.9 --fail 0.95 --json',
    );
    const { features } = JSON.parse(stdout) as DriftReport;
    expect(
      features.map(({ name, kind, measure, fail, verdict }) => [name, kind, measure, fail, verdict]),
    ).toEqual([
      ['zip', 'categorical', 'total-variation', 0.95, 'none'],
      ['x', 'numeric', 'ks', 0.95, 'none'],
    ]);
    expect(features[0]!.current.labels).toContain('0500');
  });

  test('captured lists of features have all of the baseline’s, however few are compared', async () => {
    const lines = csv(60).trimEnd().split('\n').slice(1);
    const captured = lines.map((data) =>
      JSON.stringify({
        captureData: { endpointInput: { data, encoding: 'CSV' } },
        eventMetadata: { eventId: '1' },
      }),
    );
    file('captured.jsonl', `${captured.join('\n')}\n`);
    const { stdout, stderr } = await tidegate('drift before.csv captured.jsonl --columns x --json');
    expect({ stderr, found: verdicts(stdout) }).toEqual({ stderr: '', found: { x: 'fail' } });
  });

  test('windows of time are decided together, and a season is compared with its like', async () => {
    file('w/2027-06-01.csv', csv(60)); // a Tuesday
    file('w/2027-06-02.csv', csv(0));
    file('w/2027-06-08.csv', csv(60)); // the next
    const windows = ['w/2027-06-01.csv', 'w/2027-06-02.csv', 'w/2027-06-08.csv'];
    const decided = await tidegate(`drift before.csv ${windows.join(' ')} --windows`, '2 of 3');
    expect({ code: decided.code, last: decided.stdout.trimEnd().split('\n').at(-1) }).toEqual({
      code: 1,
      last: 'drift fail over 2 of 3 windows',
    });
    const likeLast = await tidegate('drift w w/2027-06-08.csv --season weekday --json');
    expect({ code: likeLast.code, rows: (JSON.parse(likeLast.stdout) as DriftReport).rows }).toEqual({
      code: 0,
      rows: { baseline: 2000, current: 2000 },
    });
    const none = await tidegate('drift w before.csv --season weekday');
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('before.csv names no day (2027-06-03)'),
    });
  });

  test('once labels are there, the model is compared with its evaluation too', async () => {
    const random = (row: number): number => (row * 0.618034) % 1;
    const label = (row: number): number => (random(row * 7) < 0.4 ? 1 : 0);
    const rows = (skill: number): string[] =>
      Array.from({ length: 3000 }, (_, row) => `${row},${skill * label(row) + (1 - skill) * random(row)}`);
    file('answers.csv', `eventId,prediction\n${rows(0.05).join('\n')}\n`);
    file('baseline.csv', `eventId,prediction\n${rows(0.4).join('\n')}\n`);
    file(
      'truth.csv',
      `eventId,label\n${Array.from({ length: 2900 }, (_, row) => `${row},${label(row)}`).join('\n')}\n`,
    );
    file(
      'evaluation.csv',
      `prediction,label\n${rows(0.4)
        .map((line, row) => `${line.split(',')[1]!},${label(row)}`)
        .join('\n')}\n`,
    );
    const { code, stdout } = await tidegate(
      'drift baseline.csv answers.csv --columns prediction --output with-labels.html --labels truth.csv --evaluation evaluation.csv',
    );
    expect({ code, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      code: 1,
      last: expect.stringMatching(
        /^performance fail: roc-auc .* 2,900 of 3,000 answers have labels \(100 without a label\)$/,
      ),
    });
    expect(readFileSync(path.join(folder, 'with-labels.html'), 'utf8')).toContain('<h2 id="performance">');
  });

  test.each([
    [['none.csv', 'x*'], 1, 'there is nothing to read at none.csv, x*'],
    [['-', '-'], 2, 'standard input (-) is given twice, but can be read once'],
    [['before.csv', 'after.csv', '--threads', '0'], 2, '--threads 0 is not a whole number above 0'],
    [['before.csv', 'after.csv', '--measure', 'magic'], 2, '--measure magic is not one of psi, ks,'],
    [['before.csv', 'after.csv', '--windows', '3 of 2'], 2, '--windows "3 of 2" is not like "2 of 3"'],
    [
      ['before.csv', 'after.csv', '--season', 'moon'],
      2,
      '--season moon is not one of hour, weekday, hour-of-week',
    ],
    [['before.csv', 'after.csv', '--columns', 'y'], 1, 'the baseline has no feature "y"'],
    [['before.csv', 'after.csv', '--format', 'xml'], 2, '--format xml is not one of csv, jsonl, parquet,'],
    [['before.csv', 'after.csv', '--labels', 'truth.csv'], 2, '--labels and --evaluation are given together'],
    [['empty.csv', 'after.csv'], 1, 'empty.csv: the baseline has no rows'],
    [
      ['before.csv', 'after.csv', '--schema', 'typo.json'],
      1,
      'the schema gives a type to zpi; the columns are: x, zip',
    ],
  ])('%j is refused', async (args, code, message) => {
    file('empty.csv', 'x,zip\n');
    file('typo.json', '{"zpi":"text"}');
    expect(await tidegate('drift', ...args)).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('profile', () => {
  test('days are profiled one by one, and merged later as if they had been read together', async () => {
    file('a.csv', csv(0));
    file('b.csv', csv(60));
    for (const day of ['a', 'b']) await tidegate(`profile ${day}.csv --output ${day}.profile.gz`);
    await tidegate('profile [ab].profile.gz --output merged.json');
    await tidegate('profile a.csv b.csv --output together.json');
    const [merged, together] = ['merged', 'together'].map((name) =>
      readFileSync(path.join(folder, `${name}.json`), 'utf8'),
    );
    expect(merged).toBe(together);
    expect(JSON.parse(gunzipSync(readFileSync(path.join(folder, 'a.profile.gz'))).toString())).toMatchObject({
      format: 'tidegate-profile',
      rows: 2000,
    });
  });

  test('says what is known of each column, wrong values too, and refuses another ending', async () => {
    file('mixed.csv', 'age,origin\n31,DEN\nx,LAX\n,DEN\n40,\n');
    file('types.json', '{"age":"integer"}');
    const { stdout } = await tidegate('profile mixed.csv --schema types.json');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['4 rows, 2 columns'],
      ['column', 'type', 'missing', 'wrong', 'distinct', 'mean', 'deviation', 'least', 'median', 'most'],
      ['age', 'Integral', '25.0 %', '25.0 %', '2', '35.5', '4.5', '31', '31', '40'],
      ['origin', 'String', '25.0 %', '0', '2', 'DEN 2, LAX 1'],
      [''],
    ]);
    await tidegate('profile mixed.csv --output mixed.profile.gz');
    expect(await tidegate('profile *.profile.gz --output mixed.profile.gz')).toMatchObject({
      code: 1,
      stderr:
        'Error: mixed.profile.gz is read and written: a second run would count it twice, so write elsewhere\n',
    });
    expect(await tidegate('profile mixed.csv --output x.bin')).toMatchObject({
      code: 2,
      stderr: 'Error: --output x.bin ends neither in .profile.gz nor, for a statistics.json, in .json\n',
    });
  });
});

describe('evaluate', () => {
  const predictions = (skill: number): string =>
    Array.from({ length: 600 }, (_, row) => {
      const label = row % 3 === 0;
      return `${label},${((label ? skill : 0) + (row % 37)) / 100},${row % 2 === 0 ? 'DEN' : 'LAX'}\n`;
    }).join('');
  beforeAll(() => {
    file('good.csv', `late,p,origin\n${predictions(30)}`);
    file('bad.csv', `late,p,origin\n${predictions(5)}`);
  });
  const named = '--label late --prediction p';

  test('prints each metric with its interval and the paired difference, and slices', async () => {
    const { code, stdout } = await tidegate(
      `evaluate good.csv --baseline bad.csv --metric roc-auc --slice origin ${named}`,
    );
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: 0,
      lines: [
        '600 rows, intervals of 95 %',
        expect.stringMatching(
          /^roc-auc +0\.\d+ \(0\.\d+ … 0\.\d+\) +\+0\.\d+ \(\+0\.\d+ … \+0\.\d+\) against the baseline's 0\.\d+$/,
        ),
        '',
        'origin DEN: 300 rows',
        expect.stringMatching(/^ {2}roc-auc +0\.\d+ \(0\.\d+ … 0\.\d+\) /),
        '',
        'origin LAX: 300 rows',
        expect.stringMatching(/^ {2}roc-auc +0\.\d+ \(0\.\d+ … 0\.\d+\) /),
        '',
      ],
    });
  });

  test('as JSON it is complete, as a page it is one file', async () => {
    const { stdout } = await tidegate(`evaluate good.csv --slice origin ${named} --json --output e.html`);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 600,
      positives: 200,
      confidence: 0.95,
      metrics: ['roc-auc', 'log-loss', 'accuracy', 'brier'].map((metric) => ({
        metric,
        candidate: { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) },
        baseline: null,
        difference: null,
      })),
      slices: [
        { by: 'origin', slice: 'DEN', rows: 300 },
        { by: 'origin', slice: 'LAX', rows: 300 },
      ],
      curves: { candidate: { roc: expect.any(Array), calibration: expect.any(Array) }, baseline: null },
    } satisfies Partial<Record<keyof Evaluation, unknown>>);
    const page = readFileSync(path.join(folder, 'e.html'), 'utf8');
    expect(page).toContain('<h1>roc-auc 0.');
    expect(page).not.toMatch(/https?:\/\/|<script|NaN|undefined/);
  });

  test.each([
    [
      ['good.csv', '--baseline', 'short.csv'],
      1,
      'short.csv does not hold the same labels in the same order, so the models cannot be paired',
    ],
    [['good.csv', '--metric', 'magic'], 2, '--metric magic is not one of roc-auc,'],
    [['good.csv', '--slice', 'none'], 1, 'there is no column "none"; the columns are: late, p, origin'],
    [['text.csv'], 1, 'text.csv, row 2, column "p": needs a finite number, found "x"'],
    [['good.csv', '--confidence', '95'], 1, 'confidence is 95; a number between 0 and 1 is needed'],
  ])('%j is refused', async (args, code, message) => {
    file('short.csv', 'late,p\ntrue,0.5\n');
    file('text.csv', 'late,p\ntrue,0.5\nfalse,x\n');
    expect(await tidegate(`evaluate ${named}`, ...args)).toMatchObject({
      code,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('in S3', () => {
  let aws: LocalAws;
  beforeAll(async () => {
    aws = await startLocalAws();
    Object.assign(process.env, aws.environment);
    const stored = objects(connect());
    await stored.ensureBucket('acme');
    await stored.upload('s3://acme/days/a.csv', { bytes: Buffer.from(csv(60)) });
    await stored.upload('s3://acme/days/b.csv.gz', { bytes: gzipSync(csv(60)) });
    await stored.upload('s3://acme/days/_SUCCESS', { bytes: new Uint8Array(0) });
    await stored.upload('s3://acme/flights/3m.parquet', { file: flights });
  });
  afterAll(async () => await aws.close());

  test('a prefix and a pattern are read like a folder', async () => {
    for (const place of ['s3://acme/days', 's3://acme/days/*.csv*']) {
      const ran = await runTidegate(['drift', 'before.csv', place, '--json'], {
        cwd: folder,
        env: aws.environment,
      });
      expect({
        place,
        code: ran.code,
        stderr: ran.stderr,
        rows: (JSON.parse(ran.stdout) as DriftReport).rows,
      }).toEqual({
        place,
        code: 1,
        stderr: '',
        rows: { baseline: 2000, current: 4000 },
      });
    }
    const none = await runTidegate(['drift', 'before.csv', 's3://acme/none/'], {
      cwd: folder,
      env: aws.environment,
    });
    expect(none).toMatchObject({ code: 1, stderr: 'Error: there is nothing to read at s3://acme/none/\n' });
  });

  test('of Parquet only the chunks of the columns asked for are fetched', async () => {
    const place = (await placesOf(['s3://acme/flights/']))[0]![0]!;
    const progress = newProgress();
    const profile = await profileSources([place.source], { columns: ['delay'], progress });
    expect({ rows: profile.rows, columns: profile.columns.map(({ name }) => name) }).toEqual({
      rows: 3_000_000,
      columns: ['delay'],
    });
    const { bytes } = progressOf(progress);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(place.bytes! / 3);
  });
});

describe('long work', () => {
  test('says in a terminal how far it is, and nothing where there is none', async () => {
    const { output, code } = await runInTerminal(
      ['drift', 'before.csv', 'before.csv'],
      { text: 'never', keys: '' },
      { cwd: folder, env: { TERM: 'xterm' } },
    );
    expect(code).toBe(0);
    expect(output).toMatch(/reading before\.csv: .* of 15\.\d kB, \d[\d,]* rows/);
    expect(readingLine('a.parquet', { bytes: 1.2e9, rows: 12_345_678 }, 3.4e9, 2)).toBe(
      'reading a.parquet: 1.2 GB of 3.4 GB, 12,345,678 rows, 600 MB/s',
    );
    expect(readingLine('standard input', { bytes: 999, rows: 1 }, Number.NaN, 0)).toBe(
      'reading standard input: 999 B, 1 rows',
    );
  });

  test('ends at Ctrl-C with 130, a clean line, and no half-written file', async () => {
    const { code, output } = await runInTerminal(
      ['profile', '-', '--output', 'never.profile.gz'],
      { text: 'reading', keys: '\u0003' },
      { cwd: folder, env: { TERM: 'xterm' } },
    );
    expect(code).toBe(130);
    expect(output.endsWith('\r\u001B[2K')).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([]);
  });
});
