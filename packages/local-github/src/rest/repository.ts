import { repositoryJson, userJson } from '../events/payloads.ts';
import { ApiError } from './api-error.ts';
import { route } from './router.ts';

export const REPOSITORY = [
  route('GET /repos/{owner}/{repo}', [], ({ host, repository }) => ({
    status: 200,
    body: repositoryJson(host, repository),
  })),
  route('GET /user', [], ({ host, token }) => {
    // An installation is no user, as GitHub says to every job that asks.
    if (token.jobId !== null) throw new ApiError(403, 'Resource not accessible by integration');
    return { status: 200, body: userJson(host, token.actor) };
  }),
  route('GET /rate_limit', [], ({ host }) => {
    const core = {
      limit: 5000,
      remaining: 4999,
      used: 1,
      reset: Math.ceil(host.now().getTime() / 1000) + 3600,
    };
    return { status: 200, body: { resources: { core }, rate: core } };
  }),
];
