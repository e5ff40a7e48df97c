import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { blobFile } from '../blobs.ts';
import { resolveImage } from '../resolve.ts';
import type { OciConfig } from '../manifest.ts';
import { unpackLayer } from './unpack-layer.ts';

export type Materialised = { rootfs: string; config: OciConfig; digest: string };

/**
 * An image of this registry as a folder of files, unpacked once per digest.
 * @throws Error where the image is not here; BadArchive where one of its layers cannot be read.
 */
export async function materialiseImage(world: World, uri: string): Promise<Materialised> {
  const image = resolveImage(world, uri);
  if (image?.manifest.kind !== 'image') throw new Error(`image ${uri} is not in the local registry`);
  const { digest, config, manifest } = image;
  const unpacking = perWorld(world, 'ecr-rootfs', () => new Map<string, Promise<string>>());
  const layers = manifest.layers.map((layer) => ({
    file: blobFile(world, layer.digest),
    type: layer.mediaType,
  }));
  let rootfs = unpacking.get(digest);
  if (!rootfs) {
    rootfs = unpack(path.join(world.directory, 'ecr', 'rootfs'), digest.slice('sha256:'.length), layers);
    unpacking.set(digest, rootfs);
    // What failed once is tried again by the next that asks.
    rootfs.catch(() => unpacking.delete(digest));
  }
  return { rootfs: await rootfs, config, digest };
}

async function unpack(
  folder: string,
  hex: string,
  layers: { file: string; type: string }[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  // Links are rewritten to lead below this very path, so it must be the final one: a finished tree is known by its mark.
  const root = path.join(await realpath(folder), hex);
  const mark = `${root}.complete`;
  if (existsSync(mark)) return root;
  await rm(root, { recursive: true, force: true });
  await mkdir(root);
  for (const { file, type } of layers) await unpackLayer(file, type, root);
  const temporary = `${mark}.${randomUUID()}`;
  await mkdir(temporary);
  await rename(temporary, mark);
  return root;
}
