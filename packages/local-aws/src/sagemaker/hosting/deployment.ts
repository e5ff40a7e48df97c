import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';
import { bake } from './bake.ts';
import { changeDeployment, changeEndpoint, foundRecord, phase } from './endpoint-changes.ts';
import { HostingFailure, timedOut } from './hosting-failure.ts';
import { endFleet, scaleFleet, servingCount } from './live.ts';
import { instancesOf } from './plan.ts';
import type { Counts } from './plan.ts';
import type { DeploymentRecord, EndpointRecord, FleetRecord } from './records.ts';

/**
 * Takes a deployment to its end, from wherever it is: every change is on disk before it takes effect, so that a restarted
 * server goes on with the same step, the same deadline and the same verdict.
 *
 * | in                | what happens                     | goes to                                                     |
 * |-------------------|----------------------------------|-------------------------------------------------------------|
 * | Creating          | the step's instances are started | ActivatingTraffic; roll-back if one fails its health check  |
 * | ActivatingTraffic | traffic shifts                   | Baking                                                      |
 * | Baking            | alarms are watched               | the next step; the end; roll-back if an alarm trips         |
 * | any               | MaximumExecutionTimeout passes   | roll-back                                                   |
 * | roll-back         | the old fleet takes all traffic  | InService with the old configuration; UpdateRollbackFailed  |
 */
export async function deploy(world: World, name: string): Promise<void> {
  for (;;) {
    const { deployment, green, blue } = underWay(world, name);
    if (deployment.goesBack) return goBack(world, name);
    try {
      await runStep(world, name, deployment, { green, blue });
    } catch (error) {
      if (!(error instanceof HostingFailure)) throw error;
      changeDeployment(world, name, { goesBack: { reason: error.message } });
      continue;
    }
    if (underWay(world, name).deployment.goesBack) continue;
    if (deployment.step + 1 === deployment.steps.length) return promote(world, name);
    const after = deployment.steps[deployment.step]?.blueAfter ?? {};
    const fleets = withCounts(foundRecord(world, name), blue.id, after);
    const { bakeUntil: _, ...rest } = underWay(world, name).deployment;
    changeEndpoint(world, name, { activity: { ...rest, step: deployment.step + 1 }, fleets });
    await scaleFleet(world, name, blue, after);
  }
}

async function runStep(
  world: World,
  name: string,
  deployment: DeploymentRecord,
  { green, blue }: { green: FleetRecord; blue: FleetRecord },
): Promise<void> {
  const step = deployment.steps[deployment.step];
  if (step === undefined) throw new Error(`${name}'s deployment has no step ${deployment.step}`);
  const launching = missingInstances(world, name, green, step.green);
  if (deployment.bakeUntil === undefined && launching > 0) {
    const fleets = withCounts(foundRecord(world, name), green.id, step.green);
    changeDeployment(
      world,
      name,
      { phase: phase(world, 'Creating', `Launching ${launching} instance(s).`) },
      fleets,
    );
  }
  const launched = Promise.all([
    scaleFleet(world, name, green, step.green),
    scaleFleet(world, name, blue, step.blue),
  ]);
  await withinDeadline(world, deployment, launched);
  if (deployment.bakeUntil === undefined) {
    const activating = phase(world, 'ActivatingTraffic', `Activating traffic on ${step.capacity}.`);
    changeDeployment(
      world,
      name,
      { phase: activating },
      withShares(foundRecord(world, name), green.id, step.share),
    );
    const baking = `Baking for ${step.bakeSeconds} seconds (${step.bakeOf}) with traffic enabled on ${step.capacity}.`;
    const bakeUntil = world.clock.now() + step.bakeSeconds * 1000;
    changeDeployment(world, name, { phase: phase(world, 'Baking', baking), bakeUntil });
  }
  const verdict = await bake(world, underWay(world, name).deployment);
  if (verdict !== 'passed') changeDeployment(world, name, { goesBack: { reason: verdict.reason } });
}

function promote(world: World, name: string) {
  const { endpoint, deployment, green } = underWay(world, name);
  const settled = {
    ...green,
    share: 1,
    variants: green.variants.map((variant) => ({ ...variant, count: variant.desiredCount })),
  };
  changeEndpoint(world, name, {
    status: 'InService',
    configName: green.configName,
    fleets: [settled],
    ...(endpoint.deploymentConfig && { lastDeploymentConfig: endpoint.deploymentConfig }),
    failureReason: undefined,
    activity: undefined,
  });
  endFleet(world, name, deployment.blue);
}

/** Gives all traffic back to the old fleet; after a rolling update its instances are started again first. */
async function goBack(world: World, name: string) {
  const { deployment, blue, green } = underWay(world, name);
  const reason = deployment.goesBack?.reason ?? '';
  changeEndpoint(world, name, { status: 'RollingBack' });
  const ending = `Terminating ${sum(countsOf(green))} instance(s).`;
  changeDeployment(world, name, { phase: phase(world, 'Deleting', ending) });
  const full: Counts = Object.fromEntries(
    blue.variants.map((variant) => [variant.name, variant.desiredCount]),
  );
  try {
    for (let counts = countsOf(blue); ; counts = grown(counts, full, deployment.rollbackBatch)) {
      const missing = missingInstances(world, name, blue, counts);
      if (missing > 0) {
        const launching = phase(world, 'Updating', `Launching ${missing} instance(s).`);
        changeDeployment(
          world,
          name,
          { phase: launching },
          withCounts(foundRecord(world, name), blue.id, counts),
        );
      }
      await scaleFleet(world, name, blue, counts);
      const share = sum(counts) / sum(full);
      changeEndpoint(world, name, {
        fleets: withShares(foundRecord(world, name), deployment.green, 1 - share),
      });
      if (share >= 1) break;
    }
  } catch (error) {
    if (!(error instanceof HostingFailure)) throw error;
    changeEndpoint(world, name, {
      status: 'UpdateRollbackFailed',
      failureReason: `${reason} The rollback failed: ${error.message}`.trim(),
      activity: undefined,
    });
    return;
  }
  const back = foundRecord(world, name).fleets.filter(({ id }) => id === deployment.blue);
  changeEndpoint(world, name, {
    status: 'InService',
    fleets: back,
    failureReason: reason === '' ? undefined : reason,
    activity: undefined,
  });
  endFleet(world, name, deployment.green);
}

export function underWay(world: World, name: string) {
  const endpoint = foundRecord(world, name);
  const deployment = endpoint.activity;
  if (deployment?.kind !== 'deploy') throw new Error(`${name} has no deployment under way`);
  const green = endpoint.fleets.find(({ id }) => id === deployment.green);
  const blue = endpoint.fleets.find(({ id }) => id === deployment.blue);
  if (!green || !blue) throw new Error(`${name}'s deployment has lost a fleet`);
  return { endpoint, deployment, green, blue };
}

/** How long starting instances may take: until the deployment's own deadline, or until the server closes. */
async function withinDeadline(world: World, deployment: DeploymentRecord, work: Promise<unknown>) {
  const { deadline } = deployment;
  const signal = closing(world);
  signal.throwIfAborted();
  const end = Promise.withResolvers<never>();
  const stop = () => end.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const cancel = deadline === undefined ? () => {} : world.clock.at(deadline, () => end.reject(timedOut()));
  try {
    await Promise.race([work, end.promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
    work.catch(() => {});
  }
}

const withShares = (endpoint: EndpointRecord, green: string, share: number): FleetRecord[] =>
  endpoint.fleets.map((fleet) => ({ ...fleet, share: rounded(fleet.id === green ? share : 1 - share) }));

const withCounts = (endpoint: EndpointRecord, fleetId: string, counts: Counts): FleetRecord[] =>
  endpoint.fleets.map((fleet) =>
    fleet.id === fleetId
      ? {
          ...fleet,
          variants: fleet.variants.map((variant) => ({ ...variant, count: counts[variant.name] ?? 0 })),
        }
      : fleet,
  );

const missingInstances = (world: World, name: string, fleet: FleetRecord, counts: Counts) =>
  fleet.variants.reduce(
    (missing, variant) =>
      missing + Math.max(0, (counts[variant.name] ?? 0) - servingCount(world, name, fleet.id, variant.name)),
    0,
  );

export const countsOf = (fleet: FleetRecord): Counts =>
  Object.fromEntries(fleet.variants.map(({ name, count }) => [name, count]));

/** So many instances more of each variant, up to all; all at once without a batch size. */
const grown = (counts: Counts, full: Counts, batch = Infinity): Counts =>
  Object.fromEntries(
    Object.entries(full).map(([name, count]) => [name, Math.min(count, (counts[name] ?? 0) + batch)]),
  );

const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const rounded = (share: number) => Math.round(share * 1e6) / 1e6;

/** RollbackMaximumBatchSize as a number of instances of the old fleet. */
export const rollbackBatchOf = (
  size: Parameters<typeof instancesOf>[0],
  fleet: FleetRecord,
): number | undefined => (size === undefined ? undefined : instancesOf(size, sum(countsOf(fleet))));
