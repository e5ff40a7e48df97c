import { randomUUID } from 'node:crypto';
import { perWorld } from '../kernel/per-world.ts';
import type { Instant, World } from '../kernel/world.ts';
import { eventTime, invokeTargets } from './bus.ts';
import { rules, type RuleRecord } from './records.ts';
import { parseSchedule } from './schedule.ts';

const timers = (world: World) => perWorld(world, 'events-timers', () => new Map<string, () => void>());

/** Sets a rule's next firing anew: after it was put, enabled, disabled or deleted, and after a restart. */
export function reschedule(world: World, name: string): void {
  timers(world).get(name)?.();
  timers(world).delete(name);
  const rule = rules(world).get(name);
  if (rule?.enabled && rule.schedule !== undefined) arm(world, rule, rule.schedule, world.clock.now());
}

function arm(world: World, rule: RuleRecord, schedule: string, after: Instant) {
  const next = parseSchedule(schedule, rule.since)(after);
  if (next === undefined) return;
  const cancel = world.clock.at(next, () => {
    arm(world, rule, schedule, next);
    fire(world, rule.name, next);
  });
  timers(world).set(rule.name, cancel);
}

function fire(world: World, name: string, at: Instant) {
  const rule = rules(world).get(name);
  if (rule === undefined) return;
  invokeTargets(world, rule, {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: world.account,
    time: eventTime(at),
    region: world.region,
    resources: [rule.arn],
    detail: {},
  });
}
