import { repositoryJson, userJson } from '../events/payloads.ts';
import type { JsonObject } from '../expressions/values.ts';
import type { Repository } from '../git/repository.ts';
import type { Host } from '../host.ts';
import { issueJson, type Issue } from './issues.ts';

/** A pull request as the API and the events show it. */
export function pullJson(host: Host, repository: Repository, issue: Issue): JsonObject {
  const { pull } = issue;
  if (!pull) throw new Error(`#${issue.number} is no pull request`);
  const { pull_request: _, ...common } = issueJson(host, issue);
  const [owner = ''] = repository.name.split('/');
  const side = (branch: string, sha: string): JsonObject => ({
    ref: branch,
    label: `${owner}:${branch}`,
    sha,
    repo: repositoryJson(host, repository),
    user: userJson(host, owner),
  });
  return {
    ...common,
    url: `${host.apiUrl}/repos/${repository.name}/pulls/${issue.number}`,
    issue_url: `${host.apiUrl}/repos/${repository.name}/issues/${issue.number}`,
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    draft: pull.draft,
    merged: pull.mergedAt !== null,
    merged_at: pull.mergedAt,
    mergeable: pull.mergeSha !== null,
    mergeable_state: pull.mergeSha === null ? 'dirty' : 'clean',
    merge_commit_sha: pull.mergeSha,
  };
}
