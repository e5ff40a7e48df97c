import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerDefinition } from '@aws-sdk/client-sagemaker';
import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { ContainerError } from '../../runtime/container-error.ts';
import { unpack } from '../../runtime/unpack.ts';
import { objectExists, parseS3Uri, readObjectStream } from '../../s3/objects.ts';
import { modelDataUri } from './container-checks.ts';
import { HostingFailure } from './hosting-failure.ts';

/**
 * The folder with the container's unpacked model, made once for each content and shared by all instances; nothing where
 * the container has no model data.
 * @throws HostingFailure in SageMaker's words for data that is gone, no archive, or not safe to unpack
 */
export async function modelFolder(world: World, container: ContainerDefinition): Promise<string | undefined> {
  const uri = modelDataUri(container);
  if (uri === undefined) return undefined;
  const { bucket, key } = parseS3Uri(uri);
  const object = objectExists(world, bucket, key);
  if (object === undefined) {
    throw new HostingFailure(
      `Failed to download model data for container "container_1" from URL: "${uri}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the model.`,
    );
  }
  const folder = join(world.directory, 'sagemaker', 'models', `${object.etag}-${object.size}`);
  const unpacking = perWorld(world, 'hosting.unpacking', () => new Map<string, Promise<void>>());
  let work = unpacking.get(folder);
  if (work === undefined) {
    work = existsSync(folder) ? Promise.resolve() : unpackTo(world, { bucket, key, uri }, folder);
    unpacking.set(folder, work);
    work.catch(() => unpacking.delete(folder));
  }
  await work;
  return folder;
}

/** Unpacked under another name first: a folder that is there is whole. */
async function unpackTo(world: World, object: { bucket: string; key: string; uri: string }, folder: string) {
  const stage = `${folder}.new`;
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  try {
    await unpack(readObjectStream(world, object.bucket, object.key), stage, object.uri);
    await rename(stage, folder);
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    if (!(error instanceof ContainerError)) throw error;
    throw new HostingFailure(
      `Failed to extract model data archive for container "container_1" from URL "${object.uri}". Please ensure that the object located at the URL is a valid tar.gz archive. (${error.message})`,
    );
  }
}
