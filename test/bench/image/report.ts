import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import type { Contender, Facts } from './contenders.ts';
import type { Storage } from './registry.ts';

export type Result = { seconds: number } & Facts;

export type Case = {
  name: string;
  /** Host and port of the registry, or of the line to it. */
  at: string;
  weights: boolean;
  peers: string[];
  /** Fewer than the others, for what takes minutes. */
  runs?: number;
  results: Map<string, Result[]>;
};

type About = {
  baseGb: number;
  runs: number;
  peers: readonly Contender[];
  storage: Storage;
  write: boolean;
};

/** Prints the table, and writes it to docs/benchmarks/image.md if that is wished. */
export async function report(cases: readonly Case[], about: About): Promise<void> {
  const text = render(cases, about);
  console.log(`\n${text}`);
  if (!about.write) return;
  const folder = path.resolve(import.meta.dirname, '..', '..', '..', 'docs', 'benchmarks');
  mkdirSync(folder, { recursive: true });
  const { format, resolveConfig } = await import('prettier');
  const file = path.join(folder, 'image.md');
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

function render(cases: readonly Case[], { baseGb, runs, peers, storage }: About): string {
  const rows = cases.flatMap(({ name, peers: named, results }) =>
    named.map((peer) => `| ${name} | ${peer} | ${summary(results.get(peer))} |`),
  );
  const commands = peers.map(({ name, command, version }) => `| ${name} | \`${command}\` | ${version} |`);
  return `# Putting layers on a large base image

Made by \`npm run bench -- image --write\`: all contenders beside each other against one \`docker-registry\` on loopback, interleaved and in
turn first, medians of ${runs} runs (of one where it says so), on a base of ${baseGb} GB in four layers that do not compress. The registry keeps
its files ${storage === 'memory' ? 'in memory (/dev/shm), so that the tools are compared and not the disk' : 'on this machine’s disk, which all contenders share'}; what they read, and what buildah keeps, is on the disk.

| case | contender | median s | fastest–slowest |
| --- | --- | --- | --- |
${rows.join('\n')}

${goals(cases)}

What bounds these: starting Node takes ${seconds(start(cases))} here, which crane does not have; it is most of what code alone costs beside
the registry's own writes. Behind a round trip it is the chain connect – base and tag – upload session and base's config – blobs – manifest,
five round trips, each needing the one before. With weights it is one pass of SHA-256 over them, which the floor has too; rebuilt with
weights it is that pass alone. All of them share ${cpus().length} cores with the registry, and with whatever else the machine did (see the load average).

## Machine and commands

${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, load average ${loadavg()[0]?.toFixed(1)} at the end;
registry: ${execFileSync('docker-registry', ['--version'], { encoding: 'utf8' }).trim()}.

| contender | command | version |
| --- | --- | --- |
${commands.join('\n')}
`;
}

function goals(cases: readonly Case[]): string {
  const [code, far, weights, again, againWeights, cold] = cases;
  const facts = (each: Case | undefined, peer: string, name: string) =>
    Math.max(...(each?.results.get(peer) ?? []).map((result) => Number(result[name] ?? 0)));
  const ratio = (one: number | undefined, other: number | undefined) =>
    one && other ? `${(one / other).toFixed(2)}×` : 'not measured';
  const of = (each: Case | undefined, peer: string) =>
    median(each?.results.get(peer)?.map(({ seconds }) => seconds));
  return `| figure | goal | found |
| --- | --- | --- |
| code at 0 ms, of crane | ≤ 1.0× | ${ratio(of(code, 'tidegate'), of(code, 'crane'))} |
| code behind 50 ms, of crane | ≤ 0.35× | ${ratio(of(far, 'tidegate'), of(far, 'crane'))} |
| with weights, of crane | ≤ 0.33× | ${ratio(of(weights, 'tidegate'), of(weights, 'crane'))} |
| with weights, of the floor | ≤ 1.25× | ${ratio(of(weights, 'tidegate'), of(weights, 'floor'))} |
| with weights, of buildah with a cold base | ≤ 0.025× | ${ratio(of(weights, 'tidegate'), of(cold, 'buildah'))} |
| rebuilt: requests | ≤ 3 | ${facts(again, 'tidegate again', 'requests')} |
| rebuilt: beyond the start of Node | ≤ 0.15 s | ${((of(again, 'tidegate again') ?? NaN) - (start(cases) ?? 0)).toFixed(3)} s; with weights ${((of(againWeights, 'tidegate again') ?? NaN) - (start(cases) ?? 0)).toFixed(3)} s |
| rebuilt: bytes sent | 0 | ${facts(again, 'tidegate again', 'pushedBytes')} |
| bytes read from the registry | < 40 KB | ${facts(weights, 'tidegate', 'receivedBytes')} |
| bytes written to disk | 0 | ${facts(weights, 'tidegate', 'diskWrittenBytes')} |
| peak memory of the whole process | ≤ 200 MB over Node's own (about 45 MB) | ${facts(weights, 'tidegate', 'peakMemoryMb')} MB |`;
}

function start(cases: readonly Case[]): number | undefined {
  return median(
    cases.flatMap(({ results }) => results.get('node alone') ?? []).map((result) => result.seconds),
  );
}

function seconds(value: number | undefined): string {
  return value === undefined ? 'some time' : `${value.toFixed(3)} s`;
}

function summary(results: readonly Result[] | undefined): string {
  const all = results?.map((result) => result.seconds) ?? [];
  const middle = median(all);
  if (middle === undefined) return 'not on this machine | ';
  const single = all.length === 1 ? ' (one run)' : '';
  return `${middle.toFixed(3)}${single} | ${Math.min(...all).toFixed(3)}–${Math.max(...all).toFixed(3)}`;
}

function median(values: readonly number[] | undefined): number | undefined {
  const sorted = [...(values ?? [])].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
