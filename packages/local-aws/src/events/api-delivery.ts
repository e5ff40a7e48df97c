import { randomUUID } from 'node:crypto';
import { perWorld } from '../kernel/per-world.ts';
import { recordTimeline } from '../kernel/timeline.ts';
import type { World } from '../kernel/world.ts';
import { apiRequest, send } from './api-request.ts';
import {
  apiDestinations,
  connections,
  deliveries,
  type DeliveryRecord,
  type RuleRecord,
  type TargetRecord,
} from './records.ts';

/** Writes down that a request is to be made, and begins to make it. It is made at least once, also across restarts. */
export function deliverTo(world: World, rule: RuleRecord, target: TargetRecord, body: string): void {
  const now = world.clock.now();
  const delivery: DeliveryRecord = {
    id: randomUUID(),
    rule: rule.name,
    destinationArn: target.Arn,
    body,
    ...(target.HttpParameters && { http: target.HttpParameters }),
    firstAttempt: now,
    nextAttempt: now,
    attempts: 0,
    maxAttempts: 1 + (target.RetryPolicy?.MaximumRetryAttempts ?? 185),
    maxAgeSeconds: target.RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400,
  };
  deliveries(world).put(delivery.id, delivery);
  void attempt(world, delivery.id);
}

/** Takes up what was under way when the process ended. */
export function resumeDeliveries(world: World): void {
  for (const { id, nextAttempt } of deliveries(world).values())
    world.clock.at(nextAttempt, () => void attempt(world, id));
}

type UnderWay = { ids: Set<string>; closing: AbortSignal };

/** What is being made at this moment. When the server closes it is cut off and stays written down, to be made anew. */
const underWay = (world: World) =>
  perWorld(world, 'events-deliveries', (): UnderWay => {
    const closing = new AbortController();
    world.onClose(() => closing.abort());
    return { ids: new Set(), closing: closing.signal };
  });

async function attempt(world: World, id: string): Promise<void> {
  const delivery = deliveries(world).get(id);
  const { ids, closing } = underWay(world);
  if (delivery === undefined || ids.has(id)) return;
  ids.add(id);
  const outcome = await requestOnce(world, delivery, closing).catch((error: unknown): Outcome => ({
    kind: 'failed',
    reason: String(error),
  }));
  ids.delete(id);
  if (closing.aborted) return;
  if (outcome.kind === 'retry') retryLater(world, delivery, outcome.reason, outcome.afterSeconds);
  else finish(world, delivery, outcome.kind === 'done' ? 'Delivered' : 'Failed', outcome.reason);
}

type Outcome = { kind: 'done' | 'failed' | 'retry'; reason: string; afterSeconds?: number };

/** Other answers of 400 and above are the caller's mistake and would only come again. */
const retried = new Set([401, 407, 409, 429]);

async function requestOnce(world: World, delivery: DeliveryRecord, signal: AbortSignal): Promise<Outcome> {
  const destination = apiDestinations(world)
    .values()
    .find(({ arn }) => arn === delivery.destinationArn);
  const connection =
    destination &&
    connections(world)
      .values()
      .find(({ arn }) => arn === destination.connectionArn);
  if (destination === undefined || connection === undefined)
    return { kind: 'failed', reason: `${delivery.destinationArn} is not there` };
  const request = apiRequest(world, destination, connection, delivery);
  if (typeof request === 'string') return { kind: 'failed', reason: request };
  const { status, retryAfter } = await send(request, signal).catch((error: unknown) => ({
    status: 0,
    retryAfter: String(error),
  }));
  if (status >= 200 && status < 300) return { kind: 'done', reason: String(status) };
  if (status !== 0 && status < 500 && !retried.has(status)) return { kind: 'failed', reason: String(status) };
  const seconds = Number(retryAfter);
  if (seconds < 0) return { kind: 'failed', reason: `${status}, not to be tried again` };
  return {
    kind: 'retry',
    reason: status === 0 ? (retryAfter ?? '') : String(status),
    ...(seconds > 0 && { afterSeconds: seconds }),
  };
}

function retryLater(
  world: World,
  delivery: DeliveryRecord,
  reason: string,
  afterSeconds: number | undefined,
) {
  const attempts = delivery.attempts + 1;
  const backoffSeconds = Math.max(afterSeconds ?? 0, Math.min(2 ** (attempts - 1), 300));
  const nextAttempt = world.clock.now() + backoffSeconds * 1000;
  if (
    attempts >= delivery.maxAttempts ||
    nextAttempt > delivery.firstAttempt + delivery.maxAgeSeconds * 1000
  ) {
    return finish(world, delivery, 'Failed', `${reason}, after ${attempts} attempts`);
  }
  deliveries(world).put(delivery.id, { ...delivery, attempts, nextAttempt });
  world.clock.at(nextAttempt, () => void attempt(world, delivery.id));
}

function finish(world: World, delivery: DeliveryRecord, state: 'Delivered' | 'Failed', reason: string) {
  deliveries(world).delete(delivery.id);
  recordTimeline(world, {
    kind: 'event',
    name: delivery.rule,
    state,
    detail: { destination: delivery.destinationArn, reason },
  });
}
