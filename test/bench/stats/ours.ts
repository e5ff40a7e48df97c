import { createReadStream, readFileSync } from 'node:fs';
import { compare, drift, profileFiles, scan, type Profile } from '@tidegate/stats';
import { answerTasks, timed, type Run } from './contender.ts';
import { models } from './models.ts';

export type Task =
  | { do: 'drift'; baseline: string; files: string[]; threads: number }
  | { do: 'profile' | 'decode' | 'read' | 'parse'; files: string[]; threads: number }
  | { do: 'auc'; rows: number; resamples: number };

const baselines = new Map<string, Profile>();

async function known(file: string): Promise<Profile> {
  const found = baselines.get(file) ?? (await profileFiles([file], { distinct: false }));
  baselines.set(file, found);
  return found;
}

async function work(task: Task): Promise<Run> {
  if (task.do === 'drift') {
    const baseline = await known(task.baseline);
    return timed(async () => {
      const current = await profileFiles(task.files, {
        threads: task.threads,
        distinct: false,
        like: baseline,
      });
      return Object.fromEntries(drift(baseline, current).features.map(({ name, value }) => [name, value]));
    });
  }
  if (task.do === 'auc') {
    const rows = models(task.rows);
    return timed(async () => {
      const { difference, low, high } = compare(rows, 'roc-auc', { resamples: task.resamples });
      return { difference, low, high };
    });
  }
  return timed(() => readings[task.do](task.files, task.threads));
}

const readings: Record<
  'profile' | 'decode' | 'read' | 'parse',
  (files: string[], threads: number) => Promise<unknown>
> = {
  async profile(files, threads) {
    const { rows } = await profileFiles(files, { threads, distinct: false });
    return { rows, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
  },
  async decode(files) {
    let rows = 0;
    for (const file of files) for await (const table of scan({ file })) rows += table.rows;
    return { rows };
  },
  async read(files) {
    let bytes = 0;
    for (const file of files) {
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
      }
    }
    return { bytes };
  },
  parse: async (files) => ({ rows: parseLines(files[0]!) }),
};

/** What most programs do with captured lines: the line, then the payload, then each feature. */
function parseLines(file: string): number {
  const sums = new Map<string, number>();
  let rows = 0;
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    if (line === '') continue;
    const { captureData: data } = JSON.parse(line) as {
      captureData: { endpointInput: { data: string; encoding: string } };
    };
    const { data: text, encoding } = data.endpointInput;
    const features =
      encoding === 'CSV'
        ? text.split(',').map(Number)
        : (JSON.parse(text) as { instances: Record<string, number>[] }).instances[0]!;
    for (const [name, value] of Object.entries(features))
      sums.set(name, (sums.get(name) ?? 0) + (value || 0));
    rows++;
  }
  return rows;
}

await answerTasks(work);
