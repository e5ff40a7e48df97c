import type { JsonObject } from '../expressions/values.ts';
import { userJson } from '../events/payloads.ts';
import type { Repository } from '../git/repository.ts';
import { time, type Host } from '../host.ts';
import { invalid } from './api-error.ts';
import { found, id, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

/** An issue, or a pull request: they share their numbers. */
export type Issue = {
  number: number;
  repository: string;
  title: string;
  body: string;
  user: string;
  state: 'open' | 'closed';
  labels: string[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  pull: Pull | null;
};

export type Pull = {
  /** Branches, without `refs/heads/`. */
  head: string;
  base: string;
  headSha: string;
  /** Where the base was when the pull request was last looked at. */
  baseSha: string;
  /** The merge of head into base, or null where they contradict each other. */
  mergeSha: string | null;
  mergedAt: string | null;
  draft: boolean;
};

const table = (host: Host) => host.store.table<Issue>('issues');
const key = (repository: string, number: number) => `${repository}#${number}`;

export const issuesOf = (host: Host, { name }: Repository): Issue[] =>
  table(host)
    .all()
    .filter(({ repository }) => repository === name);

export const saveIssue = (host: Host, issue: Issue): Issue =>
  table(host).put(key(issue.repository, issue.number), issue);

const findIssue = (host: Host, { name }: Repository, number: number): Issue | undefined =>
  table(host).get(key(name, number));

/** The issue or pull request that the path names. */
export const issueOf = (request: ApiRequest): Issue =>
  found(findIssue(request.host, request.repository, id(request, 'number')));

export function newIssue(
  host: Host,
  repository: Repository,
  given: Pick<Issue, 'title' | 'body' | 'user' | 'pull'>,
): Issue {
  const at = time(host);
  const number = host.store.nextId(`issue:${repository.name}`);
  return saveIssue(host, {
    ...given,
    number,
    repository: repository.name,
    state: 'open',
    labels: [],
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  });
}

export function issueJson(host: Host, issue: Issue): JsonObject {
  const url = `${host.apiUrl}/repos/${issue.repository}/issues/${issue.number}`;
  const pull = `${host.apiUrl}/repos/${issue.repository}/pulls/${issue.number}`;
  return {
    id: issue.number,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    labels: issue.labels.map((name) => ({ name })),
    user: userJson(host, issue.user),
    url,
    comments_url: `${url}/comments`,
    html_url: `${host.serverUrl}/${issue.repository}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    ...(issue.pull ? { pull_request: { url: pull } } : {}),
  };
}

/** The changes that an issue and a pull request have in common. */
export function changed(request: ApiRequest, issue: Issue): Issue {
  const { host, body } = request;
  const state =
    text(body, 'state') === 'closed' ? 'closed' : text(body, 'state') === 'open' ? 'open' : issue.state;
  return {
    ...issue,
    title: text(body, 'title') ?? issue.title,
    body: text(body, 'body') ?? issue.body,
    state,
    closedAt: state === 'open' ? null : (issue.closedAt ?? time(host)),
    labels: labelsOf(request) ?? issue.labels,
    updatedAt: time(host),
  };
}

const labelsOf = ({ body }: ApiRequest): string[] | undefined =>
  Array.isArray(body['labels']) ? body['labels'].filter((label) => typeof label === 'string') : undefined;

export const ISSUES = [
  route('GET /repos/{owner}/{repo}/issues', ['issues:read'], (request) => {
    const state = request.query.get('state') ?? 'open';
    const labels = (request.query.get('labels') ?? '').split(',').filter(Boolean);
    const shown = issuesOf(request.host, request.repository)
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => labels.every((label) => issue.labels.includes(label)));
    return page(
      request,
      shown.toReversed().map((issue) => issueJson(request.host, issue)),
    );
  }),
  route('POST /repos/{owner}/{repo}/issues', ['issues:write'], (request) => {
    const { host, repository, body, token } = request;
    const title = text(body, 'title');
    if (!title) throw invalid('Issue', 'title', 'missing_field');
    const issue = newIssue(host, repository, {
      title,
      body: text(body, 'body') ?? '',
      user: token.actor,
      pull: null,
    });
    return {
      status: 201,
      body: issueJson(host, saveIssue(host, { ...issue, labels: labelsOf(request) ?? [] })),
    };
  }),
  route('GET /repos/{owner}/{repo}/issues/{number}', ['issues:read', 'pull-requests:read'], (request) => ({
    status: 200,
    body: issueJson(request.host, issueOf(request)),
  })),
  route(
    'PATCH /repos/{owner}/{repo}/issues/{number}',
    ['issues:write', 'pull-requests:write'],
    (request) => ({
      status: 200,
      body: issueJson(request.host, saveIssue(request.host, changed(request, issueOf(request)))),
    }),
  ),
];
