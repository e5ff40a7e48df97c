import type {
  CreateEndpointConfigInput,
  CreateEndpointConfigOutput,
  DeleteEndpointConfigInput,
  DescribeEndpointConfigInput,
  DescribeEndpointConfigOutput,
  ListEndpointConfigsInput,
  ListEndpointConfigsOutput,
  ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { notBuilt } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { deleteTags, setTags } from '../tags/tags.ts';
import { alreadyThere, invalid, notFound } from './hosting-errors.ts';
import { listed } from './listing.ts';
import { foundModel } from './models.ts';
import { endpointConfigTable, hostingArn } from './records.ts';

export function createEndpointConfig(
  world: World,
  input: CreateEndpointConfigInput,
): CreateEndpointConfigOutput {
  const name = input.EndpointConfigName ?? '';
  const arn = hostingArn(world, 'endpoint-config', name);
  if (endpointConfigTable(world).get(name)) throw alreadyThere('endpoint-config', arn);
  refuseWhatIsNotBuilt(input);
  const variants = input.ProductionVariants ?? [];
  const names = new Set(variants.map(({ VariantName }) => VariantName));
  if (names.size < variants.length)
    throw invalid('Production variant names must be unique within an endpoint configuration.');
  for (const variant of variants) checkVariant(world, variant);
  const frequency = input.MetricsConfig?.MetricPublishFrequencyInSeconds;
  if (frequency !== undefined && ![10, 30, 60, 120, 180, 240, 300].includes(frequency)) {
    throw invalid(
      `MetricPublishFrequencyInSeconds must be one of 10, 30, 60, 120, 180, 240 and 300, not ${frequency}.`,
    );
  }
  const { Tags: tags = [], ...settings } = input;
  endpointConfigTable(world).put(name, { name, arn, createdAt: world.clock.now(), settings });
  setTags(world, arn, tags);
  return { EndpointConfigArn: arn };
}

export function describeEndpointConfig(
  world: World,
  input: DescribeEndpointConfigInput,
): DescribeEndpointConfigOutput {
  const { arn, createdAt, settings } = foundEndpointConfig(world, input.EndpointConfigName);
  return {
    EnableNetworkIsolation: false,
    ...settings,
    ProductionVariants: (settings.ProductionVariants ?? []).map((variant) => ({
      InitialVariantWeight: 1,
      ...variant,
    })),
    EndpointConfigArn: arn,
    CreationTime: new Date(createdAt),
  };
}

export function listEndpointConfigs(
  world: World,
  input: ListEndpointConfigsInput,
): ListEndpointConfigsOutput {
  const { page, ...rest } = listed(endpointConfigTable(world).values(), input);
  const EndpointConfigs = page.map(({ name, arn, createdAt }) => ({
    EndpointConfigName: name,
    EndpointConfigArn: arn,
    CreationTime: new Date(createdAt),
  }));
  return { EndpointConfigs, ...rest };
}

/** Even one that is in use: AWS allows it, and its documentation warns of it. */
export function deleteEndpointConfig(world: World, input: DeleteEndpointConfigInput): Record<string, never> {
  const { name, arn } = foundEndpointConfig(world, input.EndpointConfigName);
  endpointConfigTable(world).delete(name);
  deleteTags(world, arn);
  return {};
}

export function foundEndpointConfig(world: World, name = '') {
  const config = endpointConfigTable(world).get(name);
  if (config === undefined) throw notFound('endpoint-config', hostingArn(world, 'endpoint-config', name));
  return config;
}

function checkVariant(world: World, variant: ProductionVariant) {
  foundModel(world, variant.ModelName);
  const where = `production variant ${variant.VariantName}`;
  if (variant.AcceleratorType !== undefined) throw invalid('Elastic Inference is no longer supported.');
  if (variant.InstanceType === undefined) throw invalid(`InstanceType is required for ${where}.`);
  if (variant.InitialInstanceCount === undefined)
    throw invalid(`InitialInstanceCount is required for ${where}.`);
}

function refuseWhatIsNotBuilt(input: CreateEndpointConfigInput) {
  const refuse = (what: string) => {
    throw notBuilt(`CreateEndpointConfig with ${what}`);
  };
  if (input.ShadowProductionVariants?.length) refuse('ShadowProductionVariants');
  if (input.AsyncInferenceConfig) refuse('AsyncInferenceConfig');
  if (input.ExplainerConfig) refuse('ExplainerConfig');
  for (const variant of input.ProductionVariants ?? []) {
    if (variant.ServerlessConfig) refuse('ServerlessConfig');
    if (variant.ModelName === undefined) refuse('a variant without ModelName (inference components)');
    if (variant.InstancePools?.length) refuse('InstancePools');
    if (variant.ManagedInstanceScaling?.Status === 'ENABLED') refuse('ManagedInstanceScaling');
  }
}
