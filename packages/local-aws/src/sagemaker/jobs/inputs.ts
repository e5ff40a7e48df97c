import { constants } from 'node:fs';
import { copyFile, link, mkdir } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { AwsError } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { listObjects, objectFile, parseS3Uri, readObject } from '../../s3/objects.ts';

/** An S3 object, and the path it gets below the folder it is put into. */
export type InputObject = { bucket: string; key: string; path: string };

/** Data that is not there, or not as described: the user's to fix. The text follows `ClientError: `. */
export class MissingInput extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MissingInput';
  }
}

/**
 * The objects behind an S3 URI, in the order of their keys.
 * A prefix is one of strings, as S3 has it: `s3://b/data/2001` finds `data/2001/01.csv` (put at `01.csv`) and
 * `data/2001.csv` (put at `2001.csv`). A manifest is `[{"prefix": "s3://…/"}, "path", …]`.
 * @throws MissingInput for a manifest that cannot be read
 */
export async function inputObjects(world: World, type: string, uri: string): Promise<InputObject[]> {
  const { bucket, key } = parseS3Uri(uri);
  if (type === 'ManifestFile') return manifestObjects(world, uri);
  const prefixName = key.slice(key.lastIndexOf('/') + 1);
  return told(uri, () => listObjects(world, bucket, key))
    .filter((object) => !object.key.endsWith('/'))
    .map((object) => {
      const rest = object.key.slice(key.length);
      return { bucket, key: object.key, path: rest.startsWith('/') ? rest.slice(1) : `${prefixName}${rest}` };
    });
}

async function manifestObjects(world: World, uri: string): Promise<InputObject[]> {
  const { bucket, key } = parseS3Uri(uri);
  const text = await readObject(world, bucket, key).then(String, () => {
    throw new MissingInput(`the manifest ${uri} does not exist`);
  });
  try {
    const [first, ...paths] = JSON.parse(text) as [{ prefix: string }, ...string[]];
    const prefix = parseS3Uri(first.prefix);
    return paths.map((path) => ({ bucket: prefix.bucket, key: `${prefix.key}${path}`, path }));
  } catch {
    throw new MissingInput(
      `the manifest ${uri} is not of the form [{"prefix": "s3://bucket/prefix/"}, "path", …]`,
    );
  }
}

/** Of `ShardedByS3Key`, every instance gets its share of the keys; otherwise every instance gets all. */
export function shareOf(
  objects: InputObject[],
  distribution: string | undefined,
  host: number,
  hosts: number,
): InputObject[] {
  return distribution === 'ShardedByS3Key' ? objects.filter((_, index) => index % hosts === host) : objects;
}

/**
 * Puts objects into a folder. `File`: copies, which cost nothing where the file system can share blocks.
 * `FastFile`: links to S3's own files, since its contract is read-only.
 * @throws MissingInput for an object that is gone, or a key that would leave the folder
 */
export async function download(
  world: World,
  objects: InputObject[],
  folder: string,
  mode: 'File' | 'FastFile' = 'File',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { bucket, key, path } of objects) {
    const relative = normalize(path);
    if (relative.startsWith('..') || relative.startsWith('/'))
      throw new MissingInput(`the key "${key}" leaves the folder it is put into`);
    const target = join(folder, relative);
    const source = told(`s3://${bucket}/${key}`, () => objectFile(world, bucket, key));
    await mkdir(dirname(target), { recursive: true });
    const copy = () => copyFile(source, target, constants.COPYFILE_FICLONE);
    if (mode === 'File') await copy();
    else await link(source, target).catch(copy);
  }
}

/** S3's own errors as a reason for the job to fail. */
function told<T>(uri: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new MissingInput(`${error.code} (${error.status}): ${error.message} ${uri}`, { cause: error });
  }
}
