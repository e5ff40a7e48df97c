import { readdirSync, readFileSync } from 'node:fs';
import { trackingId } from './environment.ts';
import type { Job } from './job.ts';

/** Ends the processes that a job's steps left running, as GitHub's runner does. They are known by their environment. */
export function endOrphans(job: Job): void {
  for (const pid of processesWith(`RUNNER_TRACKING_ID=${trackingId(job)}`)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended in the meantime
    }
  }
}

/** Only Linux shows other processes' environments; elsewhere nothing is found. */
function processesWith(variable: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(variable))
    .map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // another user's, or gone
  }
}
