import { randomBytes } from 'node:crypto';
import { asText } from '../expressions/values.ts';
import type { PlannedJob } from '../plan/plan.ts';
import type { JobRecord } from '../records.ts';
import type { WorkflowScope } from './workflow-scope.ts';

/** Values of the `github` context that an OIDC token repeats. */
const CLAIMS = new Set([
  'actor',
  'actor_id',
  'base_ref',
  'event_name',
  'head_ref',
  'ref',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'run_attempt',
  'run_id',
  'run_number',
  'sha',
  'workflow',
  'workflow_ref',
  'workflow_sha',
]);

/** A job's GITHUB_TOKEN: good while the job runs, for its repository, with exactly its permissions. */
export function issueToken(scope: WorkflowScope, planned: PlannedJob, record: JobRecord): string {
  const { host, run } = scope.live;
  const token = `ghs_${randomBytes(27).toString('base64url')}`;
  const { source, path } = scope.plan;
  const said = Object.entries(scope.github).filter(([name]) => CLAIMS.has(name));
  host.tokens.set(token, {
    repository: run.repository,
    permissions: planned.permissions,
    actor: 'github-actions[bot]',
    runId: run.id,
    jobId: record.id,
    claims: {
      ...Object.fromEntries(said.map(([name, value]) => [name, asText(value)])),
      environment: record.environment?.name ?? '',
      job_workflow_ref: `${source.repository}/${path}@${source.ref}`,
      job_workflow_sha: source.sha,
    },
  });
  return token;
}
