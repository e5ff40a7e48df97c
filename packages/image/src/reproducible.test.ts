import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, opendirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import { baseImage } from './base.ts';
import { listFolder } from './layers/file-tree.ts';
import type { Registry } from './registry/registry.ts';
import { noise, pushBase } from './testing/base.ts';
import { connectTo, startLocalEcr } from './testing/registries.ts';
import type { TestRegistry } from './testing/registries.ts';

/* The same input gives the same image, over 100 builds and on two machines that list their files in other orders. */

let registry: TestRegistry;
let client: Registry & Disposable;
const folders: string[] = [];
// Its order is that of creation, backwards; a disk's is that of hashes which differ from disk to disk.
const memory = '/dev/shm';

beforeAll(async () => {
  registry = await startLocalEcr();
  client = connectTo(registry);
  for (const repository of ['base', 'model']) await registry.create(repository);
  await pushBase(client, 'base');
});
afterAll(async () => {
  client?.close();
  await registry?.[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test('100 builds of the same files on two machines make one image', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `file-${noise(4, String(index)).toString('hex')}`);
  const places = existsSync(memory) ? [tmpdir(), memory] : [tmpdir(), tmpdir()];
  const machines = [machine(places[0] ?? '', names), machine(places[1] ?? '', names.toReversed())];
  if (existsSync(memory)) {
    const [one, other] = machines.map((folder) => asTheDiskHasThem(path.join(folder, 'code')));
    expect(one).not.toEqual(other);
    expect(one?.toSorted()).toEqual(other?.toSorted());
  }
  const digests = new Set<string>();
  for (let build = 0; build < 100; build++) digests.add(await buildImage(machines[build % 2] ?? ''));
  expect(digests.size).toBe(1);
});

function asTheDiskHasThem(folder: string): string[] {
  using listing = opendirSync(folder);
  const names: string[] = [];
  for (let entry = listing.readSync(); entry; entry = listing.readSync()) names.push(entry.name);
  return names;
}

/** Without a tag there is no earlier build to take anything from: all of it is made anew. */
async function buildImage(folder: string): Promise<string> {
  const image = await appendToImage({
    base: baseImage(
      client,
      { registry: 'example.com', repository: 'base', tag: '1' },
      { os: 'linux', architecture: 'amd64' },
    ),
    to: { registry: client, repository: 'model', tags: [] },
    layers: [
      { entries: listFolder(path.join(folder, 'code'), '/code'), compression: 'gzip', createdBy: 'code' },
      { entries: listFolder(path.join(folder, 'more'), '/more'), compression: 'zstd', createdBy: 'more' },
      { entries: listFolder(path.join(folder, 'weights'), '/w'), compression: 'none', createdBy: 'weights' },
    ],
    edits: { environment: { B: '2', A: '1' }, labels: { team: 'flights' }, entrypoint: ['/code/run'] },
  });
  expect(image.reused).toBe(false);
  return image.digest;
}

/** The same content, written in an order of its own and at a time of its own. */
function machine(place: string, names: readonly string[]): string {
  const folder = mkdtempSync(path.join(place, 'tidegate-machine-'));
  folders.push(folder);
  for (const kind of ['code', 'more', 'weights']) {
    mkdirSync(path.join(folder, kind));
    for (const name of names) {
      const file = path.join(folder, kind, name);
      const text = createHash('sha256').update(`${kind}/${name}`).digest('hex');
      writeFileSync(file, kind === 'weights' ? noise(20_000, name) : text.repeat(50));
      utimesSync(file, folders.length, folders.length);
    }
  }
  return folder;
}
