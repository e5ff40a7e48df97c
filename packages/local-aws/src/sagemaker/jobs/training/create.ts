import type { CreateTrainingJobRequest, CreateTrainingJobResponse } from '@aws-sdk/client-sagemaker';
import { AwsError, notBuilt } from '../../../kernel/errors.ts';
import type { World } from '../../../kernel/world.ts';
import { parseS3Uri } from '../../../s3/objects.ts';
import { setTags } from '../../tags/tags.ts';
import {
  checkMap,
  environmentLimits,
  invalid,
  refuseMembers,
  requireImage,
  requireObjects,
  requireRole,
} from '../checks.ts';
import { metricExpression } from './metrics.ts';
import { trainingJobs } from './record.ts';
import { enter } from './stages.ts';

/** Members that ask for something this local AWS does not do. */
const notServed = [
  'DebugHookConfig',
  'DebugRuleConfigurations',
  'TensorBoardOutputConfig',
  'ExperimentConfig',
  'ProfilerConfig',
  'ProfilerRuleConfigurations',
  'RemoteDebugConfig',
  'InfraCheckConfig',
  'SessionChainingConfig',
  'ServerlessJobConfig',
  'MlflowConfig',
  'ModelPackageConfig',
] as const;

const secondsOf28Days = 28 * 86_400;

/** Checks a request and writes the job down; the caller sets it going. */
export async function createTrainingJob(
  world: World,
  input: CreateTrainingJobRequest,
): Promise<CreateTrainingJobResponse> {
  const name = input.TrainingJobName as string;
  const arn = `arn:aws:sagemaker:${world.region}:${world.account}:training-job/${name}`;
  const requireNewName = () => {
    if (trainingJobs(world).get(name) === undefined) return;
    throw new AwsError(
      'ResourceInUse',
      `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
    );
  };
  requireNewName();
  refuseMembers('CreateTrainingJob', input, notServed);
  checkMap('hyperParameters', input.HyperParameters, { entries: 100, key: 256, value: 2500 });
  checkMap('environment', input.Environment, environmentLimits);
  checkAlgorithm(input);
  checkResources(input);
  checkTimes(input);
  requireRole(world, input.RoleArn as string);
  await requireImage(world, input.AlgorithmSpecification?.TrainingImage as string, input.RoleArn as string);
  checkChannels(world, input);
  parseS3Uri(input.OutputDataConfig?.S3OutputPath as string);
  // Something was awaited: a second request for the same name may have been faster.
  requireNewName();
  const now = world.clock.now();
  trainingJobs(world).put(name, {
    name,
    arn,
    request: input,
    status: 'InProgress',
    secondaryStatus: 'Starting',
    transitions: [],
    createdAt: now,
    modifiedAt: now,
    metrics: {},
  });
  setTags(world, arn, input.Tags ?? []);
  enter(world, name, 'Starting');
  return { TrainingJobArn: arn };
}

function checkAlgorithm({ AlgorithmSpecification: algorithm }: CreateTrainingJobRequest) {
  if (algorithm === undefined)
    throw invalid('AlgorithmSpecification is required for a training job that is not serverless.');
  if (algorithm.AlgorithmName !== undefined)
    throw notBuilt('CreateTrainingJob: AlgorithmSpecification.AlgorithmName');
  if (algorithm.TrainingImage === undefined)
    throw invalid('You must specify either an algorithm name or a training image.');
  if (algorithm.TrainingInputMode === 'Pipe') throw notBuilt('CreateTrainingJob: TrainingInputMode Pipe');
  if (algorithm.TrainingImageConfig?.TrainingRepositoryAccessMode === 'Vpc')
    throw notBuilt('CreateTrainingJob: TrainingRepositoryAccessMode Vpc');
  for (const definition of algorithm.MetricDefinitions ?? []) metricExpression(definition.Regex as string);
}

function checkResources({ ResourceConfig: resources }: CreateTrainingJobRequest) {
  if (resources?.InstanceType === undefined)
    throw invalid('ResourceConfig with an InstanceType is required.');
  if (resources.InstanceGroups !== undefined)
    throw notBuilt('CreateTrainingJob: ResourceConfig.InstanceGroups');
  if (resources.TrainingPlanArn !== undefined)
    throw notBuilt('CreateTrainingJob: ResourceConfig.TrainingPlanArn');
  if ((resources.InstanceCount ?? 0) < 1) throw invalid('ResourceConfig.InstanceCount must be at least 1.');
  // A pool that is never there would make every later job's time a lie.
  if ((resources.KeepAlivePeriodInSeconds ?? 0) > 0)
    throw notBuilt('CreateTrainingJob: ResourceConfig.KeepAlivePeriodInSeconds (warm pools)');
}

function checkTimes(input: CreateTrainingJobRequest) {
  const {
    MaxRuntimeInSeconds: run,
    MaxWaitTimeInSeconds: wait,
    MaxPendingTimeInSeconds: pending,
  } = input.StoppingCondition ?? {};
  if (input.StoppingCondition === undefined) throw invalid('StoppingCondition is required.');
  if (pending !== undefined) throw notBuilt('CreateTrainingJob: StoppingCondition.MaxPendingTimeInSeconds');
  if ((run ?? 1) > secondsOf28Days) throw invalid(`MaxRuntimeInSeconds must be at most ${secondsOf28Days}.`);
  if (input.EnableManagedSpotTraining !== true) {
    if (wait !== undefined)
      throw invalid(
        'MaxWaitTimeInSeconds can only be specified when EnableManagedSpotTraining is set to true.',
      );
  } else if (wait === undefined || wait < (run ?? 86_400)) {
    throw invalid(
      'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds',
    );
  }
}

function checkChannels(world: World, input: CreateTrainingJobRequest) {
  const names = new Set<string>();
  for (const channel of input.InputDataConfig ?? []) {
    const name = channel.ChannelName as string;
    if (names.has(name)) throw invalid(`Duplicate channel name: ${name}`);
    names.add(name);
    const source = channel.DataSource?.S3DataSource;
    if (source === undefined) throw notBuilt(`CreateTrainingJob: channel "${name}" without an S3DataSource`);
    if (source.S3DataType !== 'S3Prefix' && source.S3DataType !== 'ManifestFile')
      throw notBuilt(`CreateTrainingJob: S3DataType ${source.S3DataType}`);
    if (channel.InputMode === 'Pipe') throw notBuilt('CreateTrainingJob: InputMode Pipe');
    if (channel.CompressionType === 'Gzip')
      throw invalid('CompressionType Gzip can only be used with Pipe input mode.');
    if (channel.RecordWrapperType === 'RecordIO')
      throw notBuilt('CreateTrainingJob: RecordWrapperType RecordIO');
    if (channel.ShuffleConfig !== undefined) throw notBuilt('CreateTrainingJob: ShuffleConfig');
    requireObjects(world, source.S3Uri as string, input.RoleArn as string);
  }
  const { S3Uri, LocalPath } = input.CheckpointConfig ?? {};
  if (S3Uri !== undefined) parseS3Uri(S3Uri);
  if (LocalPath !== undefined && !/^\/opt\/ml\/./.test(LocalPath))
    throw notBuilt(
      `CreateTrainingJob: CheckpointConfig.LocalPath "${LocalPath}", which is not below /opt/ml`,
    );
}
