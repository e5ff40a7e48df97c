import type { World } from '../../kernel/world.ts';
import { appendLog } from '../../logs/streams.ts';
import { closing } from '../../runtime/process.ts';

/** A busy server says hundreds of lines a second: they are written together, this many real milliseconds after the first. */
const gatherMs = 50;

export type ContainerLog = { line(message: string): void; close(): void };

/** The log stream of one instance, `<variant>/<instance>` in the endpoint's group. */
export function containerLog(world: World, endpoint: string, stream: string): ContainerLog {
  let waiting: { timestamp: number; message: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) appendLog(world, `/aws/sagemaker/Endpoints/${endpoint}`, stream, lines);
  };
  closing(world).addEventListener('abort', flush, { once: true });
  return {
    line(message) {
      // What a container says while the server closes has nowhere to go any more.
      if (closing(world).aborted) return;
      waiting.push({ timestamp: world.clock.now(), message });
      timer ??= setTimeout(flush, gatherMs).unref();
    },
    close() {
      if (!closing(world).aborted) flush();
      closing(world).removeEventListener('abort', flush);
    },
  };
}
