import type { World } from '../../kernel/world.ts';
import { appendLog } from '../../logs/streams.ts';

/** A busy server says hundreds of lines a second: they are written together, this many real milliseconds after the first. */
const gatherMs = 50;

export type ContainerLog = { line(message: string): void; flush(): void };

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
  return {
    line(message) {
      waiting.push({ timestamp: world.clock.now(), message });
      timer ??= setTimeout(flush, gatherMs).unref();
    },
    flush,
  };
}
