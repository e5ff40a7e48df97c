import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../../kernel/world.ts';
import { AwsError } from '../../kernel/errors.ts';
import { filesBelow, packTo } from '../../runtime/pack.ts';
import { parseS3Uri, writeObject } from '../../s3/objects.ts';

/** Results that cannot be put where they should go. The text follows `ClientError: `. */
export class UploadFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UploadFailed';
  }
}

/** A file as it was when it was uploaded last, by its path. */
export type Uploaded = Map<string, string>;

/**
 * Uploads the files below a folder to `<uri>/<path>`. Links are left out, as SageMaker leaves them out.
 * @param uploaded what was uploaded before: unchanged files are passed over, and the map is brought up to date
 * @throws UploadFailed
 */
export async function uploadFolder(
  world: World,
  folder: string,
  uri: string,
  uploaded: Uploaded = new Map(),
): Promise<void> {
  const { bucket, key } = parseS3Uri(uri);
  const prefix = key === '' ? '' : `${key.replace(/\/+$/, '')}/`;
  for (const path of await filesBelow(folder)) {
    const file = join(folder, path);
    // A program may delete a file while it is being looked at.
    const now = await stat(file).catch(() => undefined);
    if (now === undefined) continue;
    const version = `${now.mtimeMs}:${now.size}`;
    if (uploaded.get(path) === version) continue;
    await put(world, bucket, `${prefix}${path}`, file);
    uploaded.set(path, version);
  }
}

/** Uploads what is below `folders` as one `tar.gz` object. @throws UploadFailed */
export async function uploadArchive(
  world: World,
  folders: string[],
  uri: string,
  scratchParent: string,
): Promise<void> {
  const { bucket, key } = parseS3Uri(uri);
  const scratch = await mkdtemp(join(scratchParent, 'upload-'));
  try {
    const file = join(scratch, 'archive.tar.gz');
    await packTo(file, folders);
    await put(world, bucket, key, file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function put(world: World, bucket: string, key: string, file: string) {
  try {
    await writeObject(world, bucket, key, { file });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new UploadFailed(
      `Artifact upload failed:Error 7: ${error.code} (${error.status}): ${error.message}`,
      { cause: error },
    );
  }
}
