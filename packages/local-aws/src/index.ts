import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { createClock, type AdjustableClock } from './kernel/clock.ts';
import { faults, type Faults } from './kernel/faults.ts';
import { lockDirectory } from './kernel/directory-lock.ts';
import { logFile } from './kernel/log-file.ts';
import { openStore } from './kernel/store.ts';
import type { AwsEvent, World } from './kernel/world.ts';
import { listen } from './server.ts';

export type { Fault, Faults } from './kernel/faults.ts';
export type { TimelineEntry, TimelineRecord } from './kernel/timeline.ts';
export type { AwsEvent, Clock, Instant, World } from './kernel/world.ts';
export type { AdjustableClock } from './kernel/clock.ts';

export type LocalAwsOptions = {
  /** Default 0: any free port. */
  port?: number;
  /** Where everything is kept. Default: a new temporary folder that `close` deletes. */
  directory?: string;
  /** `manual`: the clock stands until it is advanced. `speed`: clock seconds per real second. */
  clock?: { speed?: number; manual?: boolean; start?: Date };
  /** Default 123456789012. */
  account?: string;
  /** Default us-east-1. */
  region?: string;
  /** A local GitHub's API: EventBridge delivers there what is addressed to `https://api.github.com`. */
  githubApi?: string;
  /** Where failures that are not the client's are told. Default: `server.log` in the directory. */
  log?: Writable;
};

export type LocalAws = {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  /** What a process needs in its environment to use this server: endpoint, region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: AdjustableClock;
  readonly faults: Faults;
  readonly world: World;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts AWS on this machine, on 127.0.0.1. State that the directory holds is taken up again. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tidegate-aws-'));
  const unlock = lockDirectory(directory);
  const account = options.account ?? '123456789012';
  const region = options.region ?? 'us-east-1';
  // The store stamps its lines with the clock's time, and the clock must not start behind the store's last line.
  const store = openStore(join(directory, 'state'), () => clock.now());
  const start = Math.max(options.clock?.start?.getTime() ?? Date.now(), store.lastWrite);
  const clock = createClock({ start, speed: options.clock?.manual ? 0 : (options.clock?.speed ?? 1) });
  const endings: (() => Promise<void> | void)[] = [];
  const server = await listen(options.port ?? 0, () => world);
  const log = options.log ?? logFile(join(directory, 'server.log'));
  const world: World = {
    account,
    region,
    endpoint: `http://127.0.0.1:${server.port}`,
    directory,
    clock,
    store,
    emit: (event) => emit(world, event),
    onClose: (end) => void endings.push(end),
    log,
    githubApi: options.githubApi,
  };
  if (!store.isEmpty) await server.resume();
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= (async () => {
      clock.stop();
      await server.close();
      await Promise.allSettled(endings.map(async (end) => end()));
      store.close();
      unlock();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    })());
  return {
    endpoint: world.endpoint,
    account,
    region,
    environment: {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'AKIALOCALAWS00000000',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    },
    clock,
    faults: faults(world),
    world,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** EventBridge is loaded at the first event. Its rules never harm the service that tells of a change. */
function emit(world: World, event: AwsEvent) {
  const time = world.clock.now();
  import('./events/bus.ts')
    .then(({ publish }) => publish(world, event, time))
    .catch((error: unknown) => {
      world.log.write(
        `event ${event['detail-type']} of ${event.source} was not delivered: ${String(error)}\n`,
      );
    });
}
