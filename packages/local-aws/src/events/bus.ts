import { randomUUID } from 'node:crypto';
import { recordTimeline } from '../kernel/timeline.ts';
import type { AwsEvent, Instant, World } from '../kernel/world.ts';
import { deliverTo } from './api-delivery.ts';
import { targetInput, type Envelope } from './input.ts';
import { parsePattern } from './pattern.ts';
import { rules, type RuleRecord, type TargetRecord } from './records.ts';

/** Times in envelopes have whole seconds. */
export const eventTime = (instant: Instant) => new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');

/** Puts an event on the default bus: every enabled rule that matches hands it to its targets. Returns its id. */
export function publish(world: World, event: AwsEvent, time: Instant): string {
  const envelope: Envelope = {
    version: '0',
    id: randomUUID(),
    'detail-type': event['detail-type'],
    source: event.source,
    account: world.account,
    time: eventTime(time),
    region: world.region,
    resources: event.resources,
    detail: event.detail,
  };
  for (const rule of rules(world).values()) {
    if (rule.enabled && rule.pattern !== undefined && parsePattern(rule.pattern)(envelope))
      invokeTargets(world, rule, envelope);
  }
  return envelope.id;
}

export function invokeTargets(world: World, rule: RuleRecord, event: Envelope): void {
  for (const target of Object.values(rule.targets)) {
    try {
      invoke(world, rule, target, event);
    } catch (error) {
      world.log.write(`rule ${rule.name}, target ${target.Id}: ${String(error)}\n`);
    }
  }
}

function invoke(world: World, rule: RuleRecord, target: TargetRecord, event: Envelope) {
  const body = targetInput(event, rule, target);
  recordTimeline(world, {
    kind: 'event',
    name: rule.name,
    state: 'Matched',
    detail: { target: target.Arn, id: event.id },
  });
  if (isLogGroup(target.Arn)) void writeLog(world, target.Arn, event.id, body);
  else deliverTo(world, rule, target, body);
}

/** The kinds of target that events really reach here. */
export const isLogGroup = (arn: string) => /^arn:aws:logs:[\w-]+:\d{12}:log-group:[^:]+(:\*)?$/.test(arn);
export const isApiDestination = (arn: string) =>
  /^arn:aws:events:[\w-]+:\d{12}:api-destination\/[^/]+/.test(arn);

async function writeLog(world: World, arn: string, id: string, body: string) {
  const { appendLog } = await import('../logs/streams.ts');
  const group = arn.split(':log-group:')[1]?.replace(/:\*$/, '') ?? '';
  appendLog(world, group, id, [{ timestamp: world.clock.now(), message: body }]);
}
