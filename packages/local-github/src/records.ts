import type { Json, JsonObject } from './expressions/values.ts';

/** GitHub's words for where a run, job or step is, and how it ended. */
export type Status = 'queued' | 'pending' | 'waiting' | 'in_progress' | 'completed';
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped' | 'startup_failure';

export type WorkflowRun = {
  id: number;
  attempt: number;
  /** Counts the runs of this workflow file, from 1. */
  number: number;
  repository: string;
  /** The workflow's name, or its path where it has none. */
  workflow: string;
  /** `.github/workflows/x.yml` */
  path: string;
  title: string;
  event: string;
  payload: JsonObject;
  /** `refs/heads/main`, `refs/pull/2/merge`, … */
  ref: string;
  sha: string;
  /** The commit that people see: a pull request's head, else `sha`. */
  headSha: string;
  headBranch: string;
  actor: string;
  inputs: JsonObject;
  status: Status;
  conclusion: Conclusion | null;
  createdAt: string;
  startedAt: string;
  completedAt: string | null;
  jobs: JobRecord[];
  /** Outputs of the top-level jobs, by job id. */
  outputs: { [job: string]: { [name: string]: string } };
  /** Why it did not start, or what the runner has to say about it: file:line:column and the reason. */
  errors: string[];
};

export type JobRecord = {
  id: number;
  /** `train`, `test (3.12)`, `ship / deploy` */
  name: string;
  status: Status;
  conclusion: Conclusion | null;
  startedAt: string | null;
  completedAt: string | null;
  outputs: { [name: string]: string };
  steps: StepRecord[];
  annotations: Annotation[];
  /** Markdown that its steps wrote to GITHUB_STEP_SUMMARY. */
  summary: string;
  environment: { name: string; url: string | null } | null;
  /** Where its steps' logs, workspace and temporary files are. */
  folder: string;
};

export type StepRecord = {
  number: number;
  name: string;
  status: Status;
  conclusion: Conclusion | null;
  startedAt: string | null;
  completedAt: string | null;
  logFile: string;
};

export type Annotation = {
  level: 'notice' | 'warning' | 'failure';
  message: string;
  title: string;
  file: string;
  line: number;
};

/** Something that happened, as it happens. `line` is one line of a step's log, already masked. */
export type Progress = {
  run: { id: number; workflow: string; repository: string };
  job?: string;
  step?: string;
  status: Status | Conclusion | 'log';
  at: string;
  line?: string;
};

export type Payload = { [key: string]: Json };
