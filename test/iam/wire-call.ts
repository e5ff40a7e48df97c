import type { IncomingMessage } from 'node:http';
import { cbor } from '@smithy/core/cbor';

/** One request to AWS as it was on the wire. `input` holds its members; of REST calls what matters to IAM. */
export type WireCall = { service: string; operation: string; input: Record<string, unknown> };

/** JSON targets and CBOR services → IAM's prefix. */
const prefixes: Record<string, string> = {
  SageMaker: 'sagemaker',
  Logs_20140328: 'logs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  GraniteServiceVersion20100801: 'cloudwatch',
  AWSEvents: 'events',
  TrentService: 'kms',
};

/** @throws for a call that no rule here reads: a permission must not be missed because nobody looked */
export function readCall({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): WireCall {
  const { pathname, searchParams: query } = new URL(url, 'http://aws');
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    return call(prefixes[service], operation, JSON.parse(body.toString()));
  }
  const [, rpcService = '', rpcOperation = ''] =
    /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(pathname) ?? [];
  if (rpcOperation !== '')
    return call(prefixes[rpcService], rpcOperation, body.length === 0 ? {} : cbor.deserialize(body));
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(body.toString()));
    return call(/^(Get|Create|Put)Role/.test(Action) ? 'iam' : 'sts', Action, input);
  }
  const [, endpoint] = /^\/endpoints\/([^/]+)\/invocations$/.exec(pathname) ?? [];
  if (endpoint !== undefined) return call('sagemaker', 'InvokeEndpoint', { EndpointName: endpoint });
  const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname) ?? [];
  if (functionName !== undefined) return call('lambda', 'InvokeFunction', { FunctionName: functionName });
  const [, repository, path = ''] =
    /^\/v2\/(.+?)\/((?:blobs|manifests|referrers|tags)\/.*)$/.exec(pathname) ?? [];
  if (repository !== undefined)
    return call('registry', `${method} ${path.replace(/\/[^/]*$/, '')}`, {
      repository,
      isPublicBase: query.has('ns'),
      mountedFrom: query.get('from') ?? undefined,
      body: /json/.test(headers['content-type'] ?? '') ? body.toString() : '',
    });
  if (headers.authorization?.includes('/s3/aws4_request')) return s3Call(method, pathname, query, body);
  throw new Error(`nobody knows which permission ${method} ${url} needs`);
}

function s3Call(method: string, pathname: string, query: URLSearchParams, body: Buffer): WireCall {
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  const input = {
    bucket,
    key,
    prefix: query.get('prefix') ?? undefined,
    body: key.endsWith('.manifest') ? body.toString() : '',
  };
  return call('s3', key === '' ? `${method} bucket` : `${method} object`, input);
}

function call(service: string | undefined, operation: string, input: unknown): WireCall {
  if (service === undefined) throw new Error(`nobody knows which service ${operation} belongs to`);
  return { service, operation, input: input as Record<string, unknown> };
}
