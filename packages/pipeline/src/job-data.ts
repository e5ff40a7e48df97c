import {
  formatS3Uri,
  joinS3Uri,
  objects,
  parseS3Uri,
  type Aws,
  type JobInput,
  type StoredObject,
} from '@tidegate/aws';
import { digestOf } from './naming.ts';

/** What a channel's URI means right now: exactly these objects, by key and ETag. */
export type DataManifest = { uri: string; objects: StoredObject[]; sizeBytes: number; digest: string };

/** Looks a URI up: a pattern, one object, or everything below a prefix. Undefined when nothing is there. */
export async function resolveData(aws: Aws, uri: string): Promise<DataManifest | undefined> {
  const found = await objects(aws).expand(uri);
  return found.length === 0 ? undefined : dataOf(uri, found);
}

export function dataOf(uri: string, found: StoredObject[]): DataManifest {
  return {
    uri,
    objects: found,
    sizeBytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    digest: digestOf(found.map(({ uri: key, etag, sizeBytes }) => [key, etag, sizeBytes])),
  };
}

/**
 * Hands exactly these objects to a job, by a SageMaker manifest file kept under its own digest: a prefix would take whatever is
 * added to it between our look and the job's.
 */
export async function storeDataManifest(
  aws: Aws,
  data: DataManifest,
  artifactsUri: string,
): Promise<JobInput> {
  const folder = commonFolder(data.objects.map(({ uri }) => uri));
  const manifest = JSON.stringify([
    { prefix: folder },
    ...data.objects.map(({ uri }) => uri.slice(folder.length)),
  ]);
  const uri = joinS3Uri(artifactsUri, 'data', `${digestOf(manifest)}.manifest`);
  if (!(await objects(aws).find(uri))) {
    await objects(aws).upload(uri, { bytes: Buffer.from(manifest) }, 'application/json');
  }
  return { uri, type: 'manifest' };
}

/** The deepest folder all of the URIs lie in, with a slash at the end. */
export function commonFolder(uris: readonly string[]): string {
  const [first = '', ...rest] = uris;
  const { bucket, key } = parseS3Uri(first);
  let folder = key.slice(0, key.lastIndexOf('/') + 1);
  while (!rest.every((uri) => uri.startsWith(formatS3Uri({ bucket, key: folder })))) {
    folder = folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
  }
  return formatS3Uri({ bucket, key: folder });
}
