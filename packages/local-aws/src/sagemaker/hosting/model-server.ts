import { randomBytes } from 'node:crypto';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../../kernel/world.ts';
import { ContainerError } from '../../runtime/container-error.ts';
import { startContainer } from '../../runtime/host.ts';
import { closing } from '../../runtime/process.ts';
import type { Container } from '../../runtime/process.ts';
import { containerLog } from '../../runtime/container-log.ts';
import { failedPing, HostingFailure } from './hosting-failure.ts';
import { modelFolder } from './model-files.ts';
import { freePort, ping } from './ping.ts';
import type { VariantRecord } from './records.ts';

/** One instance of a variant: a model server in a process of its own, kept alive until it is ended. */
export type ModelServer = {
  readonly id: string;
  /** The port of the process that runs now; another one after a crash. */
  port: number;
  /** Whether it answers its health check; requests go nowhere else. */
  serving: boolean;
  /** Whether it ever did, since this server runs. */
  hasServed: boolean;
  /** Requests it has not answered yet. */
  outstanding: number;
  /** Keeps connections to the process open between requests. */
  readonly agent: Agent;
  /** Resolves at the first healthy answer; rejects with `HostingFailure` when there is none in time. */
  readonly healthy: Promise<void>;
  /** Lets what is outstanding finish, then SIGTERM, then SIGKILL after 30 s. */
  end(): Promise<void>;
};

const stopGraceMs = 30_000;
/** Real milliseconds. An invocation takes at most 60 s, so that none is cut short. */
const longestDrainMs = 60_000;
const pingEveryMs = 25;
const restartAfterMs = 250;
const leastPatienceMs = 60_000;

export function startModelServer(world: World, endpoint: string, variant: VariantRecord): ModelServer {
  const id = `i-${randomBytes(9).toString('hex').slice(1)}`;
  const log = containerLog(world, `/aws/sagemaker/Endpoints/${endpoint}`, `${variant.name}/${id}`);
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, closing(world)]);
  const outOfTime = healthTimeout(world, variant.healthTimeoutSeconds);
  const health = Promise.withResolvers<void>();
  // A server that is ended before it was healthy is nobody's failure.
  health.promise.catch(() => {});
  const server: ModelServer = {
    id,
    port: 0,
    serving: false,
    hasServed: false,
    outstanding: 0,
    agent: new Agent({ keepAlive: true, scheduling: 'lifo' }),
    healthy: health.promise,
    end: () => (ended ??= end()),
  };
  let ended: Promise<void> | undefined;
  let container: Container | undefined;
  const kept = keep().catch((error: unknown) => health.reject(asFailure(error)));

  async function keep() {
    const root = join(world.directory, 'sagemaker', 'instances', id);
    const model = await modelFolder(world, variant.container);
    await mkdir(join(root, 'opt', 'ml'), { recursive: true });
    if (model === undefined) await mkdir(join(root, 'opt', 'ml', 'model'));
    else await symlink(model, join(root, 'opt', 'ml', 'model'));
    let hasExited = false;
    while (!signal.aborted) {
      const port = await freePort();
      container = await startContainer(world, {
        image: variant.container.Image ?? '',
        command: 'serve',
        environment: variant.container.Environment ?? {},
        root,
        port,
        onLine: (line) => log.line(line),
      });
      const isOver = () => !server.hasServed && outOfTime(hasExited);
      if (await becameHealthy(container, port, isOver)) {
        Object.assign(server, { port, serving: true, hasServed: true });
        health.resolve();
        await container.exited;
        server.serving = false;
      } else if (!signal.aborted) {
        await container.stop(0);
      }
      hasExited = true;
      if (signal.aborted) return;
      if (isOver()) throw failedPing(variant.name);
      await sleep(restartAfterMs, undefined, { ref: false });
    }
  }

  async function becameHealthy(running: Container, port: number, isOver: () => boolean): Promise<boolean> {
    const exited = running.exited.then(() => 'exited');
    while (!signal.aborted && !isOver()) {
      if (await ping(port)) return true;
      const next = sleep(pingEveryMs, 'again', { ref: false });
      if ((await Promise.race([exited, next])) === 'exited') return false;
    }
    return false;
  }

  async function end() {
    const drainUntil = performance.now() + longestDrainMs;
    while (server.outstanding > 0 && performance.now() < drainUntil && !closing(world).aborted) {
      await sleep(pingEveryMs, undefined, { ref: false });
    }
    ending.abort();
    await container?.stop(stopGraceMs);
    await kept;
    // One that was just being started when the end came.
    await container?.stop(stopGraceMs);
    server.serving = false;
    server.agent.destroy();
    log.close();
    await rm(join(world.directory, 'sagemaker', 'instances', id), { recursive: true, force: true });
  }

  return server;
}

/**
 * Whether a container has had its time to become healthy. The setting is in the clock's time, but a subprocess does not start
 * faster because the server's clock does: one that still runs has a minute of real time in any case.
 */
function healthTimeout(world: World, seconds: number): (hasExited: boolean) => boolean {
  const deadline = world.clock.now() + seconds * 1000;
  const patience = performance.now() + Math.min(seconds * 1000, leastPatienceMs);
  return (hasExited) => world.clock.now() >= deadline && (hasExited || performance.now() >= patience);
}

const asFailure = (error: unknown): unknown =>
  error instanceof ContainerError ? new HostingFailure(error.message) : error;
