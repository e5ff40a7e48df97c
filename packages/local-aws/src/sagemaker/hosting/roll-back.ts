import type { World } from '../../kernel/world.ts';
import {
  changeDeployment,
  changeEndpoint,
  foundRecord,
  missingInstances,
  phase,
  underWay,
} from './endpoint-changes.ts';
import { countsOf, fullCountsOf, grown, sum, withCounts, withShares } from './fleet-counts.ts';
import { HostingFailure } from './hosting-failure.ts';
import { endFleet, scaleFleet } from './live.ts';

/** Gives all traffic back to the old fleet; after a rolling update its instances are started again first. */
export async function rollBack(world: World, name: string): Promise<void> {
  const { deployment, blue, green } = underWay(world, name);
  const reason = deployment.goesBack?.reason ?? '';
  changeEndpoint(world, name, { status: 'RollingBack' });
  const ending = `Terminating ${sum(countsOf(green))} instance(s).`;
  changeDeployment(world, name, { phase: phase(world, 'Deleting', ending) });
  const full = fullCountsOf(blue);
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
