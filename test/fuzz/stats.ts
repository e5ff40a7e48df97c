// Feeds the readers of packages/stats with what nobody would write: `node test/fuzz/stats.ts [--inputs 1000000] [--seed 1]`.
// Each input has to give a table or a UserError, within a second; anything else is shown with its seed, and ends the run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  metricsFromQuality,
  profile,
  profileFromStatistics,
  profileToStatistics,
  readJoined,
  readProfile,
  readTable,
  schemaFrom,
  writeProfile,
  type Format,
  type Statistics,
} from '@tidegate/stats';
import { referencePython } from '../../packages/stats/reference/python.ts';

type Random = (below: number) => number;
type Target = { name: string; samples: readonly Uint8Array[]; feed: (bytes: Uint8Array) => Promise<unknown> };

const { values } = parseArgs({ options: { inputs: { type: 'string' }, seed: { type: 'string' } } });
const inputs = Number(values.inputs ?? 1_000_000);
const firstSeed = Number(values.seed ?? 1);

function randomFrom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const DICTIONARY = [
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '{',
  '}',
  '[]',
  '\\u0000',
  '\\"',
  'NaN',
  'Infinity',
  '1e999',
  '-0',
  '9007199254740993',
  '\uFEFF',
  'null',
  '{"captureData":',
  '"endpointInput":',
  'PAR1',
].map((text) => Buffer.from(text));

/** Changes, removes, repeats and inserts bytes, a few times. */
function mutate(sample: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(sample);
  for (let change = random(2) * random(6); change >= 0; change--) {
    const at = random(bytes.length + 1);
    const rest = bytes.length - at;
    const kind = random(6);
    if (kind === 0 && rest > 0) bytes[at] = random(256);
    else if (kind === 1 && rest > 0) bytes[at]! ^= 1 << random(8);
    else if (kind === 2)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(Math.min(rest, 64) + 1))]);
    else if (kind === 3)
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        DICTIONARY[random(DICTIONARY.length)]!,
        bytes.subarray(at),
      ]);
    else if (kind === 4)
      bytes = Buffer.concat([bytes, bytes.subarray(at, at + random(Math.min(rest, 64) + 1))]);
    else bytes = bytes.subarray(0, at);
  }
  return bytes;
}

function reader(format: Format): (bytes: Uint8Array) => Promise<unknown> {
  return (bytes) => readTable({ bytes, name: 'fuzzed' }, { format });
}

async function targets(): Promise<Target[]> {
  const texts = (...samples: string[]): Uint8Array[] => samples.map((sample) => Buffer.from(sample));
  const side = (data: string, encoding: string): string =>
    `{"observedContentType":"x","mode":"INPUT","data":${JSON.stringify(data)},"encoding":"${encoding}"}`;
  const line = (input: string, output: string, encoding: string): string =>
    `{"captureData":{"endpointInput":${side(input, encoding)},"endpointOutput":${side(output, encoding)}},"eventMetadata":{"eventId":"1"},"eventVersion":"0"}\n`;
  const csv = texts(
    'a,b,c\n1,x,"he said ""hi"""\r\n2.5,,\n-1e3,NaN,"two\nlines"\n',
    'a\n1\n\n2\n',
    '\uFEFFx,y\n0.12345678901234567,é\n',
  );
  const small = profile(await readTable({ bytes: csv[0]! }, { format: 'csv' }));
  const found: Target[] = [
    { name: 'csv', samples: csv, feed: reader('csv') },
    {
      name: 'jsonl',
      samples: texts('{"a":1,"b":"x","c":true}\n{"a":null,"b":"\\u00e9"}\n', '{"a":-1.5e-7}'),
      feed: reader('jsonl'),
    },
    {
      name: 'capture',
      samples: texts(
        line(
          '{"instances":[{"a":1.5,"b":"DEN"},{"a":2,"b":"LAX"}]}',
          '{"predictions":[0.1,0.2]}',
          'JSON',
        ).repeat(3),
        line('1,2,DEN\n3,4,LAX', '0.1\n0.2', 'CSV').repeat(3),
        line(Buffer.from('1,2').toString('base64'), Buffer.from('3').toString('base64'), 'BASE64'),
      ),
      feed: reader('capture'),
    },
    {
      name: 'profile',
      samples: [writeProfile(small)],
      feed: async (bytes) => readProfile(bytes),
    },
    {
      name: 'ground truth',
      samples: texts(
        '{"groundTruthData":{"data":"1\\n0","encoding":"CSV"},"eventMetadata":{"eventId":"1"},"eventVersion":"0"}\n'.repeat(
          2,
        ),
        '{"eventId":"1","label":true}\n{"eventId":2,"label":0.5}\n',
      ),
      feed: async (bytes) => readJoined([], [{ bytes, name: 'fuzzed' }], { labels: { format: 'jsonl' } }),
    },
    {
      name: 'answers',
      samples: texts(line('{"a":1}', '{"predictions":[0.1,0.2]}', 'JSON').repeat(2), line('1', '0.5', 'CSV')),
      feed: async (bytes) => readJoined([{ bytes, name: 'fuzzed' }], [], { answers: { format: 'capture' } }),
    },
    {
      name: 'schema',
      samples: texts(
        '{"zip":"text","age":"integer"}',
        '{"features":[{"name":"a","inferred_type":"String"}]}',
      ),
      feed: async (bytes) => schemaFrom(parsed(bytes)),
    },
    {
      name: 'quality',
      samples: texts(
        JSON.stringify({ binary_classification_metrics: { auc: { value: 0.5, standard_deviation: 0.1 } } }),
      ),
      feed: async (bytes) => metricsFromQuality(parsed(bytes)),
    },
    {
      name: 'typed csv',
      samples: csv,
      feed: (bytes) =>
        readTable(
          { bytes, name: 'fuzzed' },
          { format: 'csv', schema: { a: 'text', b: 'boolean', c: 'integer', x: 'fractional' } },
        ),
    },
    {
      name: 'statistics',
      samples: texts(JSON.stringify(profileToStatistics(small))),
      feed: async (bytes) => profileFromStatistics(parsed(bytes)),
    },
  ];
  const parquet = await parquetSamples();
  if (parquet.length > 0) found.push({ name: 'parquet', samples: parquet, feed: reader('parquet') });
  return found;
}

/** What is no JSON is no test of what reads it. */
function parsed(bytes: Uint8Array): Statistics {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Statistics;
  } catch {
    return { version: 0, dataset: { item_count: 0 }, features: [] };
  }
}

async function parquetSamples(): Promise<Uint8Array[]> {
  const python = await referencePython();
  if (!python) {
    console.log('parquet is left out: no Python to write it');
    return [];
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));
  try {
    execFileSync(python, [
      path.join(import.meta.dirname, '../../packages/stats/reference/parquet.py'),
      folder,
    ]);
    const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
    return files
      .map((name) => readFileSync(path.join(folder, name)))
      .filter((bytes) => bytes.length < 60_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const all = await targets();
const refused: Record<string, number> = {};
const start = performance.now();
for (let i = 0; i < inputs; i++) {
  const seed = firstSeed + i;
  const random = randomFrom(seed);
  const target = all[i % all.length]!;
  const bytes = mutate(target.samples[random(target.samples.length)]!, random);
  const begun = performance.now();
  try {
    await target.feed(bytes);
  } catch (error) {
    if ((error as Error).name !== 'UserError') {
      console.error(`${target.name}, --seed ${seed}: ${(error as Error).stack}`);
      process.exit(1);
    }
    refused[target.name] = (refused[target.name] ?? 0) + 1;
  }
  const took = performance.now() - begun;
  if (took > 1000) console.error(`${target.name}, --seed ${seed}: took ${took.toFixed(0)} ms`);
  if (i % 50_000 === 49_999)
    console.log(`${i + 1} inputs, ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
console.log(`${inputs} inputs, refused: ${JSON.stringify(refused)}`);
