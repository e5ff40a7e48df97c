import { randomBytes } from 'node:crypto';
import type { PlannedJob } from '../plan/plan.ts';
import type { JobRecord } from '../records.ts';
import type { WorkflowScope } from './run-workflow.ts';

/** A job's GITHUB_TOKEN: good while the job runs, for its repository, with exactly its permissions. */
export function issueToken(scope: WorkflowScope, planned: PlannedJob, record: JobRecord): string {
  const { host, run } = scope.live;
  const token = `ghs_${randomBytes(27).toString('base64url')}`;
  const { source, path } = scope.plan;
  host.tokens.set(token, {
    repository: run.repository,
    permissions: planned.permissions,
    actor: 'github-actions[bot]',
    runId: run.id,
    jobId: record.id,
    claims: {
      environment: record.environment?.name ?? '',
      job_workflow_ref: `${source.repository}/${path}@${source.ref}`,
      job_workflow_sha: source.sha,
    },
  });
  return token;
}
