import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocalAws, type LocalAws } from '../../index.ts';

/** A server on a manual clock with the bucket `models`, and a client of it. */
export async function withBucket() {
  const aws = await startLocalAws({ clock: { manual: true, start: new Date('2026-11-23T10:00:00Z') } });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const s3 = new S3Client({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: 'models' }));
  const close = async () => {
    s3.destroy();
    await aws.close();
  };
  return { aws, s3, [Symbol.asyncDispose]: close };
}

/** How many files of bodies lie on the disk. */
export const bodies = (aws: LocalAws) => readdirSync(join(aws.world.directory, 's3')).length;
