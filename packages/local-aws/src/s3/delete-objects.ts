import type { DeleteObjectCommandInput, DeleteObjectsCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../kernel/errors.ts';
import type { Operation, World } from '../kernel/world.ts';
import { httpStatus } from '../protocols/wire.ts';
import { removeObject } from './commit.ts';
import { requireBucket } from './records.ts';

export function deleteObjectOperations(world: World): Record<string, Operation> {
  return {
    DeleteObject({ Bucket, Key }: DeleteObjectCommandInput) {
      removeObject(world, requireBucket(world, Bucket).name, Key ?? '');
      return { [httpStatus]: 204 };
    },

    DeleteObjects({ Bucket, Delete }: DeleteObjectsCommandInput) {
      const { name } = requireBucket(world, Bucket);
      const objects = Delete?.Objects ?? [];
      if (objects.length === 0 || objects.length > 1000) {
        throw new AwsError(
          'MalformedXML',
          'The XML you provided was not well-formed or did not validate against our published schema',
        );
      }
      for (const { Key } of objects) removeObject(world, name, Key ?? '');
      return Delete?.Quiet ? {} : { Deleted: objects.map(({ Key }) => ({ Key })) };
    },
  };
}
