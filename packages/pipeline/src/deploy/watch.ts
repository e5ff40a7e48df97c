import { endpoints, until, type Aws, type Endpoint } from '@tidegate/aws';
import { read, type Expected, type Reading } from './verdict.ts';

/** AWS shows a deployment as under way within seconds; after this long it never will. */
const beginsWithinMs = 300_000;

export type Ended =
  Exclude<Reading, { state: 'under-way' | 'not-begun' }> | { state: 'timed-out'; progress: string };

/**
 * Watches a rollout to its end, or until `timeout` milliseconds of AWS's own time have passed. Only reads.
 * @throws the signal's reason as soon as it is aborted
 */
export async function watchRollout(
  aws: Aws,
  endpoint: string,
  expected: Expected,
  options: { timeout: number; signal: AbortSignal; onProgress: (progress: string) => Promise<void> },
): Promise<{ ended: Ended; live: Endpoint | undefined }> {
  const started = aws.time();
  let { untouchedSince } = expected;
  let last = '';
  return await until(
    aws,
    async () => {
      const live = await endpoints(aws).find(endpoint);
      const reading = read({ ...expected, untouchedSince }, live);
      const elapsed = aws.time() - started;
      if (reading.state === 'not-begun') {
        if (elapsed < beginsWithinMs) return undefined;
        return { ended: { state: 'failed', reason: 'AWS took the deployment and did not begin it' }, live };
      }
      if (reading.state !== 'under-way') return { ended: reading, live };
      untouchedSince = undefined;
      if (reading.progress !== last) {
        last = reading.progress;
        await options.onProgress(last);
      }
      if (elapsed < options.timeout) return undefined;
      return { ended: { state: 'timed-out', progress: last }, live };
    },
    { signal: options.signal },
  );
}
