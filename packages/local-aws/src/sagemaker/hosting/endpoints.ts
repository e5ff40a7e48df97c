import type {
  CreateEndpointInput,
  CreateEndpointOutput,
  DeleteEndpointInput,
  DescribeEndpointInput,
  DescribeEndpointOutput,
  ListEndpointsInput,
  ListEndpointsOutput,
} from '@aws-sdk/client-sagemaker';
import { faultFor } from '../../kernel/faults.ts';
import type { World } from '../../kernel/world.ts';
import { setTags } from '../tags/tags.ts';
import { checkDeploymentConfig } from './deployment-limits.ts';
import { describedEndpoint } from './describe-endpoint.ts';
import { foundEndpointConfig } from './endpoint-configs.ts';
import { changeEndpoint, tellCreated } from './endpoint-changes.ts';
import { fleetFor } from './fleet.ts';
import { alreadyThere, inProgress, notFound } from './hosting-errors.ts';
import { noCapacity } from './hosting-failure.ts';
import { listed } from './listing.ts';
import { goOn } from './activity.ts';
import { checkQuota } from './quota.ts';
import { endpointTable, hostingArn } from './records.ts';
import type { EndpointRecord } from './records.ts';

export function createEndpoint(world: World, input: CreateEndpointInput): CreateEndpointOutput {
  const name = input.EndpointName ?? '';
  const arn = hostingArn(world, 'endpoint', name);
  if (endpointTable(world).get(name)) throw alreadyThere('endpoint', arn);
  const config = foundEndpointConfig(world, input.EndpointConfigName);
  if (input.DeploymentConfig) checkDeploymentConfig(input.DeploymentConfig);
  const fleet = fleetFor(world, config);
  checkQuota(world, fleet);
  const now = world.clock.now();
  const failure = faultFor(world, 'sagemaker', 'CreateEndpoint', 'capacity') && noCapacity().message;
  endpointTable(world).put(name, {
    name,
    arn,
    createdAt: now,
    modifiedAt: now,
    status: 'Creating',
    configName: config.name,
    ...(input.DeploymentConfig && { lastDeploymentConfig: input.DeploymentConfig }),
    fleets: [{ ...fleet, share: 1 }],
    activity: { kind: 'create', startedAt: now, ...(failure !== undefined && { failure }) },
  });
  setTags(world, arn, input.Tags ?? []);
  tellCreated(world, name);
  goOn(world, name);
  return { EndpointArn: arn };
}

export const describeEndpoint = (world: World, input: DescribeEndpointInput): DescribeEndpointOutput =>
  describedEndpoint(world, foundEndpoint(world, input.EndpointName));

export function listEndpoints(world: World, input: ListEndpointsInput): ListEndpointsOutput {
  const before = input.LastModifiedTimeBefore?.getTime() ?? Infinity;
  const after = input.LastModifiedTimeAfter?.getTime() ?? -Infinity;
  const matching = endpointTable(world)
    .values()
    .filter(({ modifiedAt }) => modifiedAt < before && modifiedAt > after)
    .filter(({ status }) => input.StatusEquals === undefined || status === input.StatusEquals);
  const { page, ...rest } = listed(matching, input);
  const Endpoints = page.map((endpoint) => ({
    EndpointName: endpoint.name,
    EndpointArn: endpoint.arn,
    CreationTime: new Date(endpoint.createdAt),
    LastModifiedTime: new Date(endpoint.modifiedAt),
    EndpointStatus: endpoint.status,
  }));
  return { Endpoints, ...rest };
}

export function deleteEndpoint(world: World, input: DeleteEndpointInput): Record<string, never> {
  const endpoint = foundEndpoint(world, input.EndpointName);
  requireSettled(endpoint);
  changeEndpoint(world, endpoint.name, { status: 'Deleting', activity: { kind: 'delete' } });
  goOn(world, endpoint.name);
  return {};
}

export function foundEndpoint(world: World, name = ''): EndpointRecord {
  const endpoint = endpointTable(world).get(name);
  if (endpoint === undefined) throw notFound('endpoint', hostingArn(world, 'endpoint', name));
  return endpoint;
}

export function requireSettled(endpoint: EndpointRecord): void {
  if (endpoint.activity) throw inProgress(endpoint.arn);
}
