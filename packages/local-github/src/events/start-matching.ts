import type { Repository } from '../git/repository.ts';
import type { Host, LiveRun } from '../host.ts';
import { startRun, type RunRequest } from '../runner/start-run.ts';
import { starts, type Happened } from './triggers.ts';
import { workflowsAt } from './workflows.ts';

type Circumstances = Omit<RunRequest, 'repository' | 'path' | 'workflow' | 'event' | 'inputs'>;

/** Starts every workflow of the commit that the event is for. */
export async function startMatching(
  host: Host,
  repository: Repository,
  happened: Happened,
  given: Circumstances,
): Promise<LiveRun[]> {
  const started: LiveRun[] = [];
  for (const { path, name, events, readable } of await workflowsAt(repository, given.sha)) {
    // A file that cannot be read fails at each push, which is how GitHub tells its author.
    if (readable ? !(await starts(events, happened)) : happened.event !== 'push') continue;
    started.push(
      startRun(host, { repository, path, workflow: name, event: happened.event, inputs: {}, ...given }),
    );
  }
  return started;
}
