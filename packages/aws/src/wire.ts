import type { Clock } from './clock.ts';
import { explain, isExpired, isPassing, isThrottled } from './errors.ts';

type Handler = (args: unknown) => Promise<{ response: unknown; output: unknown }>;
type Context = { clientName?: string; commandName?: string };
type Middleware = (next: Handler, context: Context) => Handler;

/** What we need of an SDK client to sit on its wire; every client has it. */
export type SdkClient = {
  middlewareStack: { add(middleware: never, options: never): void };
};

export type Wire = {
  clock: Clock;
  random: () => number;
  /** How long throttling is outwaited, and how long failures of AWS and lost connections. */
  patienceMs: number;
  outageMs: number;
  /** Present where credentials can be renewed. */
  expired: (() => void) | undefined;
  answered(roundTripMs: number, date: number | undefined): void;
};

const FIRST_PAUSE_MS = 100;
// Short enough that a cancelled run is never held up by a throttled call.
const LONGEST_PAUSE_MS = 5_000;

/** Puts our patience and words outermost on a client's calls, and our stop-watch innermost, beside the socket. */
export function watch(client: SdkClient, wire: Wire): void {
  const add = client.middlewareStack.add.bind(client.middlewareStack) as unknown as (
    middleware: Middleware,
    options: { name: string; step: string; priority: string },
  ) => void;
  add(patient(wire), { name: 'tidegatePatience', step: 'initialize', priority: 'high' });
  add(timed(wire), { name: 'tidegateClock', step: 'deserialize', priority: 'low' });
}

/**
 * The SDK gives up after three attempts, which at an even chance of refusal is half of all throttled calls, and before a server is back
 * up. Patience is counted by the clock instead, with full jitter. Every call we make is safe to repeat: what creates, does so by name.
 */
function patient(wire: Wire): Middleware {
  return (next, context) => async (args) => {
    const start = wire.clock.now();
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await next(args);
      } catch (error) {
        if (wire.expired && !renewed && isExpired(error)) {
          renewed = true;
          wire.expired();
          continue;
        }
        const patienceMs = isThrottled(error) ? wire.patienceMs : isPassing(error) ? wire.outageMs : 0;
        if (wire.clock.now() - start >= patienceMs) {
          throw explain(error, context.clientName ?? '', context.commandName ?? '');
        }
        await wire.clock.sleep(wire.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
      }
    }
  };
}

function timed(wire: Wire): Middleware {
  return (next) => async (args) => {
    const start = performance.now();
    const answer = await next(args);
    wire.answered(performance.now() - start, dateOf(answer.response));
    return answer;
  };
}

function dateOf(response: unknown): number | undefined {
  const { headers } = response as { headers?: Record<string, string> };
  const date = Date.parse(headers?.['date'] ?? '');
  return Number.isNaN(date) ? undefined : date;
}
