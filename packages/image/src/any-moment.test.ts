import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import type { Appended } from './append.ts';
import { baseImage } from './base.ts';
import { fileEntry } from './layers/file-tree.ts';
import type { FileLayer } from './layers/layer.ts';
import { readBlob } from './registry/blobs.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';
import { noise, pushBase } from './testing/base.ts';
import { startFaultProxy } from './testing/fault-proxy.ts';
import type { Fault } from './testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from './testing/registries.ts';
import type { TestRegistry } from './testing/registries.ts';

/* A push whose every request meets every fault, once or for good: the same image comes of it, or none. */

const kinds = [
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
];
const faults: [string, Fault][] = [
  ['429', { kind: 'answer', status: 429, headers: { 'retry-after': '0' } }],
  ['500', { kind: 'answer', status: 500 }],
  ['a cut before the first byte', { kind: 'cut-request', afterBytes: 0 }],
  ['a cut within the body', { kind: 'cut-request', afterBytes: 100 }],
  ['an answer that is lost', { kind: 'lose-answer' }],
];

describe.each(kinds)('against $name', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;
  let registry: TestRegistry;
  let direct: Registry & Disposable;
  let whole: Appended;
  let requests = 0;

  beforeAll(async () => {
    if (!isThere) return;
    registry = await start();
    direct = connectTo(registry);
    await registry.create('base');
    await pushBase(direct, 'base');
    const before = direct.requests;
    whole = await push(direct, 'undisturbed');
    requests = direct.requests - before;
  });
  afterAll(async () => {
    direct?.close();
    await registry?.[Symbol.asyncDispose]();
  });

  check.each(faults)('%s, at any request, makes no difference', async (what, fault) => {
    await atEachRequest(async (at) => {
      await using proxy = await startFaultProxy(registry.url, (_, count) =>
        count === at ? fault : undefined,
      );
      using client = connectTo(registry, proxy.url);
      const repository = nameOf('once', what, at);
      expect((await push(client, repository)).digest).toBe(whole.digest);
      expect(await isWhole(repository)).toBe(true);
    });
  });

  check.each(faults)('%s, from any request on, leaves no tag or a whole image', async (what, fault) => {
    await atEachRequest(async (at) => {
      await using proxy = await startFaultProxy(registry.url, (_, count) =>
        count >= at ? fault : undefined,
      );
      using client = connectTo(registry, proxy.url);
      const repository = nameOf('forever', what, at);
      await expect(push(client, repository)).rejects.toThrow();
      expect(await isWhole(repository)).not.toBe(false);
      expect((await push(direct, repository)).digest).toBe(whole.digest);
    });
  });

  /** All of them beside each other: what each waits for, the others do meanwhile. */
  async function atEachRequest(body: (at: number) => Promise<void>): Promise<void> {
    expect(requests).toBeGreaterThan(9);
    await Promise.all(Array.from({ length: requests }, (_, index) => body(index + 1)));
  }

  async function push(client: Registry, repository: string): Promise<Appended> {
    await registry.create(repository);
    return appendToImage({
      base: baseImage(client, { registry: 'example.com', repository: 'base', tag: '1' }, platform),
      to: { registry: client, repository, tags: ['v1'] },
      layers,
      edits: { entrypoint: ['/code/main.py'] },
    });
  }

  /** Whether all of the image that the tag names can be read, and is what it says; undefined where there is no tag. */
  async function isWhole(repository: string): Promise<boolean | undefined> {
    const found = await findManifest(direct, repository, 'v1');
    if (found?.kind !== 'image') return undefined;
    const parts = [found.manifest.config, ...found.manifest.layers];
    const read = await Promise.all(parts.map(({ digest }) => readBlob(direct, repository, digest)));
    return found.digest === whole.digest && read.length === 4;
  }
});

const platform = { os: 'linux', architecture: 'amd64' };
const layers: FileLayer[] = [
  { entries: [fileEntry('/code/main.py', 'print(1)\n', 0o755)], compression: 'gzip', createdBy: 'code' },
  { entries: [fileEntry('/weights/w.bin', noise(50_000))], compression: 'none', createdBy: 'weights' },
];

function nameOf(kind: string, what: string, at: number): string {
  return `${kind}-${what.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${at}`;
}
