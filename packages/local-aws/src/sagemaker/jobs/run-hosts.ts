import type { World } from '../../kernel/world.ts';
import { appendLog } from '../../logs/streams.ts';
import { startContainer, type ContainerSpec } from '../../runtime/host.ts';
import { asInContainer } from '../../runtime/paths.ts';
import { closing, type Container, type Exit } from '../../runtime/process.ts';

export type Host = { name: string; spec: Omit<ContainerSpec, 'onLine'> };

/** SageMaker gives a container two minutes between SIGTERM and SIGKILL (`docker stop -t 120`). */
export const stopGraceMs = 120_000;

/** Where a job's lines go: to `<job>/<host>-<epoch>` of the log group, and to whoever else wants them. */
export type Listener = { group: string; job: string; onLines?: (lines: readonly string[]) => void };

/**
 * Runs one container per instance until all have ended. Where one fails or `stop` is aborted, the others are ended too.
 * @returns the exit of each, in the order of the hosts; of fewer where `stop` came before all were started
 * @throws ContainerError when one cannot be started; the closing server's reason when the server closes meanwhile
 */
export async function runHosts(
  world: World,
  hosts: readonly Host[],
  listener: Listener,
  stop: AbortSignal,
): Promise<Exit[]> {
  const epoch = Math.floor(world.clock.now() / 1000);
  const containers: Container[] = [];
  const outputs: Output[] = [];
  const endAll = () => Promise.all(containers.map((container) => container.stop(stopGraceMs)));
  const onStop = () => void endAll();
  stop.addEventListener('abort', onStop);
  try {
    for (const { name, spec } of hosts) {
      if (stop.aborted) break;
      const output = gathered(world, listener, `${listener.job}/${name}-${epoch}`);
      outputs.push(output);
      const onLine = (line: string) => output.line(asInContainer(spec.root, line));
      const container = await startContainer(world, { ...spec, stop, onLine });
      containers.push(container);
      if (stop.aborted) onStop();
      void container.exited.then(({ code }) => code !== 0 && onStop());
    }
    return await Promise.all(containers.map((container) => container.exited));
  } catch (error) {
    await endAll();
    if (stop.aborted) return [];
    throw error;
  } finally {
    stop.removeEventListener('abort', onStop);
    closing(world).throwIfAborted();
    for (const output of outputs) output.flush();
  }
}

type Output = { line(message: string): void; flush(): void };

/** Lines that arrive together are written together: a program may print thousands at once. */
function gathered(world: World, { group, onLines }: Listener, stream: string): Output {
  let waiting: { timestamp: number; message: string }[] = [];
  const flush = () => {
    const lines = waiting;
    waiting = [];
    if (lines.length === 0 || closing(world).aborted) return;
    appendLog(world, group, stream, lines);
    onLines?.(lines.map(({ message }) => message));
  };
  return {
    flush,
    line(message) {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ timestamp: world.clock.now(), message });
    },
  };
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
