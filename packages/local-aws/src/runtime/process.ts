import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { perWorld } from '../kernel/per-world.ts';
import type { World } from '../kernel/world.ts';
import { ContainerError } from './container-error.ts';
import { forgetProcess, rememberProcess } from './orphans.ts';
import { endGroup } from './process-group.ts';

/** A running container: one process group of this machine. */
export type Container = {
  readonly pid: number;
  /** Settles once every process of the group has ended and every line of output was handed over; never rejects. */
  readonly exited: Promise<Exit>;
  /** SIGTERM to the first process now, SIGKILL to all when `graceMs` of the server's clock have passed; resolves with `exited`. */
  stop(graceMs: number): Promise<void>;
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** Real milliseconds in which output is still read after a container's first process has ended. */
const lastWordsMs = 1000;

export type ProcessSpec = {
  argv: readonly string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  environment: Readonly<Record<string, string>>;
  onLine: (line: string, from: 'stdout' | 'stderr') => void;
};

/**
 * @throws ContainerError when the executable is not there or not executable
 */
export async function startProcess(world: World, spec: ProcessSpec): Promise<Container> {
  const [command = '', ...args] = spec.argv;
  const running = runningGroups(world);
  closing(world).throwIfAborted();
  const child = spawn(command, args, {
    cwd: spec.cwd,
    env: spec.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = await started(child, command);
  if (closing(world).aborted) endGroup(pid, 'SIGKILL');
  rememberProcess(world, pid);
  for (const from of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[from], crlfDelay: Infinity }).on('line', (line) =>
      spec.onLine(line, from),
    );
  }
  let letGo: NodeJS.Timeout | undefined;
  // A container ends with its first process: what that one left behind is ended with it, and lets go of the pipes.
  child.once('exit', () => {
    endGroup(pid, 'SIGKILL');
    // One that left the group may hold them still: nobody waits for it.
    letGo = setTimeout(
      () => [child.stdout, child.stderr].forEach((pipe) => pipe.destroy()),
      lastWordsMs,
    ).unref();
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(letGo);
      running.delete(pid);
      if (!closing(world).aborted) forgetProcess(world, pid);
      resolve({ code, signal });
    });
  });
  running.add(pid);
  let stopping: Promise<void> | undefined;
  return {
    pid,
    exited,
    stop: (graceMs) => (stopping ??= stop(world, child, pid, exited, graceMs)),
  };
}

async function stop(world: World, child: ChildProcess, pid: number, exited: Promise<Exit>, graceMs: number) {
  // As `docker stop` does: the first process is told, and decides what becomes of the others.
  child.kill('SIGTERM');
  const callOff = world.clock.at(world.clock.now() + graceMs, () => endGroup(pid, 'SIGKILL'));
  await exited;
  callOff();
}

function started(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        reject(new ContainerError(`exec: "${command}": executable file not found in $PATH`));
      else if (error.code === 'EACCES') reject(new ContainerError(`exec: "${command}": permission denied`));
      else reject(error);
    });
  });
}

/** The process groups that must not outlive the server. */
export function runningGroups(world: World): Set<number> {
  return perWorld(world, 'runtime.running', () => new Set<number>());
}

/** Aborted when the server closes: from then on nothing is started, and what ends is not taken for a result. */
export function closing(world: World): AbortSignal {
  return perWorld(world, 'runtime.closing', () => {
    const controller = new AbortController();
    world.onClose(() => {
      controller.abort(new Error('the server is closing'));
      for (const pid of runningGroups(world)) endGroup(pid, 'SIGKILL');
    });
    return controller.signal;
  });
}
