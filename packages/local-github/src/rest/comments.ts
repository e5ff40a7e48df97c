import type { JsonObject } from '../expressions/values.ts';
import { userJson } from '../events/payloads.ts';
import { time, type Host } from '../host.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { issueOf } from './issues.ts';
import { found, id, page, text } from './read.ts';
import { route, type ApiRequest, type Needs } from './router.ts';

type Comment = {
  id: number;
  repository: string;
  number: number;
  body: string;
  user: string;
  createdAt: string;
  updatedAt: string;
};

/** GitHub's longest comment, in characters. */
const LONGEST = 65_536;

const WRITE: Needs = ['issues:write', 'pull-requests:write'];
const READ: Needs = ['issues:read', 'pull-requests:read'];

const table = (host: Host) => host.store.table<Comment>('comments');

function commentJson({ host }: ApiRequest, comment: Comment): JsonObject {
  const issue = `${host.apiUrl}/repos/${comment.repository}/issues/${comment.number}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${host.apiUrl}/repos/${comment.repository}/issues/comments/${comment.id}`,
    html_url: `${host.serverUrl}/${comment.repository}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: issue,
    body: comment.body,
    user: userJson(host, comment.user),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
  };
}

function bodyOf({ body }: ApiRequest): string {
  const given = text(body, 'body');
  if (given === undefined || given.trim() === '') throw invalid('IssueComment', 'body', 'missing_field');
  if (given.length > LONGEST)
    throw new ApiError(422, 'Validation Failed', {
      errors: [
        {
          resource: 'IssueComment',
          code: 'unprocessable',
          field: 'data',
          message: `Body is too long (maximum is ${LONGEST} characters)`,
        },
      ],
    });
  return given;
}

function commentOf(request: ApiRequest): Comment {
  const comment = found(table(request.host).get(id(request, 'comment')));
  if (comment.repository !== request.repository.name) throw notFound();
  return comment;
}

export const COMMENTS = [
  route('GET /repos/{owner}/{repo}/issues/{number}/comments', READ, (request) => {
    const issue = issueOf(request);
    const since = request.query.get('since') ?? '';
    const all = table(request.host).all();
    const own = all.filter(
      ({ repository, number }) => repository === request.repository.name && number === issue.number,
    );
    return page(
      request,
      own.filter(({ updatedAt }) => updatedAt >= since).map((comment) => commentJson(request, comment)),
    );
  }),
  route('GET /repos/{owner}/{repo}/issues/comments/{comment}', READ, (request) => ({
    status: 200,
    body: commentJson(request, commentOf(request)),
  })),
  route('POST /repos/{owner}/{repo}/issues/{number}/comments', WRITE, (request) => {
    const { host, repository, token } = request;
    const issue = issueOf(request);
    const at = time(host);
    const key = host.store.nextId('comment');
    const comment = {
      id: key,
      repository: repository.name,
      number: issue.number,
      body: bodyOf(request),
      user: token.actor,
      createdAt: at,
      updatedAt: at,
    };
    return { status: 201, body: commentJson(request, table(host).put(key, comment)) };
  }),
  route('PATCH /repos/{owner}/{repo}/issues/comments/{comment}', WRITE, (request) => {
    const changed = { ...commentOf(request), body: bodyOf(request), updatedAt: time(request.host) };
    return { status: 200, body: commentJson(request, table(request.host).put(changed.id, changed)) };
  }),
  route('DELETE /repos/{owner}/{repo}/issues/comments/{comment}', WRITE, (request) => {
    table(request.host).delete(commentOf(request).id);
    return { status: 204 };
  }),
];
