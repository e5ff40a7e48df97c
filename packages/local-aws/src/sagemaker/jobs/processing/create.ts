import type {
  CreateProcessingJobRequest,
  CreateProcessingJobResponse,
  ProcessingInput,
  ProcessingOutput,
} from '@aws-sdk/client-sagemaker';
import { AwsError, notBuilt } from '../../../kernel/errors.ts';
import type { World } from '../../../kernel/world.ts';
import { parseS3Uri } from '../../../s3/objects.ts';
import { setTags } from '../../tags/tags.ts';
import { checkMap, environmentLimits, invalid, refuseMembers, requireImage, requireRole } from '../checks.ts';
import { enter, processingJobs } from './record.ts';

/** Checks a request and writes the job down; the caller sets it going. */
export async function createProcessingJob(
  world: World,
  input: CreateProcessingJobRequest,
): Promise<CreateProcessingJobResponse> {
  const name = input.ProcessingJobName as string;
  const arn = `arn:aws:sagemaker:${world.region}:${world.account}:processing-job/${name}`;
  const requireNewName = () => {
    if (processingJobs(world).get(name) === undefined) return;
    throw new AwsError(
      'ResourceInUse',
      `Processing job names must be unique within an AWS account and region, and a processing job with this name already exists (${arn})`,
    );
  };
  requireNewName();
  refuseMembers('CreateProcessingJob', input, ['ExperimentConfig']);
  checkMap('environment', input.Environment, environmentLimits);
  for (const each of input.ProcessingInputs ?? []) checkInput(each);
  for (const each of input.ProcessingOutputConfig?.Outputs ?? []) checkOutput(each);
  requireUniqueNames((input.ProcessingInputs ?? []).map(({ InputName }) => InputName));
  requireUniqueNames((input.ProcessingOutputConfig?.Outputs ?? []).map(({ OutputName }) => OutputName));
  requireRole(world, input.RoleArn as string);
  await requireImage(world, input.AppSpecification?.ImageUri as string, input.RoleArn as string);
  // Something was awaited: a second request for the same name may have been faster.
  requireNewName();
  const now = world.clock.now();
  processingJobs(world).put(name, {
    name,
    arn,
    request: input,
    status: 'InProgress',
    createdAt: now,
    modifiedAt: now,
  });
  setTags(world, arn, input.Tags ?? []);
  enter(world, name, 'InProgress');
  return { ProcessingJobArn: arn };
}

function checkInput({ InputName, AppManaged, DatasetDefinition, S3Input }: ProcessingInput) {
  if (AppManaged === true) throw notBuilt(`CreateProcessingJob: input "${InputName}" with AppManaged`);
  if (DatasetDefinition !== undefined)
    throw notBuilt(`CreateProcessingJob: input "${InputName}" with a DatasetDefinition`);
  if (S3Input === undefined)
    throw invalid(`ProcessingInput "${InputName}" must have an S3Input or a DatasetDefinition.`);
  if (S3Input.S3InputMode === 'Pipe') throw notBuilt('CreateProcessingJob: S3InputMode Pipe');
  if (S3Input.S3CompressionType === 'Gzip')
    throw invalid('S3CompressionType Gzip can only be used with Pipe input mode.');
  parseS3Uri(S3Input.S3Uri as string);
  checkPath(S3Input.LocalPath, `input "${InputName}"`);
}

function checkOutput({ OutputName, AppManaged, FeatureStoreOutput, S3Output }: ProcessingOutput) {
  if (AppManaged === true) throw notBuilt(`CreateProcessingJob: output "${OutputName}" with AppManaged`);
  if (FeatureStoreOutput !== undefined)
    throw notBuilt(`CreateProcessingJob: output "${OutputName}" with a FeatureStoreOutput`);
  if (S3Output === undefined) throw invalid(`ProcessingOutput "${OutputName}" must have an S3Output.`);
  parseS3Uri(S3Output.S3Uri as string);
  checkPath(S3Output.LocalPath, `output "${OutputName}"`);
}

function checkPath(path: string | undefined, what: string) {
  if (path?.startsWith('/opt/ml/processing/') === true && !path.split('/').includes('..')) return;
  throw invalid(
    `LocalPath of ${what} must be an absolute path below /opt/ml/processing/, not "${path ?? ''}".`,
  );
}

function requireUniqueNames(names: (string | undefined)[]) {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`Input and output names must be unique: "${twice}" is given twice.`);
}
