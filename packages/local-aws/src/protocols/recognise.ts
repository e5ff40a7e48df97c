import { AwsError } from '../kernel/errors.ts';
import type { ServiceEntry } from '../kernel/service-entry.ts';
import { services } from '../kernel/services.ts';
import { jsonRpc } from './json-rpc.ts';
import { query } from './query.ts';
import { restJson, restXml } from './rest.ts';
import { rpcCbor } from './rpc-cbor.ts';
import type { WireProtocol, WireRequest } from './wire.ts';

export type Recognised = {
  entry: ServiceEntry;
  protocol: WireProtocol;
  /** Of RPC protocols; of REST the route decides. */
  operation?: string;
};

/** The credential a request is signed with, from its header or, presigned, from its query. */
export type Scope = { accessKeyId: string; region: string; service: string };

export function credentialScope(request: WireRequest): Scope | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1] ??
    request.query.get('X-Amz-Credential');
  const [accessKeyId, , region, service] = (credential ?? '').split('/');
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}

/** Which service a request is for, and in which protocol it speaks, as clients of different ages really send them. */
export async function recognise(request: WireRequest, scope: Scope | undefined): Promise<Recognised> {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const dot = target.lastIndexOf('.');
    return { entry: byTarget(target.slice(0, dot)), protocol: jsonRpc, operation: target.slice(dot + 1) };
  }
  const rpc = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path);
  if (rpc && request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    return { entry: byTarget(rpc[1] ?? ''), protocol: rpcCbor, operation: rpc[2] ?? '' };
  }
  const form = await queryFields(request);
  const action = form?.get('Action');
  if (form && action) {
    const entry =
      services.find(({ id }) => id === scope?.service) ??
      services.find(({ version }) => version === form.get('Version'));
    if (entry === undefined) throw unknownService(scope?.service ?? `version ${form.get('Version')}`);
    return { entry, protocol: query, operation: action };
  }
  // Presigned and anonymous requests without any mark of a service can only be S3's.
  const entry = services.find(({ id }) => id === (scope?.service ?? 's3'));
  if (entry?.protocol !== 'restXml' && entry?.protocol !== 'restJson')
    throw unknownService(scope?.service ?? request.path);
  return { entry, protocol: entry.protocol === 'restXml' ? restXml : restJson };
}

async function queryFields(request: WireRequest) {
  if (request.path !== '/') return undefined;
  if (request.method === 'GET') return request.query;
  if (!/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '')) return undefined;
  return new URLSearchParams((await request.body()).toString());
}

function byTarget(target: string) {
  const entry = services.find((service) => service.target === target);
  if (entry === undefined) throw unknownService(target);
  return entry;
}

const unknownService = (name: string) =>
  new AwsError(
    'UnknownService',
    `This local AWS has no service "${name}"; SPEC.md lists what is there.`,
    501,
  );
