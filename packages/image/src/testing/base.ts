import { createHash } from 'node:crypto';
import { fileEntry } from '../layers/file-tree.ts';
import { openLayer } from '../layers/layer.ts';
import { describeJson } from '../manifest.ts';
import { media } from '../media-types.ts';
import { putManifest } from '../registry/manifests.ts';
import type { Registry } from '../registry/registry.ts';
import { uploadBytes } from '../registry/upload.ts';

/** Pushes a small base image for linux/amd64, or another architecture, and returns its digest. */
export async function pushBase(
  registry: Registry,
  repository: string,
  {
    tag = '1',
    text = 'base',
    environment = ['PATH=/bin'],
    architecture = 'amd64',
  }: { tag?: string; text?: string; environment?: string[]; architecture?: string } = {},
): Promise<string> {
  const layer = openLayer({
    entries: [fileEntry('/etc/base', text)],
    compression: 'gzip',
    createdBy: 'base',
  });
  const chunks: Buffer[] = [];
  for await (const chunk of layer.chunks) chunks.push(chunk);
  const { digest, diffId, sizeBytes } = layer.digests();
  await uploadBytes(registry, repository, Promise.resolve({ bytes: Buffer.concat(chunks), digest }));
  const config = describeJson(
    {
      architecture,
      os: 'linux',
      config: { Env: environment, Cmd: ['/bin/sh'] },
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [{ created_by: 'base' }],
    },
    media.ociConfig,
  );
  await uploadBytes(
    registry,
    repository,
    Promise.resolve({ bytes: config.bytes, digest: config.descriptor.digest }),
  );
  const layers = [{ mediaType: `${media.ociLayer}+gzip`, digest, size: sizeBytes }];
  const manifest = { schemaVersion: 2, mediaType: media.ociManifest, config: config.descriptor, layers };
  const described = describeJson(manifest, media.ociManifest);
  await putManifest(registry, repository, tag, described);
  return described.descriptor.digest;
}

/** Bytes that do not compress and are the same in every run. */
export function noise(length: number, seed = 'noise'): Buffer {
  const blocks: Buffer[] = [];
  let block = createHash('sha512').update(seed).digest();
  for (let made = 0; made < length; made += block.length) {
    blocks.push(block);
    block = createHash('sha512').update(block).digest();
  }
  return Buffer.concat(blocks).subarray(0, length);
}
