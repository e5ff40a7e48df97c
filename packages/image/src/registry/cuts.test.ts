import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256 } from '../manifest.ts';
import { noise, pushBase } from '../testing/base.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from '../testing/registries.ts';
import type { TestRegistry } from '../testing/registries.ts';
import { readBlob, streamBlob } from './blobs.ts';
import { findManifest } from './manifests.ts';
import { uploadBytes, uploadStream } from './upload.ts';

/* Connections that are cut at any byte. Node's own buffers end at 16 and 64 kB, our pieces here at 7,000. */

const size = 150_001;
const bytes = noise(size, 'cuts');
const digest = sha256(bytes);
const edges = [0, 1, 2, 3, 511, 512, 6999, 7000, 7001, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537];
const anywhere = Array.from({ length: 20 }, (_, index) => noise(4, `offset ${index}`).readUInt32LE(0) % size);
const offsets = [...edges, ...anywhere, size - 7000, size - 2, size - 1, size];
const kinds = [
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
];

describe.each(kinds)('to and from $name', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;
  let registry: TestRegistry;

  beforeAll(async () => {
    if (!isThere) return;
    registry = await start();
    await Promise.all(['streams', 'blobs', 'downloads'].map((name) => registry.create(name)));
  });
  afterAll(async () => registry?.[Symbol.asyncDispose]());

  check.each(['PATCH', 'PUT'])('an upload whose %s is cut at any byte arrives whole', async (cutMethod) => {
    for (const afterBytes of offsets) {
      let seen = 0;
      await using proxy = await startFaultProxy(registry.url, ({ method }) =>
        method === cutMethod && ++seen === 1 ? { kind: 'cut-request', afterBytes } : undefined,
      );
      using client = connectTo(registry, proxy.url);
      // Other bytes each time, so that each really has to be sent.
      const its = Buffer.concat([bytes, Buffer.from(`${cutMethod} ${afterBytes}`)]);
      const itsDigest = sha256(its);
      if (cutMethod === 'PATCH') await uploadStream(client, 'streams', sourceOf(its, itsDigest));
      else await uploadBytes(client, 'blobs', Promise.resolve({ bytes: its, digest: itsDigest }));
      const repository = cutMethod === 'PATCH' ? 'streams' : 'blobs';
      expect((await readBlob(client, repository, itsDigest)).equals(its)).toBe(true);
    }
  });

  check('a download that is cut at any byte, twice, arrives whole', async () => {
    using direct = connectTo(registry);
    await uploadBytes(direct, 'downloads', Promise.resolve({ bytes, digest }));
    for (const afterBytes of offsets) {
      await using proxy = await startFaultProxy(registry.url, (_, count) =>
        count <= 2 ? { kind: 'cut-answer', afterBytes } : undefined,
      );
      using client = connectTo(registry, proxy.url);
      const hash = createHash('sha256');
      for await (const chunk of streamBlob(client, 'downloads', { digest, size })) hash.update(chunk);
      expect(`sha256:${hash.digest('hex')}`).toBe(digest);
    }
  });

  check('a manifest whose answer is cut at any byte is read again', async () => {
    using direct = connectTo(registry);
    await registry.create('cut-manifest');
    const its = await pushBase(direct, 'cut-manifest');
    const whole = await findManifest(direct, 'cut-manifest', its);
    let afterBytes = 0;
    await using proxy = await startFaultProxy(registry.url, (_, count) =>
      count % 2 === 1 ? { kind: 'cut-answer', afterBytes } : undefined,
    );
    using client = connectTo(registry, proxy.url);
    for (; afterBytes < (whole?.bytes.length ?? 0); afterBytes++)
      expect(await findManifest(client, 'cut-manifest', '1')).toEqual(whole);
    expect(afterBytes).toBeGreaterThan(200);
  });
});

function sourceOf(whole: Buffer, itsDigest: string) {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < whole.length; at += 7000) yield whole.subarray(at, at + 7000);
  }
  return { sizeBytes: whole.length, open: () => ({ chunks: pieces(), digest: () => itsDigest }) };
}
