import { AwsError } from '../kernel/errors.ts';
import type { Instant, World } from '../kernel/world.ts';
import { closing } from '../runtime/process.ts';
import { runInvocation } from './fleet.ts';
import { resolve } from './names.ts';
import { chosen } from './routing.ts';

/** An asynchronous invocation: on disk until it has succeeded, or has failed for good. */
type QueuedEvent = { id: string; arn: string; payload: string; failures: number; dueAt: Instant };

const queue = (world: World) => world.store.table<QueuedEvent>('lambda.events');

/** After the first failure, and after the second; then it is given up. */
const pausesMs = [60_000, 120_000];
const throttledMs = 1000;

export function enqueue(world: World, event: Pick<QueuedEvent, 'id' | 'arn' | 'payload'>): void {
  queue(world).put(event.id, { ...event, failures: 0, dueAt: world.clock.now() });
  schedule(world, event.id);
}

/** Takes up what waited, or was under way, when the server ended: at least once, as AWS says. */
export function resumeEvents(world: World): void {
  for (const id of queue(world).keys()) schedule(world, id);
}

function schedule(world: World, id: string): void {
  const event = queue(world).get(id);
  if (event === undefined) return;
  world.clock.at(Math.max(event.dueAt, world.clock.now()), () => {
    attempt(world, event).catch((error: unknown) => {
      if (!closing(world).aborted) world.log.write(`event ${id} of ${event.arn}: ${String(error)}\n`);
    });
  });
}

async function attempt(world: World, event: QueuedEvent): Promise<void> {
  const later = (change: Partial<QueuedEvent>) => {
    if (closing(world).aborted) return;
    queue(world).put(event.id, { ...event, ...change });
    schedule(world, event.id);
  };
  try {
    const resolved = resolve(world, event.arn);
    const outcome = await runInvocation(world, resolved.record, chosen(world, resolved), {
      requestId: event.id,
      arn: event.arn,
      payload: Buffer.from(event.payload, 'base64'),
      clientContext: undefined,
    });
    // What ends because the server does is no failure of the function.
    if (closing(world).aborted) return;
    const pause = outcome.isError ? pausesMs[event.failures] : undefined;
    if (pause === undefined) queue(world).delete(event.id);
    else later({ failures: event.failures + 1, dueAt: world.clock.now() + pause });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'TooManyRequestsException') return later({ dueAt: world.clock.now() + throttledMs });
    // The function is gone.
    queue(world).delete(event.id);
  }
}
