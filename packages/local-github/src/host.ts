import type { Repository } from './git/repository.ts';
import type { Progress, WorkflowRun } from './records.ts';
import type { Faults } from './rest/faults.ts';
import type { Store, Table } from './store/store.ts';

/** How long a cancelled step has until the next, harder signal, and how long a minute of `timeout-minutes` is. */
export type Timing = { interruptMs: number; terminateMs: number; minuteMs: number };

/** actions/runner: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL to the whole process tree. */
export const GITHUB_TIMING: Timing = { interruptMs: 7_500, terminateMs: 2_500, minuteMs: 60_000 };

/** May a deployment to this environment go on? Asked once per job that names an environment. */
export type Approve = (request: {
  run: WorkflowRun;
  job: string;
  environment: string;
}) => Promise<boolean> | boolean;

/** What every part of this GitHub shares. */
export type Host = {
  directory: string;
  apiUrl: string;
  serverUrl: string;
  /** Repositories by `owner/name`, in lower case. */
  repositories: Map<string, Repository>;
  /** Folders that stand for `owner/name@anything`, by `owner/name` in lower case. */
  actions: Map<string, string>;
  environment: Record<string, string>;
  secrets: Record<string, string>;
  vars: Record<string, string>;
  defaultPermissions: 'read' | 'write';
  immutableSubjects: boolean;
  timing: Timing;
  approve: Approve;
  faults: Faults;
  /** Tells this GitHub's jobs from those of any other on the machine. */
  instance: string;
  store: Store;
  runs: Table<WorkflowRun>;
  live: Map<number, LiveRun>;
  tokens: Map<string, Token>;
  now: () => Date;
  progress: (event: Progress) => void;
};

/** A run that is under way. */
export type LiveRun = {
  run: WorkflowRun;
  cancel: (reason: string) => void;
  finished: Promise<WorkflowRun>;
};

export type Access = 'none' | 'read' | 'write';
export type Permissions = { [scope: string]: Access };

/** Who calls the API: a job (`permissions`, one repository), or the person at this machine (everything). */
export type Token = {
  repository: string | null;
  permissions: Permissions | 'everything';
  actor: string;
  runId: number | null;
  jobId: number | null;
  /** What an OIDC token for this job says, besides times and audience. */
  claims: Record<string, string> | null;
};

export const time = (host: Host): string => host.now().toISOString();
