import type { Aws } from './connect.ts';

/** What was waited for did not come in time. The thing itself may still be under way. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

const SHORTEST_MS = 25;
const LONGEST_MS = 15_000;

/**
 * How long to wait between two looks: twenty round trips, so that looking costs AWS at most 5 % of its time and a near AWS is seen at
 * once, and never less than a thousandth of what was already waited.
 */
export function pollIntervalMs(aws: Aws, elapsedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, 20 * aws.roundTripMs(), elapsedMs / 1000));
}

/**
 * Looks until `check` has an answer that is not undefined. Nothing is asked again while an answer is under way.
 * @param options.timeoutMs by our clock
 * @throws TimedOut; the signal's reason as soon as it is aborted, even in the middle of a call
 */
export async function until<T>(
  aws: Aws,
  check: () => Promise<T | undefined>,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<T> {
  const { signal, timeoutMs = Infinity } = options;
  const start = aws.clock.now();
  for (;;) {
    signal?.throwIfAborted();
    const answer = await unlessAborted(check(), signal);
    if (answer !== undefined) return answer;
    const elapsed = aws.clock.now() - start;
    if (elapsed >= timeoutMs) throw new TimedOut(`nothing after ${Math.round(elapsed / 1000)} s`);
    await aws.clock.sleep(pollIntervalMs(aws, elapsed), signal);
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
