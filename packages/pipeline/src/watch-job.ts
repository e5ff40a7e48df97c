import { until, UserError, type Aws, type LogFollower } from '@tidegate/aws';
import type { Surroundings } from './surroundings.ts';

// Looking at a job's state is one call, at its log two or more: the log is read at every fourth look.
const LOOKS_PER_LOG = 4;

export type Watched<Job> = {
  name: string;
  find(name: string): Promise<Job | undefined>;
  /** What it is doing: each change begins a new section of the log. */
  phase(job: Job): string;
  hasEnded(job: Job): boolean;
  log: LogFollower;
};

/**
 * Follows a job to its end and shows what it prints, a section for each phase.
 * @returns the job as it ended
 * @throws the signal's reason when it is aborted; the job is not stopped here
 */
export async function watchJob<Job>(watched: Watched<Job>, { aws, log, signal }: Surroundings): Promise<Job> {
  const look = async () => {
    const job = await watched.find(watched.name);
    if (!job) throw new UserError(`The job ${watched.name} was deleted while it ran.`);
    return job;
  };
  let job = await look();
  let looks = 0;
  while (!watched.hasEnded(job)) {
    const phase = watched.phase(job);
    job = await log.group(`${watched.name}: ${phase}`, () =>
      until(
        aws,
        async () => {
          const now = await look();
          const changed = watched.hasEnded(now) || watched.phase(now) !== phase;
          looks += 1;
          if (changed || looks % LOOKS_PER_LOG === 0) log.untrusted(await watched.log.next());
          return changed ? now : undefined;
        },
        { signal },
      ),
    );
  }
  return job;
}

/** Where a job and its log are seen in AWS's console. */
export function jobConsole(
  aws: Aws,
  kind: 'training' | 'processing',
  name: string,
): { consoleUrl: string; logsUrl: string } {
  const home = `https://${aws.region}.console.aws.amazon.com`;
  const group = kind === 'training' ? 'TrainingJobs' : 'ProcessingJobs';
  return {
    consoleUrl: `${home}/sagemaker/home?region=${aws.region}#/${kind === 'training' ? 'jobs' : 'processing-jobs'}/${name}`,
    // The console encodes its own fragment twice, with $ for %.
    logsUrl: `${home}/cloudwatch/home?region=${aws.region}#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252F${group}$3FlogStreamNameFilter$3D${name}$252F`,
  };
}
