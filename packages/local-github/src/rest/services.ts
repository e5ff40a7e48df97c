import { push, startScheduled } from '../events/start.ts';
import type { Repository } from '../git/repository.ts';
import type { LiveRun } from '../host.ts';
import { discovery, idToken, keySet } from '../oidc/tokens.ts';
import { ApiError, invalid } from './api-error.ts';
import { found, text } from './read.ts';
import { route, type ApiRequest, type Reply } from './router.ts';

/** What the person at this machine does, not a program that talks to GitHub: it takes that person's token. */
function ordered({ host, token, body }: ApiRequest): Repository {
  if (token.permissions !== 'everything') throw new ApiError(401, 'Bad credentials');
  return found(host.repositories.get((text(body, 'repository') ?? '').toLowerCase()));
}

const started = (runs: LiveRun[]): Reply => ({ status: 202, body: { runs: runs.map(({ run }) => run.id) } });

/** What is served beside the REST API: OIDC tokens for jobs, what others need to check them, and orders. */
export const SERVICES = [
  route('GET /.well-known/openid-configuration', [], ({ host }) => ({ status: 200, body: discovery(host) })),
  route('GET /.well-known/jwks', [], ({ host }) => ({ status: 200, body: keySet(host) })),
  route('GET /_services/token', [], ({ host, token, query }) => {
    if (token.jobId === null) throw new ApiError(401, 'Bad credentials');
    if (token.permissions === 'everything' || token.permissions['id-token'] !== 'write')
      throw new ApiError(403, 'The job has no permission `id-token: write`.');
    const value = idToken(host, token, query.get('audience') ?? undefined);
    return { status: 200, body: { value, count: value.length } };
  }),
  route('GET /_tidegate/health', [], () => ({ status: 200, body: { status: 'ok' } })),
  route('POST /_tidegate/push', [], async (request) => {
    const { host, body, token } = request;
    const repository = ordered(request);
    const [branch, tag, sha] = ['branch', 'tag', 'sha'].map((name) => text(body, name));
    if (!sha) throw invalid('Push', 'sha', 'missing_field');
    const ref = tag === undefined ? `refs/heads/${branch ?? repository.defaultBranch}` : `refs/tags/${tag}`;
    return started(await push(host, repository, { ref, sha, actor: token.actor }));
  }),
  route('POST /_tidegate/schedule', [], async (request) =>
    started(await startScheduled(request.host, ordered(request), text(request.body, 'file'))),
  ),
  route('POST /_tidegate/faults', [], ({ host, token, body }) => {
    if (token.permissions !== 'everything') throw new ApiError(401, 'Bad credentials');
    host.faults.add(body as Parameters<typeof host.faults.add>[0]);
    return { status: 204 };
  }),
];
