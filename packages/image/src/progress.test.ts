import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import { baseImage } from './base.ts';
import { copyImage } from './copy-image.ts';
import { fileEntry, listFolder } from './layers/file-tree.ts';
import type { FileLayer } from './layers/layer.ts';
import { tarSize } from './layers/tar-header.ts';
import type { Progress } from './progress.ts';
import type { Registry } from './registry/registry.ts';
import { noise, pushBase } from './testing/base.ts';
import { startFaultProxy } from './testing/fault-proxy.ts';
import { connectTo, startLocalEcr } from './testing/registries.ts';
import type { TestRegistry } from './testing/registries.ts';

const platform = { os: 'linux', architecture: 'amd64' };

test('each layer is told of while it moves and once when it is there, and a second time as there already', async () => {
  await using ecr = await startLocalEcr();
  using client = connectTo(ecr);
  await prepare(ecr, client);
  const layers = [code(), weights()];
  const first = await appended(client, ecr, layers);
  const changed = [code('print(2)\n'), layers[1] as FileLayer];
  const second = await appended(client, ecr, changed);
  expect(summaries(first.told)).toEqual({
    'base layer': 'mounted, 0 bytes',
    code: expect.stringMatching(/^sent, \d+ bytes$/),
    weights: `sent, ${tarSize(weights().entries)} bytes`,
  });
  expect(summaries(second.told)).toEqual({
    'base layer': 'there, 0 bytes',
    code: expect.stringMatching(/^sent, \d+ bytes$/),
    weights: 'there, 0 bytes',
  });
});

test('what is sent again after a cut, and from the beginning, is counted once', async () => {
  await using ecr = await startLocalEcr();
  using direct = connectTo(ecr);
  await prepare(ecr, direct);
  let patches = 0;
  await using proxy = await startFaultProxy(ecr.url, ({ method }) => {
    if (method !== 'PATCH') return undefined;
    patches += 1;
    if (patches === 1) return { kind: 'cut-request', afterBytes: 20_000_000 };
    return patches === 2 ? { kind: 'forget' } : undefined;
  });
  using client = connectTo(ecr, proxy.url);
  const { told, pushedBytes } = await appended(client, ecr, [weights()]);
  const ofWeights = told.filter(({ of }) => of === 'weights');
  const positions = ofWeights.map(({ sentBytes }) => sentBytes);
  const size = tarSize(weights().entries);
  expect(patches).toBe(3);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(ofWeights.at(-1)).toEqual({ of: 'weights', state: 'sent', sentBytes: size, totalBytes: size });
  // The configuration, which is told of nowhere, and the weights once.
  expect(pushedBytes - size).toBeLessThan(2000);
});

test('a copy counts all layers, however many are on their way beside each other', async () => {
  await using one = await startLocalEcr();
  await using other = await startLocalEcr();
  using from = connectTo(one);
  using to = connectTo(other);
  await prepare(one, from);
  await other.create('copy');
  const layers = Array.from({ length: 20 }, (_, index) => code(`print(${index})\n`));
  const image = await appended(from, one, layers);
  const told: Progress[] = [];
  const copied = await copyImage(
    { registry: from, repository: 'model' },
    image.digest,
    { registry: to, repository: 'copy' },
    { onProgress: (progress) => void told.push(progress) },
  );
  const sent = told.filter(({ state }) => state === 'sent');
  expect(copied.sentBytes).toBe(image.sizeBytes);
  expect(sent.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(image.sizeBytes);
  expect(sent.map(({ of }) => of.replace(/ .*/, '')).toSorted()).toEqual([
    'configuration',
    ...Array.from({ length: 21 }, () => 'layer'),
  ]);
});

async function prepare(ecr: TestRegistry, client: Registry): Promise<void> {
  for (const repository of ['base', 'model']) await ecr.create(repository);
  await pushBase(client, 'base');
}

async function appended(client: Registry, { host }: TestRegistry, layers: FileLayer[]) {
  const told: Progress[] = [];
  const image = await appendToImage({
    base: baseImage(client, { registry: host, repository: 'base', tag: '1' }, platform),
    to: { registry: client, repository: 'model', tags: ['v1'] },
    layers,
    edits: {},
    onProgress: (progress) => void told.push(progress),
  });
  return { ...image, told };
}

/** How each layer ended. */
function summaries(told: readonly Progress[]): Record<string, string> {
  const ended = told.filter(({ state }) => state !== 'sending');
  const names = ended.map(({ of }) => of.replace(/ [0-9a-f]{12}$/, ''));
  expect(new Set(names).size).toBe(names.length);
  return Object.fromEntries(
    ended.map(({ state, sentBytes }, index) => [names[index], `${state}, ${sentBytes} bytes`]),
  );
}

function code(text = 'print(1)\n'): FileLayer {
  return { entries: [fileEntry('/code/main.py', text)], compression: 'gzip', createdBy: 'code' };
}

let weightsFolder: string | undefined;
afterAll(() => {
  if (weightsFolder !== undefined) rmSync(weightsFolder, { recursive: true });
});

/** More than is held in memory, so that it is sent while it is read. */
function weights(): FileLayer {
  if (weightsFolder === undefined) {
    weightsFolder = mkdtempSync(path.join(tmpdir(), 'tidegate-weights-'));
    writeFileSync(path.join(weightsFolder, 'model.bin'), noise(40_000_000));
  }
  return { entries: listFolder(weightsFolder, '/weights'), compression: 'none', createdBy: 'weights' };
}
