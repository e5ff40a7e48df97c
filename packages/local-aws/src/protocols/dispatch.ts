import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { LoadedServices } from '../kernel/loaded-services.ts';
import type { Call, World } from '../kernel/world.ts';
import { checkCredentials } from '../sts/credentials-check.ts';
import { strike } from './apply-fault.ts';
import { jsonRpc } from './json-rpc.ts';
import { loadModel, noModel, type Model, type ModelOperation } from './model.ts';
import { credentialScope, recognise, type Recognised, type Scope } from './recognise.ts';
import { wireRequest } from './request.ts';
import { restOperation } from './rest.ts';
import { send } from './send.ts';
import { validate } from './validation.ts';
import type { Answer, Members, WireRequest } from './wire.ts';

const models = new Map<string, Promise<Model>>();

/** Answers one call of the AWS API: recognise, decode, validate, run the operation, encode. */
export async function dispatch(
  world: World,
  loaded: LoadedServices,
  message: IncomingMessage,
  response: ServerResponse,
) {
  const requestId = response.getHeader('x-amzn-requestid') as string;
  const trailers: Record<string, string> = {};
  const request = wireRequest(message, trailers);
  let recognised: Recognised | undefined;
  let model: Model | undefined;
  let answer: Answer;
  try {
    const scope = credentialScope(request);
    recognised = await recognise(request, scope);
    const { entry, protocol } = recognised;
    model = await modelOf(recognised);
    const operation = findOperation(model, recognised, request);
    if ((await strike(world, entry.id, operation.name, message, response)) === 'gone') return;
    checkCredentials(world, entry, scope?.accessKeyId);
    const service = await loaded.service(entry);
    const run = service.operations[operation.name];
    if (run === undefined) throw notBuilt(`${entry.id}:${operation.name}`);
    const input = await protocol.decode(model, operation, request);
    validate(operation, input, service.constraints, entry.validationCode);
    const call = makeCall(world, message, response, {
      operation: operation.name,
      requestId,
      trailers,
      scope,
    });
    const output = ((await run(input as never, call)) ?? {}) as Members;
    answer = protocol.encode(model, operation, output, requestId);
  } catch (error) {
    // Whoever was not recognised is answered in the protocol that most clients speak.
    answer = (recognised?.protocol ?? jsonRpc).encodeError(
      model ?? noModel,
      spoken(world, error, requestId),
      requestId,
    );
    // The client is still sending, and reads the answer only when it has sent everything.
    message.unpipe();
    message.resume();
  }
  await send(message, response, answer);
}

function modelOf({ entry }: Recognised): Promise<Model> {
  let model = models.get(entry.id);
  if (model === undefined) models.set(entry.id, (model = loadModel(entry)));
  return model;
}

function findOperation(model: Model, recognised: Recognised, request: WireRequest): ModelOperation {
  if (recognised.operation === undefined) return restOperation(model, request);
  const operation = model.operations.get(recognised.operation);
  if (operation) return operation;
  const code = recognised.entry.protocol === 'query' ? 'InvalidAction' : 'UnknownOperationException';
  throw new AwsError(code, `Could not find operation ${recognised.operation} of ${recognised.entry.id}`);
}

type CallFacts = Pick<Call, 'operation' | 'requestId' | 'trailers'> & { scope: Scope | undefined };

function makeCall(world: World, message: IncomingMessage, response: ServerResponse, facts: CallFacts): Call {
  const { scope, ...rest } = facts;
  return {
    ...rest,
    headers: message.headers as Record<string, string | undefined>,
    region: scope?.region ?? world.region,
    accessKeyId: scope?.accessKeyId,
    // Made only for an operation that asks for it.
    get signal() {
      const gone = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) gone.abort(new Error('the client has gone'));
      });
      return gone.signal;
    },
  };
}

/** What is no `AwsError` is our own fault: told to the client as such, and to the log with its stack. */
function spoken(world: World, error: unknown, requestId: string): AwsError {
  if (error instanceof AwsError) return error;
  const { stack, message } =
    error instanceof Error ? error : { stack: String(error), message: String(error) };
  world.log.write(`${requestId} ${stack}\n`);
  return new AwsError('InternalFailure', `The local AWS failed: ${message}`, 500);
}
