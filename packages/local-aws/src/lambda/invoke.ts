import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { Call, World } from '../kernel/world.ts';
import { isPending } from './configuration.ts';
import { enqueue } from './event-queue.ts';
import { runInvocation } from './fleet.ts';
import { resolve } from './names.ts';
import { conflict } from './records.ts';
import { chosen } from './routing.ts';

const mostBytes = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };
const tailBytes = 4096;

export const invokeOperations = (world: World) => ({
  async Invoke(input: InvocationRequest, { requestId }: Call): Promise<InvocationResponse> {
    const { InvocationType: type = 'RequestResponse', DurableExecutionName, TenantId } = input;
    if (DurableExecutionName !== undefined || TenantId !== undefined)
      throw notBuilt('lambda: durable executions and tenants');
    const resolved = resolve(world, input.FunctionName, input.Qualifier);
    const payload = payloadOf(input, mostBytes[type]);
    if (isPending(world, resolved.record))
      throw conflict(
        'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      );
    if (type === 'DryRun') return { StatusCode: 204 };
    if (type === 'Event') {
      enqueue(world, { id: requestId, arn: resolved.arn, payload: payload.toString('base64') });
      return { StatusCode: 202 };
    }
    const version = chosen(world, resolved);
    const clientContext =
      input.ClientContext === undefined ? undefined : Buffer.from(input.ClientContext, 'base64').toString();
    const invocation = { requestId, arn: resolved.arn, payload, clientContext };
    const outcome = await runInvocation(world, resolved.record, version, invocation);
    const log = Buffer.from(`${outcome.log.join('\n')}\n`);
    return {
      StatusCode: 200,
      ExecutedVersion: version.version,
      Payload: outcome.payload,
      ...(outcome.isError && { FunctionError: 'Unhandled' }),
      ...(input.LogType === 'Tail' && { LogResult: log.subarray(-tailBytes).toString('base64') }),
    };
  },
});

function payloadOf({ Payload }: InvocationRequest, most: number): Buffer {
  const payload = Buffer.from(Payload ?? '');
  if (payload.length > most)
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
      413,
      { Type: 'User' },
    );
  if (payload.length === 0) return Buffer.from('{}');
  try {
    JSON.parse(payload.toString());
  } catch (error) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
      400,
      { Type: 'User' },
    );
  }
  return payload;
}
