import { instancesOf } from './plan.ts';
import type { Counts } from './plan.ts';
import type { EndpointRecord, FleetRecord } from './records.ts';

/** How many instances each variant of the fleet has just now. */
export const countsOf = (fleet: FleetRecord): Counts =>
  Object.fromEntries(fleet.variants.map(({ name, count }) => [name, count]));

/** How many it shall have when nothing is under way. */
export const fullCountsOf = (fleet: FleetRecord): Counts =>
  Object.fromEntries(fleet.variants.map(({ name, desiredCount }) => [name, desiredCount]));

/** The endpoint's fleets with so much of the traffic on the new one, and the rest on the old. */
export const withShares = (endpoint: EndpointRecord, green: string, share: number): FleetRecord[] =>
  endpoint.fleets.map((fleet) => ({ ...fleet, share: rounded(fleet.id === green ? share : 1 - share) }));

/** The endpoint's fleets, one of them with other numbers of instances. */
export const withCounts = (endpoint: EndpointRecord, fleetId: string, counts: Counts): FleetRecord[] =>
  endpoint.fleets.map((fleet) =>
    fleet.id === fleetId
      ? {
          ...fleet,
          variants: fleet.variants.map((variant) => ({ ...variant, count: counts[variant.name] ?? 0 })),
        }
      : fleet,
  );

/** So many instances more of each variant, up to all; all at once without a batch size. */
export const grown = (counts: Counts, full: Counts, batch = Infinity): Counts =>
  Object.fromEntries(
    Object.entries(full).map(([name, count]) => [name, Math.min(count, (counts[name] ?? 0) + batch)]),
  );

export const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);
const rounded = (share: number) => Math.round(share * 1e6) / 1e6;

/** RollbackMaximumBatchSize as a number of instances of the old fleet. */
export const rollbackBatchOf = (
  size: Parameters<typeof instancesOf>[0],
  fleet: FleetRecord,
): number | undefined => (size === undefined ? undefined : instancesOf(size, sum(countsOf(fleet))));
