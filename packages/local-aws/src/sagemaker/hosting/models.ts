import type {
  ContainerDefinition,
  CreateModelInput,
  CreateModelOutput,
  DeleteModelInput,
  DescribeModelInput,
  DescribeModelOutput,
  ListModelsInput,
  ListModelsOutput,
} from '@aws-sdk/client-sagemaker';
import { notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { checkContainer } from './container-checks.ts';
import { alreadyThere, invalid, notFound } from './hosting-errors.ts';
import { listed } from './listing.ts';
import { hostingArn, modelTable } from './records.ts';

/** Like AWS, looks at the model data and the image before it says yes. */
export async function createModel(world: World, input: CreateModelInput): Promise<CreateModelOutput> {
  const name = input.ModelName ?? '';
  const arn = hostingArn(world, 'model', name);
  if (modelTable(world).get(name)) throw alreadyThere('model', arn);
  const { PrimaryContainer: primary, Containers: containers } = input;
  if (primary && containers?.length) throw invalid('Cannot specify both PrimaryContainer and Containers.');
  if (!primary && !containers?.length) throw invalid('Must specify either PrimaryContainer or Containers.');
  if ((containers?.length ?? 0) > 1)
    throw notBuilt('CreateModel with more than one container (inference pipelines)');
  await checkContainer(world, primary ?? (containers?.[0] as ContainerDefinition), input.ExecutionRoleArn);
  modelTable(world).put(name, { name, arn, createdAt: world.clock.now(), settings: input });
  return { ModelArn: arn };
}

export function describeModel(world: World, input: DescribeModelInput): DescribeModelOutput {
  const { arn, createdAt, settings } = foundModel(world, input.ModelName);
  const { Tags: _, ...described } = settings;
  return { EnableNetworkIsolation: false, ...described, ModelArn: arn, CreationTime: new Date(createdAt) };
}

export function listModels(world: World, input: ListModelsInput): ListModelsOutput {
  const { page, ...rest } = listed(modelTable(world).values(), input);
  const Models = page.map(({ name, arn, createdAt }) => ({
    ModelName: name,
    ModelArn: arn,
    CreationTime: new Date(createdAt),
  }));
  return { Models, ...rest };
}

export function deleteModel(world: World, input: DeleteModelInput): Record<string, never> {
  modelTable(world).delete(foundModel(world, input.ModelName).name);
  return {};
}

export function foundModel(world: World, name = '') {
  const model = modelTable(world).get(name);
  if (model === undefined) throw notFound('model', hostingArn(world, 'model', name));
  return model;
}
