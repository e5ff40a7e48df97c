import { AwsError } from '../../kernel/errors.ts';
import type { World } from '../../kernel/world.ts';
import { endpointTable } from './records.ts';
import type { FleetRecord } from './records.ts';

/** Every instance is a process of this machine: `TIDEGATE_ENDPOINT_INSTANCES` says how many it may have at a time. */
const defaultInstances = 16;

/** @throws AwsError `ResourceLimitExceeded`, as where an account's service quota is used up */
export function checkQuota(world: World, fleet: Pick<FleetRecord, 'variants'>): void {
  const limit = Number(process.env['TIDEGATE_ENDPOINT_INSTANCES'] ?? defaultInstances);
  const count = (variants: FleetRecord['variants']) =>
    variants.reduce((sum, variant) => sum + variant.desiredCount, 0);
  const used = endpointTable(world)
    .values()
    .flatMap(({ fleets }) => fleets)
    .reduce((sum, { variants }) => sum + count(variants), 0);
  const wanted = count(fleet.variants);
  if (used + wanted <= limit) return;
  const type = fleet.variants[0]?.instanceType;
  throw new AwsError(
    'ResourceLimitExceeded',
    `The account-level service limit '${type} for endpoint usage' is ${limit} Instances, with current utilization of ${used} Instances and a request delta of ${wanted} Instances. Please use AWS Service Quotas to request an increase for this quota.`,
  );
}
