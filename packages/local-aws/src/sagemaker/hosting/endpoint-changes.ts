import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { recordTimeline } from '../../kernel/timeline.ts';
import type { World } from '../../kernel/world.ts';
import { tagsOf } from '../tags/tags.ts';
import { describedEndpoint } from './describe-endpoint.ts';
import { applyTraffic, servingCount } from './live.ts';
import type { Counts } from './plan.ts';
import { endpointTable } from './records.ts';
import type { Activity, DeploymentRecord, EndpointRecord, FleetRecord, PhaseRecord } from './records.ts';

/** `undefined` takes the member away. */
type EndpointChange = Partial<Omit<EndpointRecord, 'failureReason' | 'activity' | 'lastDeploymentConfig'>> & {
  lastDeploymentConfig?: DeploymentConfig | undefined;
  failureReason?: string | undefined;
  activity?: Activity | undefined;
};

/** Puts the changed endpoint on disk, and then tells of it: routing, timeline, EventBridge. */
export function changeEndpoint(world: World, name: string, change: EndpointChange): EndpointRecord {
  const before = foundRecord(world, name);
  const { failureReason, activity, lastDeploymentConfig, ...rest } = {
    ...before,
    ...change,
    modifiedAt: world.clock.now(),
  };
  const after: EndpointRecord = {
    ...rest,
    ...(failureReason !== undefined && { failureReason }),
    ...(activity !== undefined && { activity }),
    ...(lastDeploymentConfig !== undefined && { lastDeploymentConfig }),
  };
  endpointTable(world).put(name, after);
  if (change.fleets) applyTraffic(world, after);
  const statusChanged = before.status !== after.status;
  if (statusChanged || drawnAs(before) !== drawnAs(after)) tellTimeline(world, after);
  if (statusChanged) tellEventBridge(world, after, 'SageMaker Endpoint State Change');
  return after;
}

/** Changes the deployment under way; a new phase is told of as AWS tells of deployments. */
export function changeDeployment(
  world: World,
  name: string,
  change: Partial<DeploymentRecord>,
  fleets?: FleetRecord[],
): DeploymentRecord {
  const endpoint = foundRecord(world, name);
  if (endpoint.activity?.kind !== 'deploy') throw new Error(`${name} has no deployment under way`);
  const { bakeUntil, ...rest } = { ...endpoint.activity, ...change };
  const deployment: DeploymentRecord = { ...rest, ...(bakeUntil !== undefined && { bakeUntil }) };
  const after = changeEndpoint(world, name, { activity: deployment, ...(fleets && { fleets }) });
  if (change.phase) tellEventBridge(world, after, 'SageMaker Endpoint Deployment State Change');
  return deployment;
}

/** Tells of an endpoint whose first record was just put. */
export function tellCreated(world: World, name: string): void {
  const endpoint = foundRecord(world, name);
  tellTimeline(world, endpoint);
  tellEventBridge(world, endpoint, 'SageMaker Endpoint State Change');
}

export const phase = (world: World, status: PhaseRecord['status'], message: string): PhaseRecord => ({
  status,
  message,
  since: world.clock.now(),
});

export function foundRecord(world: World, name: string): EndpointRecord {
  const endpoint = endpointTable(world).get(name);
  if (endpoint === undefined) throw new Error(`the endpoint ${name} is gone`);
  return endpoint;
}

/** The deployment under way and its two fleets. */
export function underWay(world: World, name: string) {
  const endpoint = foundRecord(world, name);
  const deployment = endpoint.activity;
  if (deployment?.kind !== 'deploy') throw new Error(`${name} has no deployment under way`);
  const green = endpoint.fleets.find(({ id }) => id === deployment.green);
  const blue = endpoint.fleets.find(({ id }) => id === deployment.blue);
  if (!green || !blue) throw new Error(`${name}'s deployment has lost a fleet`);
  return { endpoint, deployment, green, blue };
}

/** How many of so many instances are not healthy yet. */
export const missingInstances = (world: World, name: string, fleet: FleetRecord, counts: Counts) =>
  fleet.variants.reduce(
    (missing, variant) =>
      missing + Math.max(0, (counts[variant.name] ?? 0) - servingCount(world, name, fleet.id, variant.name)),
    0,
  );

/** The shares of the traffic by endpoint configuration. */
function trafficOf(endpoint: EndpointRecord): Record<string, number> {
  const traffic: Record<string, number> = {};
  for (const { configName, share } of endpoint.fleets)
    traffic[configName] = (traffic[configName] ?? 0) + share;
  return traffic;
}

/** What a drawing of the endpoint shows. */
const drawnAs = (endpoint: EndpointRecord) =>
  JSON.stringify([
    trafficOf(endpoint),
    endpoint.activity?.kind === 'deploy' ? endpoint.activity.phase.message : '',
  ]);

function tellTimeline(world: World, endpoint: EndpointRecord) {
  const { activity, failureReason } = endpoint;
  recordTimeline(world, {
    kind: 'endpoint',
    name: endpoint.name,
    state: endpoint.status,
    traffic: trafficOf(endpoint),
    detail: {
      endpointConfigName: endpoint.configName,
      ...(activity?.kind === 'deploy' && { phase: activity.phase.status, message: activity.phase.message }),
      ...(failureReason !== undefined && { failureReason }),
    },
  });
}

/** The detail mirrors DescribeEndpoint, with times as numbers and the status in upper case with underscores. */
function tellEventBridge(world: World, endpoint: EndpointRecord, detailType: string) {
  const { EndpointStatus, ...described } = describedEndpoint(world, endpoint);
  const status = (EndpointStatus ?? '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
  const detail = {
    ...described,
    EndpointStatus: status,
    Tags: Object.fromEntries(tagsOf(world, endpoint.arn).map(({ Key, Value }) => [Key, Value])),
  };
  world.emit({
    source: 'aws.sagemaker',
    'detail-type': detailType,
    resources: [endpoint.arn],
    detail: timesAsNumbers(detail) as Record<string, unknown>,
  });
}

function timesAsNumbers(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.map(timesAsNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, timesAsNumbers(inner)]));
}
