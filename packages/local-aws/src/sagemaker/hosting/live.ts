import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { startModelServer } from './model-server.ts';
import type { ModelServer } from './model-server.ts';
import type { Counts } from './plan.ts';
import type { EndpointRecord, FleetRecord } from './records.ts';
import type { Target } from './router.ts';

/** The running half of an endpoint: its model servers by fleet and variant, and how requests reach them. */
export type LiveEndpoint = {
  readonly name: string;
  readonly servers: Map<string, Map<string, ModelServer[]>>;
  targets: Target<ModelServer>[];
  /** Instances that were told to end and have not ended yet. */
  readonly endings: Set<Promise<unknown>>;
};

const liveEndpoints = (world: World): Map<string, LiveEndpoint> =>
  perWorld(world, 'hosting.live', () => new Map());

export const liveEndpoint = (world: World, name: string): LiveEndpoint | undefined =>
  liveEndpoints(world).get(name);

/**
 * Brings a fleet's variants to so many instances each, and resolves when all of them are healthy. Instances too many get no
 * new requests from now on and end by themselves.
 * @throws HostingFailure
 */
export async function scaleFleet(
  world: World,
  endpoint: string,
  fleet: FleetRecord,
  counts: Counts,
): Promise<void> {
  const healthy: Promise<void>[] = [];
  for (const variant of fleet.variants) {
    const servers = serversOf(world, endpoint, fleet.id, variant.name);
    const wanted = counts[variant.name] ?? 0;
    for (const server of servers.splice(wanted)) endServer(world, endpoint, server);
    while (servers.length < wanted) servers.push(startModelServer(world, endpoint, variant));
    healthy.push(...servers.map((server) => server.healthy));
  }
  await Promise.all(healthy);
}

export function endFleet(world: World, endpoint: string, fleet: string): void {
  const live = liveEndpoint(world, endpoint);
  for (const servers of live?.servers.get(fleet)?.values() ?? []) {
    for (const server of servers.splice(0)) endServer(world, endpoint, server);
  }
  live?.servers.delete(fleet);
}

/** Resolves when every instance of the endpoint that was told to end has ended. */
export async function allEnded(world: World, endpoint: string): Promise<void> {
  const live = liveEndpoint(world, endpoint);
  if (live) await Promise.all(live.endings);
}

export function forgetEndpoint(world: World, name: string): void {
  liveEndpoints(world).delete(name);
}

/** From the next request on, traffic goes as the record says. */
export function applyTraffic(world: World, record: EndpointRecord): void {
  const live = liveOf(world, record.name);
  live.targets = record.fleets.flatMap((fleet) => {
    const weights = fleet.variants.reduce((sum, { weight }) => sum + weight, 0);
    return fleet.variants.map((variant) => ({
      fleet: fleet.id,
      configName: fleet.configName,
      variant: variant.name,
      share: fleet.share,
      part: weights === 0 ? 0 : variant.weight / weights,
      routing: variant.routing,
      servers: serversOf(world, record.name, fleet.id, variant.name),
      credit: 0,
    }));
  });
}

/** Instances of a variant that answer their health check. */
export const servingCount = (world: World, endpoint: string, fleet: string, variant: string): number =>
  liveEndpoint(world, endpoint)
    ?.servers.get(fleet)
    ?.get(variant)
    ?.filter(({ serving }) => serving).length ?? 0;

function liveOf(world: World, name: string): LiveEndpoint {
  const all = liveEndpoints(world);
  let live = all.get(name);
  if (live === undefined)
    all.set(name, (live = { name, servers: new Map(), targets: [], endings: new Set() }));
  return live;
}

function serversOf(world: World, endpoint: string, fleet: string, variant: string): ModelServer[] {
  const { servers } = liveOf(world, endpoint);
  let ofFleet = servers.get(fleet);
  if (ofFleet === undefined) servers.set(fleet, (ofFleet = new Map<string, ModelServer[]>()));
  let ofVariant = ofFleet.get(variant);
  if (ofVariant === undefined) ofFleet.set(variant, (ofVariant = []));
  return ofVariant;
}

function endServer(world: World, endpoint: string, server: ModelServer) {
  const { endings } = liveOf(world, endpoint);
  const ending = server
    .end()
    .catch((error: unknown) => world.log.write(`instance ${server.id} did not end: ${String(error)}\n`))
    .finally(() => endings.delete(ending));
  endings.add(ending);
}
