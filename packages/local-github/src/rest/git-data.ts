import { moved } from '../events/start.ts';
import { userJson } from '../events/payloads.ts';
import type { JsonObject } from '../expressions/values.ts';
import { git, gitOrNothing } from '../git/git.ts';
import { distance, mergeBase } from '../git/merge.ts';
import { readCommit, resolveCommit, updateRef, ZERO_SHA } from '../git/repository.ts';
import { ApiError, notFound } from './api-error.ts';
import { flag, found, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

async function commitJson({ host, repository }: ApiRequest, sha: string): Promise<JsonObject> {
  const commit = await readCommit(repository, sha);
  const url = `${host.apiUrl}/repos/${repository.name}/commits`;
  const signed = { name: commit.author, email: commit.email, date: commit.date };
  return {
    sha: commit.sha,
    url: `${url}/${commit.sha}`,
    html_url: `${host.serverUrl}/${repository.name}/commit/${commit.sha}`,
    commit: { message: commit.message, author: signed, committer: signed, tree: { sha: commit.tree } },
    author: userJson(host, commit.author),
    parents: commit.parents.map((parent) => ({ sha: parent, url: `${url}/${parent}` })),
  };
}

const refJson = ({ host, repository }: ApiRequest, ref: string, sha: string): JsonObject => ({
  ref,
  url: `${host.apiUrl}/repos/${repository.name}/git/${ref}`,
  object: { type: 'commit', sha, url: `${host.apiUrl}/repos/${repository.name}/git/commits/${sha}` },
});

/** Refs that begin so, with their commits. */
async function refs({ repository }: ApiRequest, prefix: string): Promise<{ ref: string; sha: string }[]> {
  const format = '%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)';
  const listed = await git(['for-each-ref', `--format=${format}`], { cwd: repository.folder });
  const all = listed
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [ref = '', sha = ''] = line.split(' ');
      return { ref, sha };
    });
  return all.filter(({ ref }) => ref.startsWith(prefix));
}

const commitOf = async ({ repository, params }: ApiRequest, name: string): Promise<string> => {
  const wanted = params[name] ?? '';
  const sha = await resolveCommit(repository, wanted);
  if (!sha) throw new ApiError(422, `No commit found for SHA: ${wanted}`);
  return sha;
};

async function moveRef(request: ApiRequest, ref: string, before: string, sha: string): Promise<void> {
  const { host, repository, token } = request;
  await updateRef(repository, ref, sha);
  // What a job does with its own token starts no further workflows, or they would never end.
  if (token.jobId === null) await moved(host, repository, { ref, before, sha, actor: token.actor });
}

export const GIT_DATA = [
  route('GET /repos/{owner}/{repo}/git/ref/{ref*}', ['contents:read'], async (request) => {
    const ref = `refs/${request.params['ref']}`;
    return { status: 200, body: refJson(request, ref, found(await resolveCommit(request.repository, ref))) };
  }),
  route('GET /repos/{owner}/{repo}/git/matching-refs/{ref*}', ['contents:read'], async (request) =>
    page(
      request,
      (await refs(request, `refs/${request.params['ref']}`)).map(({ ref, sha }) =>
        refJson(request, ref, sha),
      ),
    ),
  ),
  route('POST /repos/{owner}/{repo}/git/refs', ['contents:write'], async (request) => {
    const [ref, sha] = [text(request.body, 'ref') ?? '', text(request.body, 'sha') ?? ''];
    if (!/^refs\/.+\/.+|^refs\/(?:heads|tags)\/.+/.test(ref))
      throw new ApiError(422, 'Reference name must start with refs/ and have two slashes.');
    if ((await resolveCommit(request.repository, sha)) !== sha)
      throw new ApiError(422, 'Object does not exist');
    if (await resolveCommit(request.repository, ref)) throw new ApiError(422, 'Reference already exists');
    await moveRef(request, ref, ZERO_SHA, sha);
    return { status: 201, body: refJson(request, ref, sha) };
  }),
  route('PATCH /repos/{owner}/{repo}/git/refs/{ref*}', ['contents:write'], async (request) => {
    const ref = `refs/${request.params['ref']}`;
    const sha = text(request.body, 'sha') ?? '';
    const before = found(await resolveCommit(request.repository, ref));
    if ((await resolveCommit(request.repository, sha)) !== sha)
      throw new ApiError(422, 'Object does not exist');
    if (flag(request.body, 'force') !== true && (await mergeBase(request.repository, before, sha)) !== before)
      throw new ApiError(422, 'Update is not a fast forward');
    await moveRef(request, ref, before, sha);
    return { status: 200, body: refJson(request, ref, sha) };
  }),
  route('DELETE /repos/{owner}/{repo}/git/refs/{ref*}', ['contents:write'], async (request) => {
    const ref = `refs/${request.params['ref']}`;
    if (!(await resolveCommit(request.repository, ref))) throw new ApiError(422, 'Reference does not exist');
    await git(['update-ref', '-d', ref], { cwd: request.repository.folder });
    return { status: 204 };
  }),
  route('GET /repos/{owner}/{repo}/branches', ['contents:read'], async (request) =>
    page(
      request,
      (await refs(request, 'refs/heads/')).map(({ ref, sha }) => ({
        name: ref.slice(11),
        commit: { sha },
        protected: false,
      })),
    ),
  ),
  route('GET /repos/{owner}/{repo}/branches/{branch*}', ['contents:read'], async (request) => {
    const name = request.params['branch'] ?? '';
    const sha = await resolveCommit(request.repository, `refs/heads/${name}`);
    if (!sha) throw new ApiError(404, 'Branch not found');
    return { status: 200, body: { name, commit: await commitJson(request, sha), protected: false } };
  }),
  route('GET /repos/{owner}/{repo}/tags', ['contents:read'], async (request) =>
    page(
      request,
      (await refs(request, 'refs/tags/')).map(({ ref, sha }) => ({ name: ref.slice(10), commit: { sha } })),
    ),
  ),
  route('GET /repos/{owner}/{repo}/commits', ['contents:read'], async (request) => {
    const { repository, query } = request;
    const sha = found(await resolveCommit(repository, query.get('sha') ?? repository.defaultBranch));
    const path = query.get('path');
    const listed = await gitOrNothing(['log', '--format=%H', sha, ...(path ? ['--', path] : [])], {
      cwd: repository.folder,
    });
    const commits = (listed ?? '').split('\n').filter(Boolean);
    return page(
      request,
      await Promise.all(commits.slice(0, 300).map((commit) => commitJson(request, commit))),
    );
  }),
  route('GET /repos/{owner}/{repo}/commits/{ref*}', ['contents:read'], async (request) => ({
    status: 200,
    body: await commitJson(request, await commitOf(request, 'ref')),
  })),
  route('GET /repos/{owner}/{repo}/git/commits/{sha}', ['contents:read'], async (request) => {
    const { commit, ...more } = await commitJson(request, await commitOf(request, 'sha'));
    return { status: 200, body: { ...more, ...(commit as JsonObject) } };
  }),
  route('GET /repos/{owner}/{repo}/compare/{range*}', ['contents:read'], async (request) => {
    const { repository, params } = request;
    const [base = '', head = ''] = (params['range'] ?? '').split(/\.{2,3}/);
    const [from, to] = [await resolveCommit(repository, base), await resolveCommit(repository, head)];
    if (!from || !to) throw notFound();
    const { ahead, behind } = await distance(repository, from, to);
    const listed = await git(['rev-list', '--reverse', `${from}..${to}`], { cwd: repository.folder });
    const meet = await mergeBase(repository, from, to);
    const changed = await git(['diff', '--name-status', '--no-renames', '-z', meet ?? from, to], {
      cwd: repository.folder,
    });
    const names = changed.split('\0');
    const files = names.flatMap((letter, index) =>
      index % 2 === 0 && letter
        ? [{ filename: names[index + 1] ?? '', status: FILE_STATUS[letter] ?? 'changed' }]
        : [],
    );
    const status = ahead > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical';
    const commits = await Promise.all(
      listed
        .split('\n')
        .filter(Boolean)
        .slice(0, 250)
        .map((sha) => commitJson(request, sha)),
    );
    return {
      status: 200,
      body: {
        status,
        ahead_by: ahead,
        behind_by: behind,
        total_commits: ahead,
        commits,
        files,
        base_commit: await commitJson(request, from),
        merge_base_commit: meet ? await commitJson(request, meet) : null,
      },
    };
  }),
];

const FILE_STATUS: Record<string, string> = { A: 'added', M: 'modified', D: 'removed' };
