import { openPullRequest } from '../events/pull-request.ts';
import { moved } from '../events/start.ts';
import { git } from '../git/git.ts';
import { mergeBase, mergeCommits } from '../git/merge.ts';
import { resolveCommit, updateRef } from '../git/repository.ts';
import { time } from '../host.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { changed, issueOf, issuesOf, saveIssue, type Issue, type Pull } from './issues.ts';
import { pullJson } from './pull-json.ts';
import { flag, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

function pullOf(request: ApiRequest): Issue & { pull: Pull } {
  const issue = issueOf(request);
  if (!issue.pull) throw notFound();
  return { ...issue, pull: issue.pull };
}

const isJob = ({ token }: ApiRequest): boolean => token.jobId !== null;

const branchOf = (label: string): string => label.replace(/^[^:/]+:/, '');

export const PULLS = [
  route('GET /repos/{owner}/{repo}/pulls', ['pull-requests:read'], (request) => {
    const { host, repository, query } = request;
    const state = query.get('state') ?? 'open';
    const head = branchOf(query.get('head') ?? '');
    const base = query.get('base') ?? '';
    const shown = issuesOf(host, repository)
      .filter(({ pull }) => pull && (!head || pull.head === head) && (!base || pull.base === base))
      .filter((issue) => state === 'all' || issue.state === state);
    const sorted = query.get('direction') === 'asc' ? shown : shown.toReversed();
    return page(
      request,
      sorted.map((issue) => pullJson(host, repository, issue)),
    );
  }),
  route('POST /repos/{owner}/{repo}/pulls', ['pull-requests:write'], async (request) => {
    const { host, repository, body, token } = request;
    const [title, head, base] = ['title', 'head', 'base'].map((name) => text(body, name) ?? '');
    for (const [field, value] of Object.entries({ title, head, base }))
      if (!value) throw invalid('PullRequest', field, 'missing_field');
    for (const [field, value] of Object.entries({ head, base }))
      if (!(await resolveCommit(repository, `refs/heads/${branchOf(value ?? '')}`)))
        throw invalid('PullRequest', field, 'invalid');
    const given = {
      head: branchOf(head ?? ''),
      base: base ?? '',
      title: title ?? '',
      body: text(body, 'body') ?? '',
      draft: flag(body, 'draft') ?? false,
      actor: token.actor,
    };
    const { issue } = await openPullRequest(host, repository, given, { quietly: isJob(request) });
    return { status: 201, body: pullJson(host, repository, issue) };
  }),
  route('GET /repos/{owner}/{repo}/pulls/{number}', ['pull-requests:read'], (request) => ({
    status: 200,
    body: pullJson(request.host, request.repository, pullOf(request)),
  })),
  route('PATCH /repos/{owner}/{repo}/pulls/{number}', ['pull-requests:write'], (request) => ({
    status: 200,
    body: pullJson(
      request.host,
      request.repository,
      saveIssue(request.host, changed(request, pullOf(request))),
    ),
  })),
  route('GET /repos/{owner}/{repo}/pulls/{number}/files', ['pull-requests:read'], async (request) => {
    const { pull } = pullOf(request);
    const { folder } = request.repository;
    const base = (await mergeBase(request.repository, pull.baseSha, pull.headSha)) ?? pull.baseSha;
    const listed = await git(['diff', '--numstat', '--no-renames', '-z', base, pull.headSha], {
      cwd: folder,
    });
    const files = listed
      .split('\0')
      .filter(Boolean)
      .map((line) => {
        const [additions = '0', deletions = '0', filename = ''] = line.split('\t');
        return { filename, additions: Number(additions) || 0, deletions: Number(deletions) || 0 };
      });
    return page(request, files);
  }),
  route('PUT /repos/{owner}/{repo}/pulls/{number}/merge', ['contents:write'], async (request) => {
    const { host, repository, body, token } = request;
    const issue = pullOf(request);
    const { pull } = issue;
    const wanted = text(body, 'sha');
    if (wanted !== undefined && wanted !== pull.headSha)
      throw new ApiError(409, 'Head branch was modified. Review and try the merge again.');
    const method = text(body, 'merge_method') ?? 'merge';
    if (method !== 'merge')
      throw new ApiError(501, `merge_method '${method}' is not built in this local GitHub, only 'merge'.`);
    const ref = `refs/heads/${pull.base}`;
    const before = (await resolveCommit(repository, ref)) ?? pull.baseSha;
    const message = `Merge pull request #${issue.number} from ${pull.head}\n\n${issue.title}`;
    const sha =
      issue.state === 'open'
        ? await mergeCommits(repository, { into: before, from: pull.headSha, message })
        : undefined;
    if (!sha) throw new ApiError(405, 'Pull Request is not mergeable');
    const at = time(host);
    saveIssue(host, {
      ...issue,
      state: 'closed',
      closedAt: at,
      updatedAt: at,
      pull: { ...pull, mergeSha: sha, mergedAt: at },
    });
    await updateRef(repository, ref, sha);
    if (!isJob(request)) await moved(host, repository, { ref, before, sha, actor: token.actor });
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  }),
  route('GET /repos/{owner}/{repo}/commits/{sha}/pulls', ['pull-requests:read'], (request) => {
    const { host, repository, params } = request;
    const shown = issuesOf(host, repository).filter(
      ({ pull }) => pull && [pull.headSha, pull.mergeSha].includes(params['sha'] ?? ''),
    );
    return page(
      request,
      shown.map((issue) => pullJson(host, repository, issue)),
    );
  }),
];
