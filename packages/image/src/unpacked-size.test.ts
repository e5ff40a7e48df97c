import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { Place } from './copy-blobs.ts';
import { baseImage } from './base.ts';
import { fileEntry } from './layers/file-tree.ts';
import { tarSize } from './layers/tar-header.ts';
import { sha256 } from './manifest.ts';
import { uploadBytes } from './registry/upload.ts';
import { noise, pushBase } from './testing/base.ts';
import { startFaultProxy } from './testing/fault-proxy.ts';
import { connectTo, startLocalEcr } from './testing/registries.ts';
import { unpackedSize, unpackedSizeWith } from './unpacked-size.ts';

const oci = 'application/vnd.oci.image.layer.v1.tar';
const docker = 'application/vnd.docker.image.rootfs.diff.tar';
const text = Buffer.from('print()\n'.repeat(100_000));

test.each<[string, Buffer, string, { atLeastBytes: number; unsaid: number }]>([
  ['gzip says it at its end', gzipSync(text), `${oci}+gzip`, { atLeastBytes: 800_000, unsaid: 0 }],
  ['Docker’s too', gzipSync(text), `${docker}.gzip`, { atLeastBytes: 800_000, unsaid: 0 }],
  ['a plain archive is what it is', text, oci, { atLeastBytes: 800_000, unsaid: 0 }],
  [
    'of zstd no more is known than what it takes packed',
    zstdCompressSync(noise(10_000)),
    `${oci}+zstd`,
    { atLeastBytes: expect.closeTo(10_000, -2) as unknown as number, unsaid: 1 },
  ],
  [
    'gzip of several members says only what its last one holds, which is seen to be too little',
    Buffer.concat([gzipSync(noise(10_000)), gzipSync('end')]),
    `${oci}+gzip`,
    { atLeastBytes: expect.closeTo(10_000, -2) as unknown as number, unsaid: 1 },
  ],
])('%s', async (_, bytes, mediaType, expected) => {
  await using ecr = await startLocalEcr();
  await ecr.create('model');
  using registry = connectTo(ecr);
  const layer = await put({ registry, repository: 'model' }, bytes, mediaType);
  expect(await unpackedSize({ registry, repository: 'model' }, [layer])).toEqual(expected);
  expect(registry.receivedBytes).toBe(0);
});

test.each(['cut-answer', 'answer'] as const)(
  'where the end of a layer cannot be had (%s), it is one that does not say',
  async (kind) => {
    await using ecr = await startLocalEcr();
    await ecr.create('model');
    using direct = connectTo(ecr);
    const layer = await put({ registry: direct, repository: 'model' }, gzipSync(text), `${oci}+gzip`);
    await using proxy = await startFaultProxy(ecr.url, () =>
      kind === 'answer' ? { kind, status: 200, body: 'all of it' } : { kind, afterBytes: 2 },
    );
    using registry = connectTo(ecr, proxy.url);
    const found = await unpackedSize({ registry, repository: 'model' }, [layer]);
    expect(found).toEqual({ atLeastBytes: Math.floor(layer.size * 0.999), unsaid: 1 });
  },
);

test('a base and layers of ours, one of them packed before, are counted together', async () => {
  await using ecr = await startLocalEcr();
  await ecr.create('model');
  using registry = connectTo(ecr);
  const place = { registry, repository: 'model' };
  await pushBase(registry, 'model');
  const { digest, size } = await put(place, gzipSync(text), `${oci}+gzip`);
  const base = baseImage(
    registry,
    { registry: ecr.host, repository: 'model', tag: '1' },
    { os: 'linux', architecture: 'amd64' },
  );
  const code = { entries: [fileEntry('/code', 'x')], compression: 'gzip', createdBy: 'code' } as const;
  const digests = { digest, diffId: sha256(text), sizeBytes: size };
  const packed = { digests, mediaType: `${oci}+gzip`, createdBy: 'packages' };
  expect(await unpackedSizeWith(base, place, [code, packed])).toEqual({
    atLeastBytes: tarSize([fileEntry('/etc/base', 'base')]) + tarSize(code.entries) + 800_000,
    unsaid: 0,
  });
});

async function put({ registry, repository }: Place, bytes: Buffer, mediaType: string) {
  const digest = sha256(bytes);
  await uploadBytes(registry, repository, Promise.resolve({ bytes, digest }));
  return { mediaType, digest, size: bytes.length };
}
