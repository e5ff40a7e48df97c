import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';
import { bake } from './bake.ts';
import {
  changeDeployment,
  changeEndpoint,
  foundRecord,
  missingInstances,
  phase,
  underWay,
} from './endpoint-changes.ts';
import { fullCountsOf, withCounts, withShares } from './fleet-counts.ts';
import { HostingFailure, timedOut } from './hosting-failure.ts';
import { endFleet, scaleFleet } from './live.ts';
import type { DeploymentRecord, FleetRecord } from './records.ts';
import { rollBack } from './roll-back.ts';

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
    if (deployment.goesBack) return rollBack(world, name);
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
  changeEndpoint(world, name, {
    status: 'InService',
    configName: green.configName,
    fleets: withCounts({ ...endpoint, fleets: [{ ...green, share: 1 }] }, green.id, fullCountsOf(green)),
    failureReason: undefined,
    activity: undefined,
  });
  endFleet(world, name, deployment.blue);
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
