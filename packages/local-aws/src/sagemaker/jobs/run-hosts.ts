import type { World } from '../../kernel/world.ts';
import { appendLog } from '../../logs/streams.ts';
import { startContainer, type ContainerSpec } from '../../runtime/host.ts';
import { asInContainer } from '../../runtime/paths.ts';
import { closing, type Container, type Exit } from '../../runtime/process.ts';

export type Host = { name: string; spec: Omit<ContainerSpec, 'onLine'> };

/** SageMaker gives a container two minutes between SIGTERM and SIGKILL (`docker stop -t 120`). */
export const stopGraceMs = 120_000;

/**
 * Runs one container per instance until all have ended. Where one fails or `stop` is aborted, the others are ended too.
 * @returns the exit of each, in the order of the hosts
 * @throws ContainerError when one cannot be started; the closing server's reason when the server closes meanwhile
 */
export async function runHosts(
  world: World,
  hosts: readonly Host[],
  log: { group: string; job: string },
  stop: AbortSignal,
  onLine: (line: string) => void = () => {},
): Promise<Exit[]> {
  const epoch = Math.floor(world.clock.now() / 1000);
  const containers: Container[] = [];
  const endAll = () => Promise.all(containers.map((container) => container.stop(stopGraceMs)));
  const onStop = () => void endAll();
  stop.addEventListener('abort', onStop);
  try {
    for (const { name, spec } of hosts) {
      if (stop.aborted) break;
      const line = (text: string) => {
        const message = asInContainer(spec.root, text);
        if (!closing(world).aborted) {
          appendLog(world, log.group, `${log.job}/${name}-${epoch}`, [
            { timestamp: world.clock.now(), message },
          ]);
        }
        onLine(message);
      };
      const container = await startContainer(world, { ...spec, onLine: line });
      containers.push(container);
      if (stop.aborted) onStop();
      void container.exited.then(({ code }) => code !== 0 && onStop());
    }
    return await Promise.all(containers.map((container) => container.exited));
  } catch (error) {
    await endAll();
    throw error;
  } finally {
    stop.removeEventListener('abort', onStop);
    closing(world).throwIfAborted();
  }
}

/** A container's exit as one number, as a shell counts it: 128 and the signal's number where a signal ended it. */
export function exitCode({ code, signal }: Exit): number {
  return code ?? 128 + (signalNumbers[signal ?? 'SIGKILL'] ?? 9);
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
  SIGBUS: 7,
};
