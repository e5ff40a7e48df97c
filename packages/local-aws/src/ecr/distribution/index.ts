import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../../kernel/world.ts';
import { isAuthorized } from '../account.ts';
import { repositoryTable } from '../repositories.ts';
import { answerBlob } from './blobs.ts';
import { answerError, RegistryError } from './errors.ts';
import { answerManifest, answerReferrers, answerTags } from './manifests.ts';
import { answerPublicBase } from './public-bases.ts';
import type { RegistryCall } from './registry-call.ts';
import { answerUpload } from './uploads.ts';

type Route = { path: RegExp; answer: (call: RegistryCall) => Promise<void> | void };

const routes: readonly Route[] = [
  { path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/, answer: answerUpload },
  { path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, answer: answerBlob },
  { path: /^\/v2\/(.+)\/manifests\/([^/]+)$/, answer: answerManifest },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, answer: answerReferrers },
  { path: /^\/v2\/(.+)\/tags\/(list)$/, answer: answerTags },
];

/**
 * OCI Distribution 1.1 under `/v2/`, with ECR's habits: Basic authentication with a token of GetAuthorizationToken,
 * repositories that must exist before a push, immutable tags.
 */
export async function answerRegistry(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  const url = new URL(request.url ?? '/', world.endpoint);
  const method = request.method ?? 'GET';
  try {
    for (const { path, answer } of routes) {
      const [match, repository, name] = path.exec(url.pathname) ?? [];
      if (match === undefined || repository === undefined || name === undefined) continue;
      const call = {
        world,
        method,
        repository,
        name: decodeURIComponent(name),
        query: url.searchParams,
        request,
        response,
      };
      if (answerPublicBase(call)) return;
      requireAuthorized(world, request);
      if (!repositoryTable(world).get(repository)) {
        throw new RegistryError(
          404,
          'NAME_UNKNOWN',
          `The repository with name '${repository}' does not exist in the registry with id '${world.account}'`,
        );
      }
      await answer(call);
      return;
    }
    requireAuthorized(world, request);
    if (/^\/v2\/?$/.test(url.pathname)) response.writeHead(200, { 'content-length': 0 }).end();
    else throw new RegistryError(404, 'UNSUPPORTED', `${method} ${url.pathname} is not part of the registry`);
  } catch (error) {
    answerError(world, request, response, error);
  }
}

function requireAuthorized(world: World, request: IncomingMessage): void {
  if (isAuthorized(world, request.headers.authorization)) return;
  throw new RegistryError(401, 'UNAUTHORIZED', 'authentication required');
}
