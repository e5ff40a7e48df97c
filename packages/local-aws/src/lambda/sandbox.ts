import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { World } from '../kernel/world.ts';
import { containerLog } from '../runtime/container-log.ts';
import { endGroup } from '../runtime/process-group.ts';
import { closing, startProcess } from '../runtime/process.ts';
import { whenHasRun } from '../runtime/time-limit.ts';
import { codeFolder } from './code.ts';
import { exited, lateText, memoryUsedMb, mostResponseBytes, report, timedOut, tooLarge } from './endings.ts';
import type { FunctionRecord, VersionRecord } from './records.ts';
import { openRuntimeApi, type Invocation, type Reply } from './runtime-api.ts';
import { runtimeCommand } from './runtimes.ts';

export type Outcome = Reply & {
  /** What was logged meanwhile. */
  log: readonly string[];
};

/** One execution environment of a function: a process that serves one event after another. */
export type Sandbox = {
  /** Its process has ended, or is about to: it serves nothing more. */
  readonly isOver: boolean;
  invoke(invocation: Invocation): Promise<Outcome>;
  end(): Promise<void>;
};

/** What environments write below: a folder each. */
export const sandboxesFolder = (world: World) => join(world.directory, 'lambda', 'sandboxes');

/** @throws ContainerError where this machine has no Python */
export async function startSandbox(
  world: World,
  record: FunctionRecord,
  version: VersionRecord,
): Promise<Sandbox> {
  const id = randomBytes(16).toString('hex');
  const day = new Date(world.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const place: Place = {
    root: join(sandboxesFolder(world), id),
    stream: `${day}/[${version.version}]${id}`,
    address: '',
  };
  const log = containerLog(world, version.logging.LogGroup ?? '', place.stream);
  let said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    log.line(line);
  };
  const began = performance.now();
  let initMs: number | undefined;
  let isOver = false;
  const argv = await runtimeCommand(world, version.runtime);
  await mkdir(join(place.root, 'tmp'), { recursive: true });
  const api = await openRuntimeApi();
  place.address = api.address;
  const container = await startProcess(world, {
    argv,
    cwd: codeFolder(world, version),
    environment: environmentOf(world, record, version, place),
    onLine: say,
  });
  const ended = container.exited.then(async (exit) => {
    isOver = true;
    api.close();
    log.close();
    if (!closing(world).aborted) await rm(place.root, { recursive: true, force: true });
    return exit;
  });
  const end = async () => {
    isOver = true;
    endGroup(container.pid, 'SIGKILL');
    await ended;
  };

  /** What the function answers, or what became of it instead. */
  async function served(invocation: Invocation): Promise<Reply> {
    const { requestId } = invocation;
    const seconds = version.timeoutSeconds;
    const late = Promise.withResolvers<Reply>();
    const callOff = whenHasRun(world, seconds, () => {
      say(`${new Date(world.clock.now()).toISOString()} ${requestId} ${lateText(seconds)}`);
      late.resolve(timedOut(requestId, seconds));
      void end();
    });
    const gone = container.exited.then((exit) => exited(requestId, exit));
    const deadlineMs = performance.timeOrigin + performance.now() + seconds * 1000;
    const answered = api.deliver(invocation, deadlineMs);
    // The end of the process is heard of too, when the time was up.
    const reply = await Promise.race([late.promise, answered, gone.then(async (ending) => ending)]);
    callOff();
    return reply.payload.length > mostResponseBytes ? tooLarge() : reply;
  }

  return {
    get isOver() {
      return isOver;
    },
    end,
    async invoke(invocation) {
      const { requestId } = invocation;
      const isFirst = initMs === undefined;
      initMs ??= performance.now() - began;
      said = [];
      say(`START RequestId: ${requestId} Version: ${version.version}`);
      const started = performance.now();
      const reply = await served(invocation);
      const tookMs = performance.now() - started;
      const usedMb = memoryUsedMb(container.pid);
      // What the process wrote before it answered has arrived, but perhaps nobody has read it yet.
      await turn();
      await turn();
      say(`END RequestId: ${requestId}`);
      say(report(requestId, version, { tookMs, initMs: isFirst ? initMs : undefined, usedMb }));
      log.flush();
      return { ...reply, log: said };
    },
  };
}

type Place = { root: string; stream: string; address: string };

function environmentOf(
  world: World,
  { name }: FunctionRecord,
  version: VersionRecord,
  { root, stream, address }: Place,
): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), process.env['PATH']].join(':'),
    HOME: root,
    TMPDIR: join(root, 'tmp'),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PYTHONUNBUFFERED: 'TRUE',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...version.environment,
    _HANDLER: version.handler,
    LAMBDA_TASK_ROOT: codeFolder(world, version),
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: version.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(version.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: version.logging.LogGroup ?? '',
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    AWS_EXECUTION_ENV: `AWS_Lambda_${version.runtime}`,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_ACCESS_KEY_ID: 'AKIALOCALAWS00000000',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}
