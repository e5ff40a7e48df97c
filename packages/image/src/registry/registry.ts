import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../errors.ts';
import { fetchToken, parseChallenge } from './authorize.ts';
import { exchange, exchangeStream, isInMemory } from './exchange.ts';
import type { Answer, Body, Exchange } from './exchange.ts';
import { isPassing, patient, pause, pauseMs } from './retry.ts';
import type { Retry } from './retry.ts';
import { openWire } from './wire.ts';
import type { Wire } from './wire.ts';

/** Where a registry answers and who we are there. */
export type RegistryAccess = {
  /** The API's root, e.g. `https://registry-1.docker.io` or `http://127.0.0.1:5000`. */
  url: string;
  /** The `Authorization` header (ECR's token as Basic); asked for anew where the registry refuses the last one. */
  authorization?: () => Promise<string | undefined>;
  /** The registry whose images are wanted, where `url` is a mirror of it (containerd's `?ns=`). */
  mirrorOf?: string;
};

export type Call = {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  repository: string;
  /** After `/v2/<repository>/`; or a whole URL that the registry gave. */
  path: string | URL;
  query?: Record<string, string>;
  headers?: Record<string, string | number>;
  body?: Body;
};

/** An open connection to one registry. Close it when done, or its sockets keep the process alive. */
export type Registry = {
  readonly url: string;
  /** Requests made so far, token servers' aside. */
  readonly requests: number;
  /** Bytes of the answers' bodies, streams aside. */
  readonly receivedBytes: number;
  readonly retry: Retry;
  readonly signal: AbortSignal | undefined;
  /** Makes a request once, with authentication; any status but 401 is an answer. */
  once(call: Call): Promise<Answer>;
  /** Makes a request until it is answered with something final. Not for bodies that can be read only once. */
  send(call: Call): Promise<Answer>;
  /** As `once`, for an answer too large to be collected; follows redirects. */
  stream(call: Call): Promise<IncomingMessage>;
  /** Opens connections ahead of the requests that will need them. */
  warm(connections: number): void;
  close(): void;
};

export function openRegistry(
  access: RegistryAccess,
  { retry = patient, signal }: { retry?: Retry; signal?: AbortSignal | undefined } = {},
): Registry {
  const wire = openWire();
  const identity = createIdentity(wire, access, signal);
  let requests = 0;
  let receivedBytes = 0;

  async function attempt<T extends Answer | IncomingMessage>(
    call: Call,
    make: (exchange: Exchange) => Promise<T>,
  ): Promise<T> {
    const url = urlOf(access, call);
    // Credentials go to the registry itself, never to where it redirects (S3's signed URLs refuse them).
    const isOwn = url.origin === new URL(access.url).origin;
    const request = async (authorization: string | undefined): Promise<T> => {
      requests += 1;
      const headers = { ...call.headers, ...(isOwn && authorization && { authorization }) };
      return make({ method: call.method, url, headers, signal, ...(call.body && { body: call.body }) });
    };
    const first = await request(await identity.known(call));
    if (statusOf(first) !== 401 || !isOwn || isStream(call.body)) return first;
    const renewed = await identity.renew(call, first.headers['www-authenticate']);
    if (renewed === undefined) return first;
    if (!('body' in first)) first.resume();
    return request(renewed);
  }

  async function once(call: Call): Promise<Answer> {
    const answer = await attempt(call, (exchanged) => exchange(wire, exchanged));
    receivedBytes += answer.body.length;
    const location = redirectOf(call, answer.status, answer.headers.location);
    return location ? once({ ...call, path: new URL(location, urlOf(access, call)) }) : answer;
  }

  return {
    url: access.url,
    get requests() {
      return requests;
    },
    get receivedBytes() {
      return receivedBytes;
    },
    retry,
    signal,
    once,
    send: (call) => persist({ retry, signal }, () => once(call)),
    async stream(call) {
      const response = await attempt(call, (exchanged) => exchangeStream(wire, exchanged));
      const location = redirectOf(call, statusOf(response), response.headers.location);
      if (!location) return response;
      response.resume();
      return this.stream({ ...call, path: new URL(location, urlOf(access, call)) });
    },
    warm: (connections) => wire.warm(new URL(access.url), connections),
    close: () => wire.close(),
  };
}

/** Repeats until an answer is final or patience ends; then the last answer is returned, the last error thrown. */
export async function persist(
  { retry, signal }: { retry: Retry; signal: AbortSignal | undefined },
  make: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    let wait: number | undefined;
    try {
      const answer = await make();
      if (!isPassing(answer.status)) return answer;
      wait = pauseMs(retry, attempt, answer.headers['retry-after']);
      if (wait === undefined) return answer;
    } catch (error) {
      signal?.throwIfAborted();
      wait = isConnectionError(error) ? pauseMs(retry, attempt) : undefined;
      if (wait === undefined) throw error;
    }
    await pause(wait, signal);
  }
}

/** Cut, refused or silent connections, as Node names them; everything else is not cured by trying again. */
export function isConnectionError(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  return (
    /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|HPE_)/.test(code ?? '') ||
    /socket hang up|was silent|aborted/.test(message)
  );
}

/** The error for an answer that is not what was asked for, with the registry's own words. */
export function refusal(what: string, { status, body }: Pick<Answer, 'status' | 'body'>): RegistryError {
  let code = '';
  let detail = body.toString('utf8', 0, 500).trim();
  try {
    const [first] =
      (JSON.parse(body.toString()) as { errors?: { code?: string; message?: string }[] }).errors ?? [];
    code = first?.code ?? '';
    detail = first?.message ?? detail;
  } catch {
    // Proxies and HEAD answer without JSON: the status says it all.
  }
  return new RegistryError(
    `${what}: the registry answered ${[status, code, detail].filter(Boolean).join(' ')}`,
    status,
    code,
  );
}

/** Knows or fetches the header by which the registry lets us do what a call wants. */
function createIdentity(wire: Wire, access: RegistryAccess, signal: AbortSignal | undefined) {
  const tokens = new Map<string, string>();
  let given: Promise<string | undefined> | undefined;
  const keyOf = ({ method, repository }: Call) =>
    `${method === 'GET' || method === 'HEAD' ? 'pull' : 'push'} ${repository}`;
  return {
    async known(call: Call): Promise<string | undefined> {
      given ??= access.authorization?.();
      return tokens.get(keyOf(call)) ?? (await given);
    },
    async renew(call: Call, header: string | undefined): Promise<string | undefined> {
      const challenge = parseChallenge(header);
      if (challenge?.scheme === 'bearer') {
        const token = await fetchToken(wire, challenge, await given, signal);
        tokens.set(keyOf(call), token);
        return token;
      }
      const before = await given;
      given = access.authorization?.();
      const now = await given;
      return now === before ? undefined : now;
    },
  };
}

function urlOf(access: RegistryAccess, { repository, path, query }: Call): URL {
  const url = path instanceof URL ? new URL(path) : new URL(`/v2/${repository}/${path}`, access.url);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  if (access.mirrorOf && !(path instanceof URL)) url.searchParams.set('ns', access.mirrorOf);
  return url;
}

function redirectOf({ method }: Call, status: number, location: string | undefined): string | undefined {
  const isRedirect = status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
  return isRedirect && (method === 'GET' || method === 'HEAD') ? location : undefined;
}

function statusOf(answer: Answer | IncomingMessage): number {
  return 'status' in answer ? answer.status : (answer.statusCode ?? 0);
}

function isStream(body: Call['body']): boolean {
  return body !== undefined && !isInMemory(body);
}
