import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contenders } from './image/contenders.ts';
import type { Contender, Run } from './image/contenders.ts';
import { startDelay, startRegistry } from './image/registry.ts';
import { report } from './image/report.ts';
import type { Case } from './image/report.ts';
import { bundleOurs, makeCode, makeWeights, pushBase } from './image/stage.ts';

/**
 * What it takes to put code, and weights, on a large base image: ours beside crane, buildah, and the least that hashing
 * and sending can take. `npm run bench -- image [--base-gb 4] [--runs 7] [--storage memory|disk]
 * [--crane FILE] [--write]`
 */
export async function bench(args: readonly string[]): Promise<void> {
  const option = (name: string, otherwise: string) =>
    args[args.indexOf(`--${name}`) + 1 || args.length] ?? otherwise;
  const baseGb = Number(option('base-gb', '4'));
  const runs = Number(option('runs', '7'));
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-bench-'));
  try {
    // The base, and what the largest case pushes.
    await using registry = await startRegistry(
      baseGb * 1e9 + 3e9,
      option('storage', 'memory') === 'disk' ? 'disk' : 'memory',
    );
    await using far = await startDelay(registry.port, 50);
    console.log(`pushing a base of ${baseGb} GB`);
    const stage = {
      folder,
      ours: await bundleOurs(folder),
      near: `127.0.0.1:${registry.port}`,
      far: `127.0.0.1:${far.port}`,
      weights: makeWeights(folder, 256_000_000),
    };
    await pushBase(stage.near, baseGb);
    const peers = await contenders(stage, option('crane', 'crane'));
    const cases: Case[] = [
      {
        name: '300 files, 5 MB of code, registry at 0 ms',
        at: stage.near,
        weights: false,
        peers: ['tidegate', 'crane'],
      },
      {
        name: 'the same behind a 50 ms round trip',
        at: stage.far,
        weights: false,
        peers: ['tidegate', 'crane'],
      },
      {
        name: 'the same plus 256 MB of float32 weights, 0 ms',
        at: stage.near,
        weights: true,
        peers: ['tidegate', 'crane', 'floor'],
      },
      {
        name: 'rebuilt, nothing changed, 0 ms',
        at: stage.near,
        weights: false,
        peers: ['tidegate again', 'node alone'],
      },
      {
        name: 'rebuilt with the weights, nothing changed, 0 ms',
        at: stage.near,
        weights: true,
        peers: ['tidegate again'],
      },
      {
        name: 'with the weights and a cold base, 0 ms',
        at: stage.near,
        weights: true,
        peers: ['buildah'],
        runs: 1,
      },
    ].map((each) => ({ ...each, results: new Map() }));
    for (let run = 0; run < runs; run++) {
      for (const each of cases) {
        if (run >= (each.runs ?? runs)) continue;
        // Other code every time, so that nobody finds it there already.
        const code = makeCode(folder, `${run}-${cases.indexOf(each)}`);
        const weights = each.weights ? freshWeights(stage.weights, run, cases.indexOf(each)) : undefined;
        for (const [index, name] of rotate(each.peers, run).entries()) {
          const contender = peers.find((peer) => peer.name === name);
          if (!contender) continue;
          const to = `${each.at}/run-${run}-${cases.indexOf(each)}-${index}:1`;
          const began = Date.now();
          await measure(
            contender,
            { base: `${each.at}/base:1`, to, code, ...(weights && { weights }) },
            each,
          );
          registry.forgetSince(began);
        }
      }
    }
    const { storage } = registry;
    await report(cases, { baseGb, runs, peers, storage, write: args.includes('--write') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(contender: Contender, run: Run, { name, results }: Case): Promise<void> {
  await contender.prepare?.(run);
  const started = performance.now();
  const facts = await contender.push(run);
  const seconds = (performance.now() - started) / 1000;
  results.set(contender.name, [...(results.get(contender.name) ?? []), { seconds, ...facts }]);
  console.log(`${name}: ${contender.name} ${seconds.toFixed(3)} s ${facts ? JSON.stringify(facts) : ''}`);
}

/** Every contender is first, second and third as often as the others. */
function rotate<T>(all: readonly T[], by: number): T[] {
  return all.map((_, index) => all[(index + by) % all.length]).filter((each) => each !== undefined);
}

/** The same weights with another beginning: nobody can skip what was sent before. */
function freshWeights(weights: string, run: number, index: number): string {
  const marker = path.join(weights, 'a-marker.bin');
  mkdirSync(weights, { recursive: true });
  writeFileSync(marker, Buffer.alloc(64, `${run}-${index} `));
  return weights;
}
