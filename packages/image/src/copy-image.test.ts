import { expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import { baseImage } from './base.ts';
import { copyImage } from './copy-image.ts';
import { fileEntry } from './layers/file-tree.ts';
import { parsePlatform } from './platform.ts';
import { pushIndex } from './push-index.ts';
import { findManifest } from './registry/manifests.ts';
import { openRegistry } from './registry/registry.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from './testing/registries.ts';

const check = has('docker-registry') ? test : test.skip;
const platforms = ['linux/amd64', 'linux/arm64'].map(parsePlatform);

check('an index of images for two platforms is made, and copied whole to another registry', async () => {
  await using ecr = await startLocalEcr();
  await using other = await startDockerRegistry();
  await ecr.create('model');
  using from = connectTo(ecr);
  using to = connectTo(other);
  const mirror = openRegistry({ url: ecr.url, mirrorOf: 'docker.io' });
  const reference = { registry: 'docker.io', repository: 'library/python', tag: '3.12' };
  const images = await Promise.all(
    platforms.map(async (platform) => {
      const base = baseImage(mirror, reference, platform);
      const layers = [
        { entries: [fileEntry('/code', 'x')], compression: 'gzip', createdBy: 'code' } as const,
      ];
      const image = await appendToImage({
        base,
        to: { registry: from, repository: 'model', tags: [] },
        layers,
        edits: {},
      });
      return { ...image, platform };
    }),
  );
  mirror.close();
  const digest = await pushIndex({ registry: from, repository: 'model' }, images, ['v1']);
  const places = [
    { registry: from, repository: 'model' },
    { registry: to, repository: 'copy' },
  ] as const;
  const copied = await copyImage(places[0], 'v1', places[1], { tags: ['v1'] });
  expect(copied).toEqual({ digest, sentBytes: expect.any(Number) });
  expect(copied.sentBytes).toBeGreaterThan(0);
  const found = await findManifest(to, 'copy', 'v1');
  expect(found?.kind === 'index' && found.index.manifests).toEqual(
    images.map(({ platform, mediaType, manifestBytes, ...image }) => ({
      mediaType,
      digest: image.digest,
      size: manifestBytes,
      platform,
    })),
  );
  for (const image of images)
    expect((await findManifest(to, 'copy', image.digest))?.digest).toBe(image.digest);
  expect(await copyImage(places[0], 'v1', places[1], { tags: ['v1'] })).toEqual({ digest, sentBytes: 0 });
});
