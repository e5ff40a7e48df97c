import type { Json, JsonObject } from '../expressions/values.ts';
import type { Repository } from '../git/repository.ts';
import type { Access, Host, Token } from '../host.ts';
import { allows } from '../workflow/permissions.ts';
import { ApiError } from './api-error.ts';

export type ApiRequest = {
  host: Host;
  /** The repository that the path names; routes without one must not ask for it. */
  repository: Repository;
  /** What stands in the path's braces, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: JsonObject;
  token: Token;
  accept: string;
  /** The path as it was asked for, without the query. */
  path: string;
};

export type Reply = { status: number; body?: Json | Buffer; headers?: Record<string, string> };

/** A permission that a token needs, `contents:read`; where there are several, any one of them is enough. */
export type Needs = `${string}:${Exclude<Access, 'none'>}`[];

export type Route = {
  method: string;
  pattern: string;
  needs: Needs;
  handle: (request: ApiRequest) => Reply | Promise<Reply>;
};

/** `route('GET /repos/{owner}/{repo}/pulls/{number}', ['pull-requests:read'], handler)`; `{path*}` takes slashes too. */
export function route(signature: string, needs: Needs, handle: Route['handle']): Route {
  const [method = '', pattern = ''] = signature.split(' ');
  return { method, pattern, needs, handle };
}

export type Match = { route: Route; params: Record<string, string> };

export type Router = { find: (method: string, path: string) => Match | undefined };

export function createRouter(routes: Route[]): Router {
  const compiled = routes.map((candidate) => ({ candidate, expression: compile(candidate.pattern) }));
  return {
    find(method, path) {
      for (const { candidate, expression } of compiled) {
        if (candidate.method !== method) continue;
        const groups = expression.exec(path)?.groups;
        if (!groups) continue;
        const params = Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]);
        return { route: candidate, params: Object.fromEntries(params) as Record<string, string> };
      }
      return undefined;
    },
  };
}

function compile(pattern: string): RegExp {
  const source = pattern
    .split(/(\{\w+\*?\})/)
    .map((part) => {
      const name = /^\{(\w+)(\*?)\}$/.exec(part);
      if (!name) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      return `(?<${name[1]}>${name[2] ? '.*' : '[^/]+'})`;
    })
    .join('');
  return new RegExp(`^${source}$(?<end>)`);
}

/** Throws GitHub's 403 unless the token has one of the permissions. */
export function demand(token: Token, needs: Needs): void {
  if (token.permissions === 'everything' || needs.length === 0) return;
  const granted = token.permissions;
  const enough = needs.some((need) => {
    const [scope = '', access = ''] = need.split(':');
    return allows(granted[scope], access as Access);
  });
  if (enough) return;
  const accepted = needs.map((need) => need.replaceAll('-', '_').replace(':', '=')).join('; ');
  throw new ApiError(403, 'Resource not accessible by integration', {
    headers: { 'x-accepted-github-permissions': accepted },
  });
}
