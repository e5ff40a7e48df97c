import { perWorld } from '../../kernel/per-world.ts';
import type { World } from '../../kernel/world.ts';
import { closing } from '../../runtime/process.ts';

/** Why a job's processes are ended before they end by themselves. */
export type StopCause = 'StopRequested' | 'MaxRuntimeExceeded' | 'MaxWaitTimeExceeded';

/** The handle of a job under way: how it is told to end early, and why it was. */
export type JobControl = {
  /** The first cause given; absent while nothing asks the job to end. */
  readonly cause: StopCause | undefined;
  /** Aborted with the first cause. */
  readonly signal: AbortSignal;
  stop(cause: StopCause): void;
};

type UnderWay = { control: JobControl; done: Promise<void> };

const jobsUnderWay = (world: World) =>
  perWorld(world, 'sagemaker.jobs', () => {
    const jobs = new Map<string, UnderWay>();
    // Their programs are ended with the server; what they saved is taken care of before the store is closed.
    world.onClose(async () => void (await Promise.all([...jobs.values()].map(({ done }) => done))));
    return jobs;
  });

/**
 * Sets a job going. `run` writes every outcome into the job's record itself; what it throws is a failure of ours,
 * unless the server is closing, in which case the job is taken up again at the next start.
 */
export function beginJob(
  world: World,
  arn: string,
  run: (control: JobControl) => Promise<void>,
  fail: (reason: string) => void,
): void {
  const control = jobControl();
  const signal = closing(world);
  const jobs = jobsUnderWay(world);
  const done = run(control)
    .catch((error: unknown) => {
      if (signal.aborted) return;
      world.log.write(`${arn}: ${error instanceof Error ? error.stack : String(error)}\n`);
      fail('InternalServerError: We encountered an internal error. Please try again.');
    })
    .finally(() => jobs.delete(arn));
  jobs.set(arn, { control, done });
}

/** Asks a job under way to end; nothing happens to one that is not. */
export function stopJob(world: World, arn: string, cause: StopCause): void {
  jobsUnderWay(world).get(arn)?.control.stop(cause);
}

function jobControl(): JobControl {
  const controller = new AbortController();
  let cause: StopCause | undefined;
  return {
    signal: controller.signal,
    get cause() {
      return cause;
    },
    stop(given) {
      cause ??= given;
      controller.abort(cause);
    },
  };
}
