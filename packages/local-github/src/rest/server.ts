import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../errors.ts';
import type { Json, JsonObject } from '../expressions/values.ts';
import type { Host, Token } from '../host.ts';
import { ApiError, notFound } from './api-error.ts';
import { faultReply } from './faults.ts';
import { createRouter, demand, type Reply, type Router } from './router.ts';
import { ROUTES } from './routes.ts';
import { SERVICES } from './services.ts';

export type Listening = { url: string; close: () => Promise<void> };

const LARGEST_BODY = 64 * 1024 * 1024;
const API = '/api/v3';

/** GitHub's own limit per hour; no request here is ever refused for it, but clients read the headers. */
const RATE_LIMIT = 5000;

/** Answers the REST API and what belongs to it, on 127.0.0.1 only. */
export async function listen(host: Host, port: number): Promise<Listening> {
  const api = createRouter(ROUTES);
  const services = createRouter(SERVICES);
  const server = createServer((request, response) => {
    answer(host, { api, services }, request)
      .catch((error: unknown) => errorReply(error))
      .then((reply) => send(host, response, reply))
      .catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UserError(`Port ${port} is in use: choose another, or 0 for any that is free.`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function answer(
  host: Host,
  routers: { api: Router; services: Router },
  request: IncomingMessage,
): Promise<Reply> {
  // A page in a browser may be tricked into calling this address by another name.
  const called = request.headers.host?.replace(/:\d+$/, '');
  if (called !== '127.0.0.1' && called !== 'localhost')
    throw new ApiError(403, `Host '${called}' is not served here.`);
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', host.serverUrl);
  const isApi = url.pathname.startsWith(`${API}/`);
  const path = isApi ? url.pathname.slice(API.length) : url.pathname;
  const fault = isApi ? host.faults.take(method, path) : undefined;
  if (fault) return faultReply(fault);

  const token = isApi ? tokenOf(host, request) : NOBODY;
  const match = (isApi ? routers.api : routers.services).find(method, path);
  if (!match) throw new ApiError(501, `${method} ${path} is not built in this local GitHub.`);
  const { owner, repo } = match.params;
  const repository = host.repositories.get(`${owner}/${repo}`.toLowerCase());
  if (owner !== undefined && !repository) throw notFound();
  // A job's token sees its own repository only; to it another private one does not exist.
  if (
    repository &&
    token.repository !== null &&
    token.repository.toLowerCase() !== repository.name.toLowerCase()
  )
    throw notFound();
  demand(token, match.route.needs);
  return match.route.handle({
    host,
    repository: repository as NonNullable<typeof repository>,
    params: match.params,
    query: url.searchParams,
    body: await readBody(request),
    token: isApi ? token : { ...NOBODY, ...host.tokens.get(bearer(request)) },
    accept: request.headers.accept ?? '',
    path,
  });
}

const NOBODY: Token = {
  repository: null,
  permissions: {},
  actor: '',
  runId: null,
  jobId: null,
  claims: null,
};

/** The token of an Authorization header: bearer, token, or the password of basic. */
function bearer(request: IncomingMessage): string {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return given;
  return Buffer.from(given, 'base64').toString('utf8').split(':')[1] ?? '';
}

function tokenOf(host: Host, request: IncomingMessage): Token {
  const given = bearer(request);
  if (given === '') throw new ApiError(401, 'Requires authentication');
  const token = host.tokens.get(given);
  if (!token) throw new ApiError(401, 'Bad credentials');
  return token;
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new ApiError(413, 'The request is too large.');
    chunks.push(chunk);
  }
  if (size === 0) return {};
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
    if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new SyntaxError('no object');
    return body;
  } catch {
    throw new ApiError(400, 'Problems parsing JSON');
  }
}

function errorReply(error: unknown): Reply {
  const documentation = { documentation_url: 'https://docs.github.com/rest' };
  if (error instanceof ApiError) {
    const { errors, headers = {} } = error.more;
    const body = {
      message: error.message,
      ...(errors ? { errors } : {}),
      ...documentation,
      status: String(error.status),
    };
    return { status: error.status, body, headers };
  }
  if (error instanceof UserError)
    return { status: 422, body: { message: error.message, ...documentation, status: '422' } };
  const { message, stack = message } = error as Error;
  return { status: 500, body: { message: stack, ...documentation, status: '500' } };
}

function send(host: Host, response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const bytes =
    body === undefined ? Buffer.alloc(0) : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...(body === undefined
      ? {}
      : {
          'content-type': Buffer.isBuffer(body)
            ? 'application/octet-stream'
            : 'application/json; charset=utf-8',
        }),
    'content-length': bytes.length,
    date: host.now().toUTCString(),
    'x-github-request-id': crypto.randomUUID(),
    'x-ratelimit-limit': String(RATE_LIMIT),
    'x-ratelimit-remaining': String(RATE_LIMIT - 1),
    'x-ratelimit-reset': String(Math.ceil(host.now().getTime() / 1000) + 3600),
    'x-ratelimit-resource': 'core',
    'x-ratelimit-used': '1',
    ...headers,
  });
  response.end(bytes);
}
