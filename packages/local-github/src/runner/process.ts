import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Timing } from '../host.ts';

export type ProcessRequest = {
  command: string;
  args: string[];
  cwd: string;
  environment: Record<string, string>;
  /** Aborted when the job is cancelled; undefined for what runs because it was. */
  signal: AbortSignal | undefined;
  /** Aborted when nothing may go on: the process and all it started are killed at once. */
  forced: AbortSignal;
  timeoutMs: number | undefined;
  timing: Timing;
  onLine: (line: string) => void;
};

export type Ended = {
  code: number | null;
  signal: string | null;
  stopped: 'cancelled' | 'timed-out' | undefined;
};

/**
 * Runs one process to its end, giving its lines as they come. When it is cancelled or out of time it gets SIGINT,
 * then SIGTERM, and in the end its whole process group SIGKILL, at GitHub's intervals.
 */
export function runProcess(request: ProcessRequest): Promise<Ended> {
  const { command, args, cwd, environment, signal, forced, timeoutMs, timing, onLine } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number, body: () => void) => timers.push(setTimeout(body, ms));
    let stopped: Ended['stopped'];

    const stop = (why: Ended['stopped']) => {
      if (stopped) return;
      stopped = why;
      child.kill('SIGINT');
      after(timing.interruptMs, () => child.kill('SIGTERM'));
      after(timing.interruptMs + timing.terminateMs, () => killGroup(child.pid));
    };
    const cancel = () => stop('cancelled');
    const kill = () => {
      stopped ??= 'cancelled';
      killGroup(child.pid);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    forced.addEventListener('abort', kill, { once: true });
    if (timeoutMs !== undefined) after(timeoutMs, () => stop('timed-out'));

    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);

    child.on('error', reject);
    // A process that outlives the step may keep the pipes open: it does not hold the step.
    child.on('exit', () => {
      after(timing.terminateMs, () => {
        child.stdout.destroy();
        child.stderr.destroy();
      });
    });
    child.on('close', (code, killedBy) => {
      timers.forEach(clearTimeout);
      signal?.removeEventListener('abort', cancel);
      forced.removeEventListener('abort', kill);
      resolve({ code, signal: killedBy, stopped });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it had already ended
  }
}
