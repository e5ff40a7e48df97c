import type { CreateService } from '../kernel/world.ts';
import { bucketOperations } from './buckets.ts';
import { completeUploadOperations } from './complete-upload.ts';
import { copyObjectOperations } from './copy-object.ts';
import { deleteObjectOperations } from './delete-objects.ts';
import { getObjectOperations } from './get-object.ts';
import { listObjectOperations } from './list-objects.ts';
import { multipartOperations } from './multipart.ts';
import { objectTaggingOperations } from './object-tagging.ts';
import { putObjectOperations } from './put-object.ts';

export const createS3: CreateService = (world) => ({
  operations: {
    ...bucketOperations(world),
    ...putObjectOperations(world),
    ...getObjectOperations(world),
    ...deleteObjectOperations(world),
    ...copyObjectOperations(world),
    ...listObjectOperations(world),
    ...objectTaggingOperations(world),
    ...multipartOperations(world),
    ...completeUploadOperations(world),
  },
});
