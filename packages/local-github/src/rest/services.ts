import { discovery, idToken, keySet } from '../oidc/tokens.ts';
import { ApiError } from './api-error.ts';
import { route } from './router.ts';

/** What GitHub serves beside its REST API: OIDC tokens for jobs, and what others need to check them. */
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
];
