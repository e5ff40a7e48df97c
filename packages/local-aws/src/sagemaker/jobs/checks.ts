import { AwsError, notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { roleExists } from '../../iam/roles.ts';
import { imageExists, parseImageUri } from '../../runtime/image.ts';
import { listObjects, parseS3Uri } from '../../s3/objects.ts';
import { buckets } from '../../s3/records.ts';

/** What is wrong with a request as a whole, in the words of AWS where they are known. */
export const invalid = (message: string) => new AwsError('ValidationException', message);

export function requireRole(world: World, roleArn: string): void {
  if (roleExists(world, roleArn)) return;
  throw invalid(
    `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
  );
}

/** An image of this account has to be in its registry when a job is created. */
export async function requireImage(world: World, uri: string, roleArn: string): Promise<void> {
  const parsed = parseImageUri(uri);
  if (parsed === undefined)
    throw invalid(
      `Invalid image URI ${uri}. Please provide a valid Amazon Elastic Container Registry path of the image to run.`,
    );
  if (await imageExists(world, uri)) return;
  throw invalid(
    `Cannot find repository: ${parsed.repository} in registry ID: ${parsed.registry} Please check if your ECR repository exists and role ${roleArn} has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer`,
  );
}

/** Training data has to be there when the job is created. */
export function requireObjects(world: World, uri: string, roleArn: string): void {
  const { bucket, key } = parseS3Uri(uri);
  if (buckets(world).get(bucket) !== undefined && listObjects(world, bucket, key).length > 0) return;
  throw invalid(noObjects(world, uri, roleArn));
}

function noObjects(world: World, uri: string, roleArn: string): string {
  const { bucket } = parseS3Uri(uri);
  return `No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists in the selected region (${world.region}), that objects exist under that S3 prefix, and that the role "${roleArn}" has "s3:ListBucket" permissions on bucket "${bucket}".`;
}

/** Members that would change what happens, and are not built: refused by name rather than passed over. */
export function refuseMembers(operation: string, input: object, members: readonly string[]): void {
  const values = input as Readonly<Record<string, unknown>>;
  const found = members.filter((member) => values[member] !== undefined && values[member] !== null);
  if (found.length > 0) throw notBuilt(`${operation}: ${found.join(', ')}`);
}

/** `HyperParameters` and `Environment`: how many entries, and how long keys and values may be. */
export function checkMap(
  member: string,
  map: Readonly<Record<string, string>> | undefined,
  most: { entries: number; key: number; value: number },
): void {
  const entries = Object.entries(map ?? {});
  const refuse = (what: string, length: number) => {
    throw invalid(
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${what} must have length less than or equal to ${length}`,
    );
  };
  if (entries.length > most.entries) refuse('Member', most.entries);
  if (entries.some(([key]) => key.length > most.key)) refuse('Map keys', most.key);
  const long = entries.find(([, value]) => value.length > most.value);
  if (long !== undefined) refuse(`Map value of ${long[0]}`, most.value);
}

export const environmentLimits = { entries: 100, key: 512, value: 512 };
