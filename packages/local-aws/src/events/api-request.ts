import type { World } from '../kernel/world.ts';
import type { ApiDestinationRecord, ConnectionRecord, DeliveryRecord } from './records.ts';

export type ApiRequest = { url: URL; method: string; headers: Record<string, string>; body: string };

/** The request of a delivery as EventBridge makes it, or why it cannot be made here. */
export function apiRequest(
  world: World,
  destination: ApiDestinationRecord,
  connection: ConnectionRecord,
  delivery: DeliveryRecord,
): ApiRequest | string {
  const values = [...(delivery.http?.PathParameterValues ?? [])];
  const address = destination.endpoint.replaceAll('*', () => encodeURIComponent(values.shift() ?? ''));
  const url = new URL(onThisMachine(world, address));
  if (!isLoopback(url))
    return `${url.origin} is not on this machine, and this local AWS sends nothing off it`;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Amazon/EventBridge/ApiDestinations',
    range: 'bytes=0-1048575',
  };
  for (const { Key, Value } of connection.http?.QueryStringParameters ?? [])
    url.searchParams.set(Key ?? '', Value ?? '');
  for (const [key, value] of Object.entries(delivery.http?.QueryStringParameters ?? {}))
    url.searchParams.set(key, value);
  for (const [key, value] of Object.entries(delivery.http?.HeaderParameters ?? {}))
    headers[key.toLowerCase()] = value;
  // The connection's say stands above the target's.
  for (const { Key, Value } of connection.http?.HeaderParameters ?? [])
    headers[(Key ?? '').toLowerCase()] = Value ?? '';
  headers[connection.header.name.toLowerCase()] = connection.header.value;
  return { url, method: destination.method, headers, body: withConnectionBody(delivery.body, connection) };
}

/** EventBridge waits five seconds for an answer. */
export async function send(
  { url, method, headers, body }: ApiRequest,
  closing: AbortSignal,
): Promise<{ status: number; retryAfter: string | undefined }> {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const answer = await fetch(url, {
    method,
    headers,
    ...(hasBody && { body }),
    redirect: 'manual',
    signal: AbortSignal.any([closing, AbortSignal.timeout(5000)]),
  });
  await answer.arrayBuffer();
  return { status: answer.status, retryAfter: answer.headers.get('retry-after') ?? undefined };
}

/** A local GitHub answers what is meant for GitHub. */
function onThisMachine(world: World, address: string) {
  const github = 'https://api.github.com/';
  if (world.githubApi === undefined || !address.startsWith(github)) return address;
  return `${world.githubApi.replace(/\/$/, '')}/${address.slice(github.length)}`;
}

export const isLoopback = ({ hostname }: URL) => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

function withConnectionBody(body: string, connection: ConnectionRecord) {
  const added = connection.http?.BodyParameters ?? [];
  if (added.length === 0) return body;
  const own = JSON.parse(body) as object;
  return JSON.stringify({ ...own, ...Object.fromEntries(added.map(({ Key, Value }) => [Key ?? '', Value])) });
}
