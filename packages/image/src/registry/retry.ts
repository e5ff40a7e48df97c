/** How often and how patiently a request is made again. */
export type Retry = {
  /** Attempts in all. */
  attempts: number;
  /** The first pause; each one after it may be twice as long. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** In [0, 1): spreads the pauses of many clients. */
  random: () => number;
};

export const patient: Retry = { attempts: 6, firstPauseMs: 250, longestPauseMs: 20_000, random: Math.random };

/** How long to wait before attempt `attempt` + 1, or undefined to give up. `retryAfter` is the registry's own wish. */
export function pauseMs(retry: Retry, attempt: number, retryAfter?: string): number | undefined {
  if (attempt >= retry.attempts) return undefined;
  const wished = Number(retryAfter);
  if (retryAfter && Number.isFinite(wished)) return Math.min(wished * 1000, retry.longestPauseMs);
  const most = Math.min(retry.firstPauseMs * 2 ** (attempt - 1), retry.longestPauseMs);
  return most / 2 + (most / 2) * retry.random();
}

/** Whether the same request may succeed when it is made again. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** @throws the signal's reason */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
