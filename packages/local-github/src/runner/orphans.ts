import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends the processes whose RUNNER_TRACKING_ID begins so: what a job's steps left running when the job has ended, as
 * GitHub's runner does, or all that a killed local GitHub left behind. Only Linux shows other processes' environments.
 */
export function endProcesses(trackingId: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!environmentOf(pid).includes(`\0RUNNER_TRACKING_ID=${trackingId}`)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended in the meantime
    }
  }
}

function environmentOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
  } catch {
    return ''; // another user's, or gone
  }
}
