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
import { requireRole } from '../jobs/checks.ts';
import { foundPackage } from '../registry/records.ts';
import { deleteTags, setTags } from '../tags/tags.ts';
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
  if (input.ExecutionRoleArn !== undefined) requireRole(world, input.ExecutionRoleArn);
  const container = containerOf(world, primary ?? (containers?.[0] as ContainerDefinition));
  await checkContainer(world, container, input.ExecutionRoleArn);
  const { Tags: tags = [], ...settings } = input;
  modelTable(world).put(name, { name, arn, createdAt: world.clock.now(), settings, container });
  setTags(world, arn, tags);
  return { ModelArn: arn };
}

export function describeModel(world: World, input: DescribeModelInput): DescribeModelOutput {
  const { arn, createdAt, settings } = foundModel(world, input.ModelName);
  return { EnableNetworkIsolation: false, ...settings, ModelArn: arn, CreationTime: new Date(createdAt) };
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
  const { name, arn } = foundModel(world, input.ModelName);
  modelTable(world).delete(name);
  deleteTags(world, arn);
  return {};
}

/** A container that names a model package is what the package says, with its own environment on top. */
function containerOf(world: World, definition: ContainerDefinition): ContainerDefinition {
  if (definition.ModelPackageName === undefined) {
    if (definition.Image === undefined)
      throw invalid('A container must have either Image or ModelPackageName.');
    return definition;
  }
  const container = foundPackage(world, definition.ModelPackageName).settings.InferenceSpecification
    ?.Containers?.[0];
  if (container === undefined)
    throw invalid(`ModelPackage ${definition.ModelPackageName} has no inference specification.`);
  const { Image, ModelDataUrl, ModelDataSource } = container;
  return {
    Image,
    ...(ModelDataUrl !== undefined && { ModelDataUrl }),
    ...(ModelDataSource && { ModelDataSource }),
    Environment: { ...container.Environment, ...definition.Environment },
  };
}

export function foundModel(world: World, name = '') {
  const model = modelTable(world).get(name);
  if (model === undefined) throw notFound('model', hostingArn(world, 'model', name));
  return model;
}
