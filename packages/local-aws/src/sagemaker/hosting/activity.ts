import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';
import { deleteTags } from '../tags/tags.ts';
import { deploy } from './deployment.ts';
import { countsOf } from './fleet-counts.ts';
import { changeEndpoint, foundRecord } from './endpoint-changes.ts';
import { HostingFailure } from './hosting-failure.ts';
import { allEnded, applyTraffic, endFleet, forgetEndpoint, scaleFleet } from './live.ts';
import { endpointTable } from './records.ts';
import type { EndpointRecord, FleetRecord } from './records.ts';

/** Does what the endpoint's record says is under way, until it is done. */
export function goOn(world: World, name: string): void {
  const { activity } = foundRecord(world, name);
  const work =
    activity?.kind === 'create'
      ? create(world, name)
      : activity?.kind === 'deploy'
        ? deploy(world, name)
        : activity?.kind === 'scale'
          ? scale(world, name)
          : remove(world, name);
  work.catch((error: unknown) => {
    // What a closing server leaves undone is done by the next one.
    if (!closing(world).aborted)
      world.log.write(`endpoint ${name}: ${error instanceof Error ? error.stack : String(error)}\n`);
  });
}

/** After a restart: starts the model servers that were there, and goes on with what was under way. */
export function resumeEndpoints(world: World): void {
  for (const endpoint of endpointTable(world).values()) {
    applyTraffic(world, endpoint);
    if (endpoint.activity) goOn(world, endpoint.name);
    else if (endpoint.status !== 'Failed') {
      for (const fleet of endpoint.fleets) void keepFleet(world, endpoint, fleet);
    }
  }
}

async function keepFleet(world: World, endpoint: EndpointRecord, fleet: FleetRecord) {
  await scaleFleet(world, endpoint.name, fleet, countsOf(fleet)).catch((error: unknown) => {
    if (!closing(world).aborted)
      world.log.write(`endpoint ${endpoint.name} did not come back: ${String(error)}\n`);
  });
}

async function create(world: World, name: string) {
  const { fleets, activity } = foundRecord(world, name);
  const fleet = fleets[0] as FleetRecord;
  applyTraffic(world, foundRecord(world, name));
  try {
    if (activity?.kind === 'create' && activity.failure !== undefined)
      throw new HostingFailure(activity.failure);
    await scaleFleet(world, name, fleet, countsOf(fleet));
    if (!closing(world).aborted) changeEndpoint(world, name, { status: 'InService', activity: undefined });
  } catch (error) {
    if (!(error instanceof HostingFailure)) throw error;
    changeEndpoint(world, name, { status: 'Failed', failureReason: error.message, activity: undefined });
    endFleet(world, name, fleet.id);
  }
}

async function scale(world: World, name: string) {
  const fleet = foundRecord(world, name).fleets[0] as FleetRecord;
  const settled = (variants: FleetRecord['variants']) => [{ ...fleet, variants }];
  try {
    await scaleFleet(
      world,
      name,
      fleet,
      Object.fromEntries(fleet.variants.map((one) => [one.name, one.desiredCount])),
    );
    const variants = fleet.variants.map((one) => ({
      ...one,
      count: one.desiredCount,
      weight: one.desiredWeight,
    }));
    changeEndpoint(world, name, { status: 'InService', fleets: settled(variants), activity: undefined });
  } catch (error) {
    if (!(error instanceof HostingFailure)) throw error;
    await scaleFleet(world, name, fleet, countsOf(fleet));
    const variants = fleet.variants.map((one) => ({
      ...one,
      desiredCount: one.count,
      desiredWeight: one.weight,
    }));
    changeEndpoint(world, name, {
      status: 'InService',
      fleets: settled(variants),
      failureReason: error.message,
      activity: undefined,
    });
  }
}

async function remove(world: World, name: string) {
  const endpoint = foundRecord(world, name);
  applyTraffic(world, { ...endpoint, fleets: [] });
  for (const fleet of endpoint.fleets) endFleet(world, name, fleet.id);
  await allEnded(world, name);
  if (closing(world).aborted) return;
  endpointTable(world).delete(name);
  deleteTags(world, endpoint.arn);
  forgetEndpoint(world, name);
}
