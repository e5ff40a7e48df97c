import type { World } from '../kernel/world.ts';
import { readFileSync } from 'node:fs';
import { blobFile } from './blobs.ts';
import { findImage } from './image-store.ts';
import { parseManifest } from './manifest.ts';
import type { Manifest, OciConfig } from './manifest.ts';

/** An image in this registry by its URI, `<account>.dkr.ecr.<region>.amazonaws.com/<name>[:tag][@digest]`. */
export function resolveImage(
  world: World,
  uri: string,
): { repository: string; digest: string; manifest: Manifest; config: OciConfig } | undefined {
  const match =
    /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(uri);
  if (!match || match[1] !== world.account) return undefined;
  const [, , repository = '', tag = 'latest', digest] = match;
  let image = findImage(world, repository, digest ?? tag);
  let manifest = image && requireParsed(readFileSync(blobFile(world, image.digest)));
  // An index stands for the platform that this machine would run.
  const child = manifest?.kind === 'index' ? chooseForHost(manifest) : undefined;
  if (child) {
    image = findImage(world, repository, child);
    manifest = image && requireParsed(readFileSync(blobFile(world, image.digest)));
  }
  if (!image || manifest?.kind !== 'image') return undefined;
  const config = JSON.parse(readFileSync(blobFile(world, manifest.config.digest), 'utf8')) as OciConfig;
  return { repository, digest: image.digest, manifest, config };
}

function chooseForHost(index: Manifest): string | undefined {
  const wanted = process.arch === 'x64' ? 'amd64' : process.arch;
  const images = index.parts.filter(({ platform }) => platform?.os !== 'unknown');
  return (images.find(({ platform }) => platform?.architecture === wanted) ?? images[0])?.digest;
}

function requireParsed(bytes: Buffer): Manifest {
  const manifest = parseManifest(bytes, undefined);
  if (typeof manifest === 'string') throw new Error(`kept manifest cannot be read: ${manifest}`);
  return manifest;
}
