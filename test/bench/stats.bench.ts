import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus, homedir, loadavg, release, type } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { canaryRows } from './stats/canary.ts';
import { falseAlarms } from './stats/false-alarms.ts';
import { powerCurves } from './stats/power.ts';
import { startContender, type Contender, type Run } from './stats/contender.ts';

const HERE = path.join(import.meta.dirname, 'stats');
const ROOT = path.resolve(import.meta.dirname, '../..');
const CACHE = path.join(homedir(), '.cache/tidegate-bench');
const DATA = path.join(CACHE, 'stats-data');
const DUCKDB = '@duckdb/node-api@1.5.5-r.5';
const PYTHON = ['evidently==0.7.23', 'nannyml==0.13.1', 'pyarrow==26.0.1', 'scikit-learn==1.9.1'];
const NUMBERS = [
  'normal',
  'moved',
  'uniform',
  'exponential',
  'lognormal',
  'seconds',
  'cents',
  'share',
  'cauchy',
  'mixed',
];
const TEXTS = ['weekday', 'origin', 'destination', 'carrier', 'tail', 'user', 'request', 'session'];

/** One contender's part in a case. */
type Entry = { name: string; contender: Contender; task: object; runs?: number };
type Case = { title: string; entries: Entry[]; agree?: (answers: Map<string, unknown>) => void };
type Measured = {
  name: string;
  seconds: number;
  least: number;
  most: number;
  cpu: number;
  runs: number;
  answer: unknown;
};

const REPLAYS = 10_000;

/**
 * Measures drift, capture, comparison and canary beside their peers; `--write` puts the tables into docs/benchmarks/stats.md, `--runs n` sets how
 * often each is timed (7), `--slow` also runs the peers that take minutes, `--sequential` only replays the sequential tests, with no peer.
 */
export async function bench(args: readonly string[] = []): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      write: { type: 'boolean' },
      runs: { type: 'string' },
      slow: { type: 'boolean' },
      sequential: { type: 'boolean' },
    },
  });
  if (values.sequential) {
    for (const section of sequential()) console.log(`${section()}\n`);
    return;
  }
  prepare();
  const runs = Number(values.runs ?? 7);
  const ours = startContender(process.execPath, [path.join(HERE, 'ours.ts')]);
  const duckdb = startContender(process.execPath, [
    path.join(HERE, 'duckdb.ts'),
    path.join(CACHE, 'duckdb'),
    '2',
  ]);
  const python = startContender(path.join(CACHE, 'python/bin/python'), [path.join(HERE, 'peers.py')]);
  const sections: string[] = [];
  try {
    for (const each of cases(ours, duckdb, python, values.slow ?? false)) {
      const measured = await measure(each, runs);
      sections.push(section(each.title, measured));
      console.log(`${sections.at(-1)}\n`);
    }
  } finally {
    for (const contender of [ours, duckdb, python]) contender.close();
  }
  sections.push(await memory());
  console.log(`${sections.at(-1)}\n`);
  for (const section of sequential()) {
    sections.push(section());
    console.log(`${sections.at(-1)}\n`);
  }
  if (values.write) writeFileSync(path.join(ROOT, 'docs/benchmarks/stats.md'), page(sections, runs));
}

function file(name: string): string {
  return path.join(DATA, name);
}

function cases(ours: Contender, duckdb: Contender, python: Contender, slow: boolean): Case[] {
  const drift = (title: string, baseline: string, current: string, kind: 'numbers' | 'texts'): Case => ({
    title,
    entries: [
      ...[2, 1].map((threads) => ({
        name: `Tidegate, ${threads} thread${threads > 1 ? 's' : ''}`,
        contender: ours,
        task: { do: 'drift', baseline: file(baseline), files: [file(current)], threads },
      })),
      {
        name: 'DuckDB, 2 threads',
        contender: duckdb,
        task: {
          do: kind,
          baseline: file(baseline),
          current: file(current),
          columns: kind === 'numbers' ? NUMBERS : TEXTS,
        },
      },
      ...(slow && current === 'numbers-snappy.parquet' ? pythonEntries(python, baseline, current) : []),
      {
        name: 'floor: reading the bytes',
        contender: ours,
        task: { do: 'read', files: [file(current)], threads: 1 },
      },
      // Tables of texts are JavaScript strings: no floor, but a cost that the profile does not have.
      ...(kind === 'texts'
        ? []
        : [
            {
              name: 'floor: decoding into tables',
              contender: ours,
              task: { do: 'decode', files: [file(current)], threads: 1 },
            },
          ]),
    ],
    agree: sameStability,
  });
  const capture = (kind: string): Case => ({
    title: `SageMaker capture lines with ${kind} payloads, 10 features, 500,000 records`,
    entries: [
      ...[2, 1].map((threads) => ({
        name: `Tidegate, ${threads} thread${threads > 1 ? 's' : ''}`,
        contender: ours,
        task: { do: 'profile', files: [file(`capture-${kind.toLowerCase()}.jsonl`)], threads },
      })),
      ...(['parse', 'read'] as const).map((reading) => ({
        name: reading === 'parse' ? 'JSON.parse, sums only' : 'floor: reading the bytes',
        contender: ours,
        task: { do: reading, files: [file(`capture-${kind.toLowerCase()}.jsonl`)], threads: 1 },
      })),
    ],
  });
  return [
    drift(
      'Drift report, 10 float columns × 5 million rows, Parquet with Snappy',
      'numbers-baseline.parquet',
      'numbers-snappy.parquet',
      'numbers',
    ),
    drift('The same with Zstandard', 'numbers-baseline.parquet', 'numbers-zstd.parquet', 'numbers'),
    drift(
      'Drift report, 8 columns of texts × 5 million rows',
      'texts-baseline.parquet',
      'texts.parquet',
      'texts',
    ),
    drift(
      'Drift report, CSV of 10 columns × 2 million rows',
      'numbers-baseline.csv',
      'numbers.csv',
      'numbers',
    ),
    capture('CSV'),
    capture('JSON'),
    {
      title: 'Paired bootstrap of the AUC, 1 million rows (100 resamples; scikit-learn 5)',
      entries: [
        {
          name: 'Tidegate, 100 resamples',
          contender: ours,
          task: { do: 'auc', rows: 1_000_000, resamples: 100 },
          runs: 3,
        },
        {
          name: 'scikit-learn in a loop, 5 resamples',
          contender: python,
          task: { do: 'auc', rows: 1_000_000, resamples: 5 },
          runs: 3,
        },
      ],
      agree: (answers) => {
        const differences = [...answers.values()].map(
          (answer) => (answer as { difference: number }).difference,
        );
        if (Math.abs(differences[0]! - differences[1]!) > 1e-9)
          throw new Error(`AUCs differ: ${differences.join(' ')}`);
      },
    },
  ];
}

function pythonEntries(python: Contender, baseline: string, current: string): Entry[] {
  const task = { baseline: file(baseline), current: file(current) };
  return [
    { name: 'Evidently, default preset', contender: python, task: { do: 'evidently', ...task }, runs: 1 },
    { name: 'Evidently, PSI', contender: python, task: { do: 'evidently', psi: true, ...task }, runs: 1 },
    { name: 'NannyML, Jensen–Shannon', contender: python, task: { do: 'nannyml', ...task }, runs: 1 },
  ];
}

/** Both must see the same drift: the edges of the bins differ a little, so the index does too. */
function sameStability(answers: Map<string, unknown>): void {
  const [ours, theirs] = ['Tidegate, 2 threads', 'DuckDB, 2 threads'].map(
    (name) => answers.get(name) as Record<string, number>,
  );
  for (const [name, value] of Object.entries(ours!)) {
    const other = theirs![name]!;
    if (Math.abs(value - other) > 0.005 + 0.01 * other)
      throw new Error(`the PSI of ${name} is ${value} here and ${other} in DuckDB`);
  }
}

/** Everyone once to warm up, then everyone in turn, another first each time. */
async function measure({ entries, agree }: Case, runs: number): Promise<Measured[]> {
  const found = new Map<string, Run[]>(entries.map(({ name }) => [name, []]));
  for (let round = -1; round < runs; round++) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + Math.max(0, round)) % entries.length]!;
      if (round >= (entry.runs ?? runs) || (round < 0 && entry.runs === 1)) continue;
      const run = await entry.contender.run(entry.task);
      if (round >= 0) found.get(entry.name)!.push(run);
    }
  }
  agree?.(new Map([...found].map(([name, own]) => [name, own[0]!.answer])));
  return [...found].map(([name, own]) => {
    const seconds = own.map(({ milliseconds }) => milliseconds / 1000).sort((a, b) => a - b);
    const cpu = own.map(({ cpuMilliseconds }) => cpuMilliseconds / 1000).sort((a, b) => a - b);
    const middle = Math.floor(own.length / 2);
    return {
      name,
      seconds: seconds[middle]!,
      least: seconds[0]!,
      most: seconds.at(-1)!,
      cpu: cpu[middle]!,
      runs: own.length,
      answer: own[0]!.answer,
    };
  });
}

function section(title: string, measured: readonly Measured[]): string {
  const [first] = measured;
  const rows = measured.map(({ name, seconds, least, most, cpu, runs }) => {
    const times = seconds / first!.seconds;
    const ofCpu = cpu / first!.cpu;
    return `| ${name} | ${seconds.toFixed(3)} | ${least.toFixed(3)}–${most.toFixed(3)} | ${times.toFixed(2)}× | ${cpu.toFixed(3)} | ${ofCpu.toFixed(2)}× | ${runs} |`;
  });
  return `## ${title}\n\n| contender | median s | fastest–slowest | of Tidegate | processor s | of Tidegate | runs |\n| --- | --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

/** Peak memory of a fresh process each: ten times the rows, the same memory. */
async function memory(): Promise<string> {
  const rows: string[] = [];
  for (const times of [1, 10]) {
    const fresh = startContender(process.execPath, [path.join(HERE, 'ours.ts')]);
    const files = Array.from({ length: times }, () => file('numbers-snappy.parquet'));
    const { answer } = await fresh.run({ do: 'profile', files, threads: 2 });
    fresh.close();
    const { rows: many, peakMegabytes } = answer as { rows: number; peakMegabytes: number };
    rows.push(`| ${(many / 1e6).toFixed(0)} million | ${peakMegabytes.toFixed(0)} MB |`);
  }
  return `## Peak memory of the whole process, 2 threads\n\n| rows of 10 columns | peak resident set |\n| --- | --- |\n${rows.join('\n')}`;
}

function sequential(): (() => string)[] {
  return [
    canary,
    () => falseAlarms(REPLAYS),
    () => `## Requests until a test decides about what is worse\n\n${powerCurves(REPLAYS / 10)}`,
  ];
}

function canary(): string {
  const { rows, limit, mean, falseAlarms: alarms } = canaryRows(REPLAYS);
  const lines = rows.map((row) => `| ${row.name} | ${row.requests} | ${row.rejected} | ${row.falseAlarms} |`);
  return `## Requests until a canary with 5 % errors is rejected, where 1 % is fine (α = 0.05, 10,000 replays)

The information limit log(1/α)/KL is ${limit.toFixed(1)} requests; Tidegate's mean is ${(mean / limit).toFixed(2)} times that, and ${(alarms * 100).toFixed(1)} % of fine canaries are ever
rejected within 10,000 requests. The tools decide by time: their documented settings are replayed at one request a second to the canary.

| decision by | requests needed | rejected at 5 % | rejected at 1 % |
| --- | --- | --- | --- |
${lines.join('\n')}`;
}

function prepare(): void {
  mkdirSync(DATA, { recursive: true });
  const python = path.join(CACHE, 'python/bin/python');
  if (!existsSync(path.join(CACHE, 'duckdb/node_modules'))) {
    execFileSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--prefix', path.join(CACHE, 'duckdb'), DUCKDB],
      { stdio: 'inherit' },
    );
  }
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', path.join(CACHE, 'python')], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...PYTHON], { stdio: 'inherit' });
  }
  if (!existsSync(file('capture-json.jsonl')) || statSync(file('capture-json.jsonl')).size === 0) {
    execFileSync(python, [path.join(HERE, 'data.py'), DATA], { stdio: 'inherit' });
  }
}

function page(sections: readonly string[], runs: number): string {
  const [processor] = cpus();
  const load = loadavg()[0]!.toFixed(1);
  return `# Statistics, measured

Made by \`npm run bench -- stats --write --slow\`: all contenders beside each other on the same files, each in a process of its own, interleaved and in
turn first, after a round to warm up; medians of ${runs} runs or as many as it says. Answers are compared: the same PSI within 0.005, the same AUC to
nine digits. Processor time adds up all threads, and says what the clock does not when other work shares the machine.

* ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${DUCKDB}, ${PYTHON.join(', ')}
* ${cpus().length} processors (${processor?.model.trim() ?? ''}), ${type()} ${release()}, load average ${load} at the end

${sections.join('\n\n')}
`;
}
