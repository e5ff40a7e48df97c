import type { JsonObject } from '../expressions/values.ts';
import type { Host, Permissions } from '../host.ts';
import type { Source } from '../plan/source.ts';
import type { Conclusion, JobRecord, WorkflowRun } from '../records.ts';
import type { Defaults, StepShape } from '../workflow/shape.ts';
import type { Masks } from './masks.ts';

/** One job while it runs. */
export type Job = {
  host: Host;
  run: WorkflowRun;
  id: string;
  record: JobRecord;
  /** Where its workflow was read: what `$/` means in its steps. */
  source: Source;
  permissions: Permissions;
  token: string;
  serverUrl: string;
  workspace: string;
  temporary: string;
  contexts: JobContexts;
  /** `env:` of workflow and job, and what steps wrote to GITHUB_ENV since. */
  env: Record<string, string>;
  /** What steps wrote to GITHUB_PATH, latest first. */
  paths: string[];
  defaults: Defaults[];
  masks: Masks;
  status: 'success' | 'failure' | 'cancelled';
  /** Aborted when the job is cancelled; `forced` when even its post steps must end. */
  signal: AbortSignal;
  forced: AbortSignal;
  /** Post steps of the actions that ran, the last one first. */
  posts: PostStep[];
  /** What the pre and main parts of an action saved for its later parts, by the step that uses it. */
  states: Map<StepShape, Map<string, string>>;
  save: () => void;
};

/** The contexts that stay the same through the job; `env`, `steps`, `job` and `runner` are made for each step. */
export type JobContexts = {
  github: JsonObject;
  needs: JsonObject;
  matrix: JsonObject;
  strategy: JsonObject;
  vars: JsonObject;
  secrets: JsonObject;
  inputs: JsonObject;
};

export type PostStep = { name: string; run: () => Promise<Conclusion> };

/** The steps of a job, or of a composite action in it: what `steps`, `inputs` and `$/` mean for them. */
export type Scope = {
  steps: JsonObject;
  inputs: JsonObject;
  source: Source;
  /** Set within a composite action. */
  action: { folder: string; repository: string; ref: string; status: 'success' | 'failure' } | undefined;
  /** `env:` of the step that uses the composite action. */
  env: Record<string, string>;
};
