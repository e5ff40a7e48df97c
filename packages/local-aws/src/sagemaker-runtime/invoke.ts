import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { World } from '../kernel/world.ts';
import { liveEndpoint } from '../sagemaker/hosting/live.ts';
import { endpointTable } from '../sagemaker/hosting/records.ts';
import type { EndpointRecord } from '../sagemaker/hosting/records.ts';
import { captureInvocation } from './capture.ts';
import { recordInvocation } from './endpoint-metrics.ts';
import { modelError, timedOutError } from './model-error.ts';
import { forward } from './forward.ts';
import type { Payload } from './forward.ts';
import { readBody } from './read-body.ts';
import { targetFor } from './target.ts';

const pathPattern = /^\/endpoints\/([^/?]+)\/([a-z-]+)/;

const streamed = {
  'invocations-response-stream': 'InvokeEndpointWithResponseStream',
  'async-invocations': 'InvokeEndpointAsync',
};

/** Request headers that ask for what is not built. */
const unsupported = [
  'x-amzn-sagemaker-target-model',
  'x-amzn-sagemaker-target-container-hostname',
  'x-amzn-sagemaker-inference-component',
  'x-amzn-sagemaker-session-id',
  'x-amzn-sagemaker-enable-explanations',
];

/** Statuses in which an endpoint answers. */
const answering: readonly EndpointRecord['status'][] = [
  'InService',
  'Updating',
  'SystemUpdating',
  'RollingBack',
  'UpdateRollbackFailed',
];

/** InvokeEndpoint, from the client's bytes to the model server and back. @throws AwsError as SageMaker Runtime spells it */
export async function invoke(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const receivedAt = performance.now();
  const [, encodedName = '', route = ''] = pathPattern.exec(request.url ?? '') ?? [];
  if (route in streamed) throw notBuilt(streamed[route as keyof typeof streamed]);
  const name = decodeURIComponent(encodedName);
  const headers = checkedHeaders(request.headers);
  const body = await readBody(request);
  const endpoint = endpointTable(world).get(name);
  if (endpoint === undefined || !answering.includes(endpoint.status)) {
    throw new AwsError('ValidationError', `Endpoint ${name} of account ${world.account} not found.`);
  }
  const { target, result } = await answered(world, endpoint, headers.variant, {
    body,
    headers: {
      ...(headers.contentType !== undefined && { 'content-type': headers.contentType }),
      ...(headers.accept !== undefined && { accept: headers.accept }),
      ...(headers.customAttributes !== undefined && {
        'x-amzn-sagemaker-custom-attributes': headers.customAttributes,
      }),
    },
  });
  // Looked up again: a deployment may have begun or ended while the model computed.
  const now = endpointTable(world).get(name) ?? endpoint;
  recordInvocation(world, now, target, {
    status: result.kind === 'answer' ? result.status : 0,
    modelMs: result.modelMs,
    overheadMs: performance.now() - receivedAt - result.modelMs,
  });
  if (result.kind === 'nobody') {
    throw new AwsError('ServiceUnavailable', `No instance of endpoint ${name} is healthy.`, 503);
  }
  if (result.kind === 'timeout') throw timedOutError(world, endpoint.name);
  if (result.kind === 'lost') throw modelError(world, endpoint.name, 0, result.reason);
  if (result.status < 200 || result.status > 299) {
    throw modelError(world, endpoint.name, result.status, result.body.toString());
  }
  captureInvocation(world, now, target, {
    input: { body, contentType: headers.contentType },
    output: { body: result.body, contentType: result.headers['content-type'] },
    inferenceId: headers.inferenceId,
    customAttributes: headers.customAttributes,
  });
  const attributes = result.headers['x-amzn-sagemaker-custom-attributes'];
  response.writeHead(200, {
    'content-type': result.headers['content-type'] ?? 'application/octet-stream',
    'content-length': result.body.length,
    'x-amzn-invoked-production-variant': target.variant,
    ...(attributes !== undefined && { 'x-amzn-sagemaker-custom-attributes': attributes }),
  });
  response.end(result.body);
}

/** A target that traffic was taken from in this very moment has no instances any more: then another is chosen. */
async function answered(
  world: World,
  endpoint: EndpointRecord,
  variant: string | undefined,
  payload: Payload,
) {
  for (;;) {
    const target = await targetFor(world, endpoint, variant);
    const result = await forward(target, payload);
    const isCurrent = liveEndpoint(world, endpoint.name)?.targets.includes(target) ?? true;
    if (result.kind !== 'nobody' || isCurrent) return { target, result };
  }
}

function checkedHeaders(headers: IncomingHttpHeaders) {
  const one = (name: string) => headers[name] as string | undefined;
  const refused = unsupported.find((name) => headers[name] !== undefined);
  if (refused !== undefined) throw notBuilt(`InvokeEndpoint with ${refused}`);
  const customAttributes = one('x-amzn-sagemaker-custom-attributes');
  const inferenceId = one('x-amzn-sagemaker-inference-id');
  if ((customAttributes?.length ?? 0) > 1024) throw tooLong('customAttributes', customAttributes, 1024);
  if ((inferenceId?.length ?? 0) > 64) throw tooLong('inferenceId', inferenceId, 64);
  return {
    contentType: one('content-type'),
    accept: one('accept'),
    variant: one('x-amzn-sagemaker-target-variant'),
    customAttributes,
    inferenceId,
  };
}

const tooLong = (member: string, value: string | undefined, most: number) =>
  new AwsError(
    'ValidationError',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
