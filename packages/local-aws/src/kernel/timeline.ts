import { perWorld } from './per-world.ts';
import type { Instant, World } from './world.ts';

/**
 * A change of state worth drawing: a job that began or ended, the share of traffic each endpoint configuration has,
 * an alarm that changed, an event that was delivered.
 */
export type TimelineEntry = {
  kind: 'job' | 'endpoint' | 'alarm' | 'event';
  /** The thing's name: of the job, the endpoint, the alarm, the rule. */
  name: string;
  /** Its new state in AWS's words, e.g. `InProgress`, `Updating`, `ALARM`. */
  state: string;
  /** Of an endpoint: endpoint configuration name → share of the traffic, 0 to 1. */
  traffic?: Record<string, number>;
  /** Anything else that explains the change. */
  detail?: Record<string, unknown>;
};

export type TimelineRecord = TimelineEntry & { at: Instant };

const tableName = 'timeline';

export function recordTimeline(world: World, entry: TimelineEntry): void {
  const table = world.store.table<TimelineRecord>(tableName);
  const next = perWorld(world, 'timeline', () => ({ number: table.keys().length }));
  table.put(String(next.number++), { at: world.clock.now(), ...entry });
}

/** Everything recorded so far, oldest first. */
export function timeline(world: World): TimelineRecord[] {
  return world.store.table<TimelineRecord>(tableName).values();
}
