import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { joinS3Uri, objects, type Aws } from '@tidegate/aws';
import type { SourceTree } from './read-tree.ts';
import { tarOf } from './tar.ts';

/** Packs a tree and uploads it under its own digest; a tree that is there already is neither packed nor uploaded. */
export async function storeSource(
  aws: Aws,
  tree: SourceTree,
  artifactsUri: string,
): Promise<{ uri: string; uploaded: boolean }> {
  const uri = joinS3Uri(artifactsUri, 'source', `${tree.digest}.tar.gz`);
  if (await objects(aws).find(uri)) return { uri, uploaded: false };
  await uploadPacked(aws, tree, uri);
  return { uri, uploaded: true };
}

/** Packs a tree into a temporary file, so that memory does not grow with it, and uploads that. */
export async function uploadPacked(aws: Aws, tree: SourceTree, uri: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-source-'));
  try {
    const file = path.join(folder, 'source.tar.gz');
    await pipeline(Readable.from(tarOf(tree)), createGzip(), createWriteStream(file));
    await objects(aws).upload(uri, { file }, 'application/gzip');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
