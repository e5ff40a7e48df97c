import type { World } from '../../kernel/world.ts';
import { partitionsOf, type TableRecord } from '../../glue/records.ts';
import { listObjects, parseS3Uri } from '../../s3/objects.ts';
import { QueryError } from '../sql/query-error.ts';
import { projectedPartitions } from './projection.ts';

/** An object that a table's rows are in. `values` are its partition's, in the order of the table's partition keys. */
export type DataFile = { bucket: string; key: string; size: number; values: readonly string[] };

/** The folders whose objects are a table's rows. */
export type Folder = { location: string; values: readonly string[] };

/** The objects that a table's rows are in. Empty ones, and those whose names begin with a dot or underscore, hold none, as in Hive. */
export function dataFiles(world: World, table: TableRecord): DataFile[] {
  return folders(world, table).flatMap(({ location, values }) => {
    const { bucket, key } = folderOf(location);
    return objectsIn(world, bucket, key)
      .filter((object) => object.size > 0 && !/(^|\/)[._][^/]*$/.test(object.key))
      .map((object) => ({ bucket, key: object.key, size: object.size, values }));
  });
}

function folders(world: World, table: TableRecord): Folder[] {
  const location = table.input.StorageDescriptor?.Location ?? '';
  const keys = table.input.PartitionKeys ?? [];
  if (keys.length === 0) return [{ location, values: [] }];
  if (table.input.Parameters?.['projection.enabled']?.toLowerCase() === 'true') {
    return projectedPartitions(world, table);
  }
  return partitionsOf(world, table.database, table.name)
    .values()
    .map(({ input }) => ({ location: input.StorageDescriptor?.Location ?? '', values: input.Values ?? [] }));
}

/** A folder in S3, its key empty or ending with a slash. */
export function folderOf(location: string): { bucket: string; key: string } {
  const { bucket, key } = parseS3Uri(location);
  return { bucket, key: key === '' || key.endsWith('/') ? key : `${key}/` };
}

/** @throws QueryError when the bucket is not there */
export function objectsIn(world: World, bucket: string, prefix: string): { key: string; size: number }[] {
  try {
    return listObjects(world, bucket, prefix);
  } catch (cause) {
    const why = `Unable to list s3://${bucket}/${prefix}: ${(cause as Error).message}`;
    throw new QueryError(`PERMISSION_DENIED: ${why}`, 2, { cause });
  }
}

/** Partitions as Hive lays them out below a table's folder: `key=value/key=value/`. */
export function hivePartitions(world: World, table: TableRecord): Folder[] {
  const keys = (table.input.PartitionKeys ?? []).map(({ Name }) => Name ?? '');
  const { bucket, key: root } = folderOf(table.input.StorageDescriptor?.Location ?? '');
  const found = new Map<string, Folder>();
  for (const { key } of objectsIn(world, bucket, root)) {
    const parts = key.slice(root.length).split('/').slice(0, keys.length);
    const values = parts.map((part, i) => {
      const [name = '', value] = part.split(/=(.*)/s);
      return name.toLowerCase() === keys[i] && value !== undefined ? decodeURIComponent(value) : undefined;
    });
    if (values.length < keys.length || values.includes(undefined)) continue;
    const location = `s3://${bucket}/${root}${parts.join('/')}/`;
    found.set(location, { location, values: values as string[] });
  }
  return [...found.values()];
}
