import type { ImageConfig } from './config.ts';
import type { FetchedManifest, ImageManifest } from './manifest.ts';
import { readBlob } from './registry/blobs.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';

/** What stands at the destination already: the image that the tag names now. */
export type Previous = { found: FetchedManifest; manifest: ImageManifest; config: ImageConfig };

/** Undefined where the tag is free or names something that is not an image. */
export async function findPrevious(
  registry: Registry,
  repository: string,
  tag: string,
): Promise<Previous | undefined> {
  const found = await findManifest(registry, repository, tag);
  if (found?.kind !== 'image') return undefined;
  const { manifest } = found;
  const config = JSON.parse(
    (await readBlob(registry, repository, manifest.config.digest)).toString(),
  ) as ImageConfig;
  return { found, manifest, config };
}

/** The layer of the earlier image that unpacks to the same bytes: it need not be packed or sent again. */
export function findLayer(previous: Previous | undefined, diffId: string) {
  const at = previous?.config.rootfs?.diff_ids.indexOf(diffId) ?? -1;
  return at === -1 ? undefined : previous?.manifest.layers[at];
}
