import type { Permissions } from '../host.ts';
import type { WorkflowFile } from '../workflow/read.ts';
import type { JobShape } from '../workflow/shape.ts';
import type { Source } from './source.ts';

/** A workflow with everything it calls, found and checked before anything runs. */
export type Plan = { path: string; source: Source; file: WorkflowFile; jobs: Map<string, PlannedJob> };

export type PlannedJob = {
  id: string;
  shape: JobShape;
  needs: string[];
  /** What this job's token may do; a called workflow's jobs may have less, never more. */
  permissions: Permissions;
  callee: Plan | undefined;
};
