import type { JsonObject } from '../expressions/values.ts';
import { readCommit, type Repository } from '../git/repository.ts';
import type { Host } from '../host.ts';

/** The `repository` of every payload and of the API. */
export function repositoryJson(host: Host, repository: Repository): JsonObject {
  const [owner = '', name = ''] = repository.name.split('/');
  return {
    id: repository.id,
    name,
    full_name: repository.name,
    private: true,
    owner: { login: owner, name: owner, id: repository.ownerId, type: 'Organization' },
    html_url: `${host.serverUrl}/${repository.name}`,
    url: `${host.apiUrl}/repos/${repository.name}`,
    default_branch: repository.defaultBranch,
    fork: false,
  };
}

export const userJson = (host: Host, login: string): JsonObject => ({
  login,
  id: 1,
  type: login.endsWith('[bot]') ? 'Bot' : 'User',
  html_url: `${host.serverUrl}/${login}`,
});

export async function commitJson(host: Host, repository: Repository, sha: string): Promise<JsonObject> {
  const commit = await readCommit(repository, sha);
  const author = { name: commit.author, email: commit.email };
  return {
    id: sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.date,
    url: `${host.serverUrl}/${repository.name}/commit/${sha}`,
    author,
    committer: author,
    distinct: true,
  };
}
