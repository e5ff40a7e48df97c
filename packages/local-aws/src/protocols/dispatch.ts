import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsError, notBuilt } from '../kernel/errors.ts';
import type { LoadedServices } from '../kernel/loaded-services.ts';
import type { Call, World } from '../kernel/world.ts';
import { checkCredentials } from '../sts/credentials-check.ts';
import { strike } from './apply-fault.ts';
import { jsonRpc } from './json-rpc.ts';
import { loadModel, type Model, type ModelOperation } from './model.ts';
import { credentialScope, recognise, type Recognised, type Scope } from './recognise.ts';
import { wireRequest } from './request.ts';
import { restOperation } from './rest.ts';
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
    const call = makeCall(world, operation, requestId, message, scope, trailers, response);
    const output = ((await run(input as never, call)) ?? {}) as Members;
    answer = protocol.encode(model, operation, output, requestId);
  } catch (error) {
    answer = errorAnswer(world, error, recognised, model, requestId);
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

function makeCall(
  world: World,
  operation: ModelOperation,
  requestId: string,
  message: IncomingMessage,
  scope: Scope | undefined,
  trailers: Record<string, string>,
  response: ServerResponse,
): Call {
  return {
    operation: operation.name,
    requestId,
    headers: message.headers as Record<string, string | undefined>,
    trailers,
    region: scope?.region ?? world.region,
    accessKeyId: scope?.accessKeyId,
    get signal() {
      const gone = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) gone.abort(new Error('the client has gone'));
      });
      return gone.signal;
    },
  };
}

function errorAnswer(
  world: World,
  error: unknown,
  recognised: Recognised | undefined,
  model: Model | undefined,
  requestId: string,
): Answer {
  if (!(error instanceof AwsError))
    world.log.write(`${requestId} ${error instanceof Error ? error.stack : String(error)}\n`);
  const spoken =
    error instanceof AwsError
      ? error
      : new AwsError(
          'InternalFailure',
          `The local AWS failed: ${error instanceof Error ? error.message : String(error)}`,
          500,
        );
  const known = model ?? {
    entry: recognised?.entry ?? {
      id: '',
      protocol: 'awsJson' as const,
      sdk: async () => ({}),
      load: neverLoaded,
    },
    operations: new Map(),
    errors: new Map(),
  };
  return (recognised?.protocol ?? jsonRpc).encodeError(known, spoken, requestId);
}

const neverLoaded = () => Promise.reject(new Error('no service'));

async function send(message: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer) {
  if (response.destroyed) return;
  if (message.method === 'HEAD' || status === 304 || status === 204) {
    response.writeHead(status, headers);
    response.end();
    if (body instanceof Readable) body.destroy();
  } else if (body instanceof Readable) {
    response.writeHead(status, headers);
    // A reader that leaves early is its own affair.
    await pipeline(body, response).catch(() => response.destroy());
  } else {
    const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
    response.writeHead(status, { 'content-length': bytes.byteLength, ...headers });
    response.end(bytes);
  }
}
