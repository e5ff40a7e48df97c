import { join } from 'node:path';
import type { JsonObject } from '../expressions/values.ts';
import type { Host } from '../host.ts';
import type { Plan } from '../plan/plan.ts';
import type { WorkflowRun } from '../records.ts';

/** The `github` context of a run. In a called workflow it is the caller's, as on GitHub. */
export function githubContext(host: Host, run: WorkflowRun, plan: Plan): JsonObject {
  const repository = host.repositories.get(run.repository.toLowerCase());
  const [owner = ''] = run.repository.split('/');
  const pullRequest = run.payload['pull_request'] as
    { head: { ref: string }; base: { ref: string } } | undefined;
  return {
    actor: run.actor,
    actor_id: '1',
    triggering_actor: run.actor,
    api_url: host.apiUrl,
    graphql_url: `${host.apiUrl}/graphql`,
    server_url: host.serverUrl,
    base_ref: pullRequest?.base.ref ?? '',
    head_ref: pullRequest?.head.ref ?? '',
    event: run.payload,
    event_name: run.event,
    ref: run.ref,
    ref_name: run.ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    ref_protected: false,
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository: run.repository,
    repository_id: String(repository?.id ?? ''),
    repository_owner: owner,
    repository_owner_id: String(repository?.ownerId ?? ''),
    repositoryUrl: `${host.serverUrl}/${run.repository}.git`,
    retention_days: '90',
    run_attempt: String(run.attempt),
    run_id: String(run.id),
    run_number: String(run.number),
    secret_source: 'Actions',
    sha: run.sha,
    workflow: run.workflow,
    workflow_ref: `${run.repository}/${plan.path}@${run.ref}`,
    workflow_sha: run.sha,
  };
}

/** What the job adds: where it works, and its token. */
export const jobGithubContext = (
  id: string,
  folder: string,
  workspace: string,
  token: string,
): JsonObject => ({
  job: id,
  workspace,
  event_path: join(folder, 'event.json'),
  token,
  action: '__run',
});
