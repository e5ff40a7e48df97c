import type { World } from '../kernel/world.ts';
import { appendLog } from '../logs/streams.ts';
import { closing } from './process.ts';

/** A busy server says hundreds of lines a second: they are written together, this many real milliseconds after the first. */
const gatherMs = 50;

export type ContainerLog = {
  line(message: string): void;
  /** Writes down what is still being gathered. */
  flush(): void;
  close(): void;
};

/** The log stream of one container that goes on and on. */
export function containerLog(world: World, group: string, stream: string): ContainerLog {
  let waiting: { timestamp: number; message: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) appendLog(world, group, stream, lines);
  };
  closing(world).addEventListener('abort', flush, { once: true });
  const flushUnlessClosing = () => {
    if (!closing(world).aborted) flush();
  };
  return {
    flush: flushUnlessClosing,
    line(message) {
      // What a container says while the server closes has nowhere to go any more.
      if (closing(world).aborted) return;
      waiting.push({ timestamp: world.clock.now(), message });
      timer ??= setTimeout(flush, gatherMs).unref();
    },
    close() {
      flushUnlessClosing();
      closing(world).removeEventListener('abort', flush);
    },
  };
}
