import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from './kernel/errors.ts';
import { loadedServices, type LoadedServices } from './kernel/loaded-services.ts';
import { services } from './kernel/services.ts';
import type { World } from './kernel/world.ts';

export type RunningServer = {
  readonly port: number;
  /** Resolves when everything that was under way before a restart is under way again. */
  resume(): Promise<void>;
  close(): Promise<void>;
};

/** Listens on loopback only. `world` is asked for at each request, because its endpoint is known after this returns. */
export async function listen(port: number, world: () => World): Promise<RunningServer> {
  let loaded: LoadedServices | undefined;
  let resumed: Promise<void> = Promise.resolve();
  const server = createServer((message, response) => {
    loaded ??= loadedServices(world());
    const answered = answer(world(), loaded, resumed, message, response);
    answered.catch((error: unknown) => fail(world(), response, error));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  return {
    port: (server.address() as AddressInfo).port,
    resume() {
      loaded ??= loadedServices(world());
      return (resumed = loaded.resume());
    },
    close: () => closed(server),
  };
}

async function answer(
  world: World,
  loaded: LoadedServices,
  resumed: Promise<void>,
  message: IncomingMessage,
  response: ServerResponse,
) {
  tellTime(world, response);
  const stranger = whyRefused(message);
  if (stranger !== undefined) return refuse(response, stranger);
  const path = message.url ?? '/';
  if (path.startsWith('/_tidegate/')) return (await import('./control.ts')).control(world, message, response);
  response.setHeader('x-amzn-requestid', randomUUID());
  await resumed;
  const raw = rawService(path);
  if (raw === undefined)
    return (await import('./protocols/dispatch.ts')).dispatch(world, loaded, message, response);
  const service = await loaded.service(raw);
  if (service.raw === undefined)
    return (await import('./protocols/dispatch.ts')).dispatch(world, loaded, message, response);
  try {
    const { strike } = await import('./protocols/apply-fault.ts');
    if ((await strike(world, raw.id, raw.rawOperation ?? '', message, response)) !== 'gone')
      await service.raw(message, response);
  } catch (error) {
    if (!(error instanceof AwsError) || response.headersSent) throw error;
    await (await import('./protocols/raw-error.ts')).answerRawError(raw, error, response);
  }
}

/**
 * Clients learn AWS's time from the Date header, so that deadlines follow the server's clock. An error carries none: where this
 * clock runs fast or was moved, the SDK would take the error for one of clock skew, and send the request again.
 */
function tellTime(world: World, response: ServerResponse) {
  response.sendDate = false;
  response.setHeader('date', new Date(world.clock.now()).toUTCString());
  const writeHead = response.writeHead.bind(response) as (
    status: number,
    ...rest: unknown[]
  ) => ServerResponse;
  response.writeHead = (status: number, ...rest: unknown[]) => {
    if (status >= 400) response.removeHeader('date');
    return writeHead(status, ...rest);
  };
}

function rawService(url: string) {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  for (const entry of services) if (entry.rawPaths?.test(path)) return entry;
  return undefined;
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** A web page that found a way to this port (DNS rebinding, a cross-site form) must not drive it. */
function whyRefused({ headers }: IncomingMessage) {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (!loopback.has(host))
    return `Host "${headers.host ?? ''}" is not this machine: use 127.0.0.1, localhost or [::1].`;
  if (
    headers.origin === undefined ||
    loopback.has(headers.origin.replace(/^https?:\/\//, '').replace(/:\d+$/, ''))
  )
    return undefined;
  return `Origin "${headers.origin}" is not this machine.`;
}

function refuse(response: ServerResponse, why: string) {
  response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
  response.end(`${why}\n`);
}

function fail(world: World, response: ServerResponse, error: unknown) {
  world.log.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (response.headersSent) response.destroy();
  else
    response
      .writeHead(500, { 'content-type': 'text/plain', connection: 'close' })
      .end('The local AWS failed; its log says why.\n');
}

function closed(server: Server) {
  return new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
