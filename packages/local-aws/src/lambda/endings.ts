import { readFileSync } from 'node:fs';
import type { Exit } from '../runtime/process.ts';
import type { Reply } from './runtime-api.ts';
import type { VersionRecord } from './records.ts';

/* How an invocation ends that the function itself did not end, and what is logged at the end of each, in AWS's words. */

/** Beyond this a response is an error; the odd bytes are AWS's. */
export const mostResponseBytes = 6_291_556;

export const tooLarge = (): Reply =>
  failed(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${mostResponseBytes} bytes).`,
  );

export const timedOut = (requestId: string, seconds: number): Reply =>
  failed('Sandbox.Timedout', `RequestId: ${requestId} Error: ${lateText(seconds)}`);

export const lateText = (seconds: number) => `Task timed out after ${seconds.toFixed(2)} seconds`;

export function exited(requestId: string, { code, signal }: Exit): Reply {
  const how = signal === null ? `exit status ${code ?? 0}` : `signal: ${signalWords[signal] ?? signal}`;
  const why = code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${how}`;
  return failed('Runtime.ExitError', `RequestId: ${requestId} Error: ${why}`);
}

const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGTERM: 'terminated',
};

function failed(errorType: string, errorMessage: string): Reply {
  return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), isError: true };
}

/** The last line of an invocation. The initialisation is told with the first one of an environment. */
export function report(
  requestId: string,
  { memoryMb }: VersionRecord,
  { tookMs, initMs, usedMb }: { tookMs: number; initMs: number | undefined; usedMb: number },
): string {
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${tookMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(tookMs + (initMs ?? 0))} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${usedMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
    '',
  ].join('\t');
}

/** The most memory that a process ever had, in MB; 0 where the system does not tell. */
export function memoryUsedMb(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return 0;
  }
}
