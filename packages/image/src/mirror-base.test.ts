import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import { baseImage } from './base.ts';
import type { Place } from './copy-blobs.ts';
import { fileEntry } from './layers/file-tree.ts';
import { findMirrored, mirrorBase } from './mirror-base.ts';
import type { Progress } from './progress.ts';
import { pushIndex } from './push-index.ts';
import { findManifest } from './registry/manifests.ts';
import { openRegistry } from './registry/registry.ts';
import type { Registry } from './registry/registry.ts';
import { pushBase } from './testing/base.ts';
import { startFaultProxy } from './testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from './testing/registries.ts';
import type { TestRegistry } from './testing/registries.ts';

const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture })) as [
  { os: string; architecture: string },
  { os: string; architecture: string },
];
const kinds = [
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
];

describe.each(kinds)('in $name', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;
  let registry: TestRegistry;
  let origin: TestRegistry;
  let client: Registry & Disposable;

  beforeAll(async () => {
    if (!isThere) return;
    [registry, origin] = await Promise.all([start(), startLocalEcr()]);
    client = connectTo(registry);
    await Promise.all(['elsewhere', 'single'].map((name) => origin.create(name)));
  });
  afterAll(async () => {
    client?.close();
    await registry?.[Symbol.asyncDispose]();
    await origin?.[Symbol.asyncDispose]();
  });

  check('a copy of one platform stands in for a base whose registry is gone', async () => {
    const place = await mirrorAt('gone');
    const other = await startLocalEcr();
    await other.create('elsewhere');
    const { reference, digest } = await pushTwoPlatforms(other);
    const from = connectTo(other);
    await mirrorBase(baseImage(from, reference, amd64), place);
    from.close();
    await other[Symbol.asyncDispose]();

    const base = await findMirrored(place, { reference, platform: amd64 }, digest);
    if (!base) throw new Error('there is no copy');
    await registry.create('model');
    const told: Progress[] = [];
    const image = await appendToImage({
      base,
      to: { registry: client, repository: 'model', tags: ['v1'] },
      layers: [{ entries: [fileEntry('/code', 'x')], compression: 'gzip', createdBy: 'code' }],
      edits: {},
      onProgress: (progress) => void told.push(progress),
    });
    const { config } = await base.image();
    expect(config.architecture).toBe('amd64');
    expect(told.filter(({ of }) => of.startsWith('base ')).map(({ state }) => state)).toEqual(['mounted']);
    expect(await labelsOf('model', image.digest)).toMatchObject({
      'org.opencontainers.image.base.digest': digest,
      'org.opencontainers.image.base.name': `${reference.registry}/elsewhere:1`,
    });
    // Nothing of the other platform was copied.
    expect(await findMirrored(place, { reference, platform: arm64 }, digest)).toBeUndefined();
  });

  check('an image without an index is copied as it is, and a copy is made once', async () => {
    const place = await mirrorAt('single');
    using from = connectTo(origin);
    const digest = await pushBase(from, 'single');
    const reference = { registry: origin.host, repository: 'single', tag: '1', digest };
    const base = baseImage(from, reference, amd64);
    const told: string[] = [];
    await mirrorBase(base, place, ({ state }) => void told.push(state));
    await mirrorBase(base, place, ({ state }) => void told.push(state));
    expect(told.filter((state) => state !== 'sending')).toEqual(['sent', 'sent', 'there', 'there']);
    const kept = await findMirrored(place, { reference, platform: amd64 }, digest);
    expect((await kept?.manifests())?.image.digest).toBe(digest);
  });

  check('whatever request is the last one, the next build finds a whole copy or none', async () => {
    using from = connectTo(origin);
    const { reference, digest } = await pushTwoPlatforms(origin);
    let made = Infinity;
    for (let last = 0; last < made; last++) {
      const place = await mirrorAt(`killed-${last}`);
      const killed = new AbortController();
      await using proxy = await startFaultProxy(registry.url, (_, count) => {
        if (count > last) killed.abort(new Error('killed'));
        return undefined;
      });
      const access = { url: proxy.url, authorization: () => Promise.resolve(registry.authorization) };
      const cut = openRegistry(access, { signal: killed.signal });
      const base = baseImage(from, reference, amd64);
      const making = mirrorBase(base, { ...place, registry: cut });
      const isWhole = await making.then(
        () => true,
        () => false,
      );
      cut.close();
      if (isWhole) made = last;
      const wanted = { reference, platform: amd64 };
      const found = await findMirrored(place, wanted, digest);
      // Found, it is whole: its layers can be read by whoever pulls it.
      if (found) expect((await found.image()).config.architecture).toBe('amd64');
      const again = found ?? (await mirrorBase(base, place));
      expect([await again.digest(), (await again.manifests()).image.digest]).toEqual([
        digest,
        (await base.manifests()).image.digest,
      ]);
    }
    expect(made).toBeGreaterThan(5);
  });

  check('two builds that copy the same base beside each other both have it', async () => {
    const place = await mirrorAt('beside');
    using from = connectTo(origin);
    const { reference, digest } = await pushTwoPlatforms(origin);
    const copies = [amd64, arm64, amd64].map((platform) =>
      mirrorBase(baseImage(from, reference, platform), place),
    );
    await Promise.all(copies);
    const found = await Promise.all(
      [amd64, arm64].map((platform) => findMirrored(place, { reference, platform }, digest)),
    );
    expect(found.map((base) => base?.platform)).toEqual([amd64, arm64]);
  });

  check('a mirror that hands out another index is found out', async () => {
    const place = await mirrorAt('lies');
    using from = connectTo(origin);
    const { reference, digest } = await pushTwoPlatforms(origin);
    await mirrorBase(baseImage(from, reference, amd64), place);
    await using proxy = await startFaultProxy(registry.url, ({ url }) =>
      url?.includes(`/blobs/${digest}`)
        ? { kind: 'lie', change: (body) => Buffer.from(body.toString().replace('amd64', 'arm64')) }
        : undefined,
    );
    using lying = connectTo(registry, proxy.url);
    const wanted = { reference, platform: amd64 };
    await expect(findMirrored({ ...place, registry: lying }, wanted, digest)).rejects.toThrow(
      'it lies or is broken',
    );
  });

  check('a tag that cannot be put again, and names the copy already, is what was wanted', async () => {
    const place = await mirrorAt('immutable');
    using from = connectTo(origin);
    const { reference, digest } = await pushTwoPlatforms(origin);
    const base = baseImage(from, reference, amd64);
    await mirrorBase(base, place);
    // As ECR answers where tags are immutable, even for the same bytes.
    await using proxy = await startFaultProxy(registry.url, ({ method, url }) =>
      method === 'PUT' && url?.includes('/manifests/tidegate-base-')
        ? { kind: 'answer', status: 400, body: '{"errors":[{"code":"TAG_INVALID","message":"immutable"}]}' }
        : undefined,
    );
    using refusing = connectTo(registry, proxy.url);
    const again = await mirrorBase(base, { ...place, registry: refusing });
    expect(await again.digest()).toBe(digest);
    const elsewhere = await mirrorAt('immutable-and-empty');
    await expect(mirrorBase(base, { ...elsewhere, registry: refusing })).rejects.toThrow('TAG_INVALID');
  });

  async function mirrorAt(repository: string): Promise<Place> {
    await registry.create(repository);
    return { registry: client, repository };
  }

  async function labelsOf(repository: string, digest: string): Promise<unknown> {
    const found = await findManifest(client, repository, digest);
    if (found?.kind !== 'image') throw new Error('not an image');
    const place = `blobs/${found.manifest.config.digest}`;
    const { body } = await client.send({ method: 'GET', repository, path: place });
    return (JSON.parse(body.toString()) as { config: { Labels: unknown } }).config.Labels;
  }
});

/** An index of an image for amd64 and one for arm64. */
async function pushTwoPlatforms(origin: TestRegistry) {
  using client = connectTo(origin);
  const images = [];
  for (const platform of [amd64, arm64]) {
    const { architecture } = platform;
    const digest = await pushBase(client, 'elsewhere', {
      tag: architecture,
      architecture,
      text: architecture,
    });
    const found = await findManifest(client, 'elsewhere', digest);
    if (!found) throw new Error('it was pushed');
    images.push({ digest, mediaType: found.mediaType, manifestBytes: found.bytes.length, platform });
  }
  const digest = await pushIndex({ registry: client, repository: 'elsewhere' }, images, ['1']);
  return { digest, reference: { registry: origin.host, repository: 'elsewhere', tag: '1' } };
}
