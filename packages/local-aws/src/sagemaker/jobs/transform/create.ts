import type {
  ContainerDefinition,
  CreateTransformJobRequest,
  CreateTransformJobResponse,
} from '@aws-sdk/client-sagemaker';
import { AwsError, notBuilt } from '../../../kernel/errors.ts';
import type { World } from '../../../kernel/world.ts';
import { parseS3Uri } from '../../../s3/objects.ts';
import { foundModel } from '../../hosting/models.ts';
import { foundPackage } from '../../registry/records.ts';
import { setTags } from '../../tags/tags.ts';
import { invalid, refuseMembers } from '../checks.ts';
import { enter, transformJobs } from './record.ts';
import { transformPlan } from './records.ts';

const mostPayloadMb = 100;

/** Checks a request and writes the job down; the caller sets it going. */
export function createTransformJob(
  world: World,
  input: CreateTransformJobRequest,
): CreateTransformJobResponse {
  const name = input.TransformJobName as string;
  const arn = `arn:aws:sagemaker:${world.region}:${world.account}:transform-job/${name}`;
  if (transformJobs(world).get(name) !== undefined) {
    throw new AwsError(
      'ResourceInUse',
      `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
    );
  }
  refuseMembers('CreateTransformJob', input, ['DataCaptureConfig', 'ExperimentConfig']);
  const { settings } = foundModel(world, input.ModelName);
  const given = settings.PrimaryContainer ?? settings.Containers?.[0] ?? {};
  checkData(input);
  const now = world.clock.now();
  transformJobs(world).put(name, {
    name,
    arn,
    request: input,
    container: containerOf(world, given),
    status: 'InProgress',
    createdAt: now,
    modifiedAt: now,
  });
  setTags(world, arn, input.Tags ?? []);
  enter(world, name, 'InProgress');
  return { TransformJobArn: arn };
}

/** A container that names a model package gets what the package holds; its own environment is added. */
function containerOf(world: World, container: ContainerDefinition): ContainerDefinition {
  if (container.ModelPackageName === undefined) return container;
  const [inner] =
    foundPackage(world, container.ModelPackageName).settings.InferenceSpecification?.Containers ?? [];
  return {
    Image: inner?.Image,
    ModelDataUrl: inner?.ModelDataUrl,
    ModelDataSource: inner?.ModelDataSource,
    Environment: { ...inner?.Environment, ...container.Environment },
  };
}

function checkData(input: CreateTransformJobRequest) {
  const { TransformInput: source, TransformOutput: target } = input;
  const { SplitType, DataSource } = source ?? {};
  if (SplitType === 'RecordIO' || SplitType === 'TFRecord')
    throw notBuilt(`CreateTransformJob: SplitType ${SplitType}`);
  const type = DataSource?.S3DataSource?.S3DataType;
  if (type !== 'S3Prefix' && type !== 'ManifestFile')
    throw notBuilt(`CreateTransformJob: S3DataType ${type ?? 'absent'}`);
  parseS3Uri(DataSource?.S3DataSource?.S3Uri as string);
  parseS3Uri(target?.S3OutputPath as string);
  const payload = input.MaxPayloadInMB ?? 6;
  const concurrent = input.MaxConcurrentTransforms ?? 1;
  if (payload === 0) throw notBuilt('CreateTransformJob: MaxPayloadInMB 0 (streaming)');
  if (payload * concurrent > mostPayloadMb)
    throw invalid('MaxConcurrentTransforms * MaxPayloadInMB must not exceed 100 MB.');
  if (input.BatchStrategy === 'SingleRecord' && SplitType !== 'Line')
    throw invalid('To use the SingleRecord batch strategy, SplitType must be set to Line.');
  const plan = transformPlan(input);
  if (plan.joins && plan.isLines && !plan.assembleLines)
    throw invalid('To join the input with the output of a split file, AssembleWith must match SplitType.');
}
