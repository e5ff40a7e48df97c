import { AwsError } from '../../kernel/errors.ts';
import type { Instant, World } from '../../kernel/world.ts';
import { listPage, type ListRequest } from '../paging.ts';
import { invalid } from './checks.ts';
import { beginJob, stopJob, type JobControl } from './running-jobs.ts';

/* What training, processing and transform jobs have in common, from their beginning to their place in a list. */

type Job = { name: string; arn: string; status: string; createdAt: Instant; modifiedAt: Instant };

export const isOver = ({ status }: Pick<Job, 'status'>) =>
  status === 'Completed' || status === 'Stopped' || status === 'Failed';

/** Sets a job going, or takes it up again; one that was being stopped hears so at once. */
export function goOn(
  world: World,
  { arn, status }: Job,
  run: (control: JobControl) => Promise<void>,
  fail: (reason: string) => void,
): void {
  beginJob(world, arn, run, fail);
  if (status === 'Stopping') stopJob(world, arn, 'StopRequested');
}

const rejected = (kind: string, { status }: Job) =>
  `The request was rejected because the ${kind} job is in status ${status}.`;

/** @throws AwsError ValidationException */
export function requireUnderWay(kind: string, job: Job): void {
  if (isOver(job)) throw invalid(rejected(kind, job));
}

/** @throws AwsError ResourceInUse */
export function requireOver(kind: string, job: Job): void {
  if (!isOver(job)) throw new AwsError('ResourceInUse', rejected(kind, job));
}

/** A page of the jobs that have the status asked for, newest first unless asked for otherwise. */
export function listJobs<T extends Job>(
  jobs: readonly T[],
  input: ListRequest & { StatusEquals?: string | undefined },
): { page: T[]; NextToken?: string } {
  const wanted = jobs.filter(
    ({ status }) => input.StatusEquals === undefined || status === input.StatusEquals,
  );
  return listPage(wanted, (job) => job, input, { by: 'CreationTime', order: 'Descending' });
}

/** Members of a request that its description repeats, those that were given. */
export function repeated<Request extends object, Member extends keyof Request>(
  request: Request,
  members: readonly Member[],
): Partial<Pick<Request, Member>> {
  const given = members.filter((member) => request[member] !== undefined);
  return Object.fromEntries(given.map((member) => [member, request[member]])) as Partial<
    Pick<Request, Member>
  >;
}
