import { identity, joinS3Uri, objects, type Aws } from '@tidegate/aws';

/**
 * Where a model's sources, models and reports are kept: `s3://<bucket>/<model>`. Without a bucket, SageMaker's own default
 * (`sagemaker-<region>-<account>`, as its SDKs name it), which is made if it is not there.
 */
export async function artifactsUri(aws: Aws, model: string, bucket: string | undefined): Promise<string> {
  if (bucket !== undefined) return joinS3Uri(`s3://${bucket}`, model);
  const { account } = await identity(aws).caller();
  const name = `sagemaker-${aws.region}-${account}`;
  await objects(aws).ensureBucket(name);
  return joinS3Uri(`s3://${name}`, model);
}
