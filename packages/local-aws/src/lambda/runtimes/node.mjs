// The runtime of nodejs24.x: loads a function's handler and serves it by the Runtime API, one event after another.
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { env } = process;
const agent = new Agent({ keepAlive: true });
let requestId = 'undefined';

// The SDK is a part of the runtime: what a function does not bring of it is found beside this program.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error;
      return next(specifier, { ...context, parentURL: import.meta.url });
    }
  },
});

for (const [name, level] of Object.entries({
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  warn: 'WARN',
  error: 'ERROR',
  trace: 'TRACE',
})) {
  console[name] = (...values) => {
    // A line feed would end the event in the log.
    const text = format(...values).replaceAll('\n', '\r');
    process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
  };
}

/** Without a time limit: the next event may be hours away. */
function ask(method, place, body) {
  const url = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${place}`;
  return new Promise((resolve, reject) => {
    const call = request(url, { method, agent }, (answer) => {
      const parts = [];
      answer
        .on('data', (part) => parts.push(part))
        .on('end', () => {
          resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() });
        });
    });
    call.on('error', reject).end(body);
  });
}

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const { name, message, stack = '' } = error;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

function runtimeError(name, message) {
  return Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
}

async function loadHandler() {
  const given = env._HANDLER;
  const dot = given.lastIndexOf('.');
  const [file, name] = [given.slice(0, dot), given.slice(dot + 1)];
  const found = ['.js', '.mjs', '.cjs', '']
    .map((end) => path.join(env.LAMBDA_TASK_ROOT, file + end))
    .find((each) => existsSync(each));
  if (dot < 0 || found === undefined)
    throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${file}'`);
  let module;
  try {
    module = await import(pathToFileURL(found).href);
  } catch (error) {
    const isSyntax = error instanceof SyntaxError;
    throw runtimeError(isSyntax ? 'Runtime.UserCodeSyntaxError' : 'Runtime.ImportModuleError', String(error));
  }
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function')
    throw runtimeError('Runtime.HandlerNotFound', `${given} is undefined or not exported`);
  if (handler.length > 2)
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  return handler;
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: client === undefined ? undefined : JSON.parse(client),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function answered(handler, headers, body) {
  const value = await handler(JSON.parse(body), contextOf(headers));
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    throw runtimeError('Runtime.MarshalError', `Unable to stringify response body: ${error.message}`);
  }
}

/** What nobody has caught ends the environment, and the invocation that is under way with it. */
async function fall(thrown, code) {
  const text = JSON.stringify(described(thrown));
  console.error(text);
  const place = requestId === 'undefined' ? 'init/error' : `invocation/${requestId}/error`;
  await ask('POST', place, text).catch(() => {});
  process.exit(code);
}
process.on('uncaughtException', (thrown) => void fall(thrown, 129));
process.on('unhandledRejection', (reason) => {
  void fall(runtimeError('Runtime.UnhandledPromiseRejection', String(reason)), 128);
});

const handler = await loadHandler().catch((thrown) => fall(thrown, 1));
for (;;) {
  const { headers, body } = await ask('GET', 'invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  let reply;
  try {
    reply = ['response', await answered(handler, headers, body)];
  } catch (error) {
    reply = ['error', JSON.stringify(described(error))];
    console.error('Invoke Error', reply[1]);
  }
  await ask('POST', `invocation/${requestId}/${reply[0]}`, reply[1]);
}
