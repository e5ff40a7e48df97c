import type { GetObjectTaggingCommandInput, PutObjectTaggingCommandInput } from '@aws-sdk/client-s3';
import type { Operation, World } from '../kernel/world.ts';
import { objectsOf, requireObject, type Tag } from './records.ts';

export function objectTaggingOperations(world: World): Record<string, Operation> {
  const retag = (input: GetObjectTaggingCommandInput, tags: Tag[]) => {
    const record = requireObject(world, input.Bucket, input.Key);
    objectsOf(world, input.Bucket ?? '').put(record.key, { ...record, tags });
  };
  return {
    GetObjectTagging: (input: GetObjectTaggingCommandInput) => ({
      TagSet: requireObject(world, input.Bucket, input.Key).tags,
    }),
    PutObjectTagging: (input: PutObjectTaggingCommandInput) =>
      retag(input, (input.Tagging?.TagSet ?? []) as Tag[]),
    DeleteObjectTagging: (input: GetObjectTaggingCommandInput) => retag(input, []),
  };
}
