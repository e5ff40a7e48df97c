import { time, type Host } from '../host.ts';
import { endProcesses } from './orphans.ts';

const REASON =
  'The runner has lost communication with the server: the local GitHub was stopped during this run. Run it again.';

/** Ends the runs that were under way when this GitHub was killed, as GitHub does when a runner is lost. */
export function concludeInterrupted(host: Host): void {
  const open = host.runs.all().filter(({ status }) => status !== 'completed');
  if (open.length > 0) endProcesses(`local-github_${host.instance}_`);
  for (const run of open) {
    const at = time(host);
    for (const job of run.jobs) {
      if (job.status === 'completed') continue;
      for (const step of job.steps)
        if (step.status !== 'completed')
          Object.assign(step, { status: 'completed', conclusion: 'cancelled', completedAt: at });
      Object.assign(job, { status: 'completed', conclusion: 'failure', completedAt: at });
    }
    host.runs.put(run.id, {
      ...run,
      status: 'completed',
      conclusion: 'failure',
      completedAt: at,
      errors: [...run.errors, REASON],
    });
  }
}
