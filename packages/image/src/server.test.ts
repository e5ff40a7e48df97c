import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { serverRequirements } from './server-layer.ts';

const json = { 'content-type': 'application/json' };
const doubling = `
import json
def model_fn(model_dir): return 2
def input_fn(body, content_type): return json.loads(body)["values"]
def predict_fn(values, model): return [value * model for value in values]
def output_fn(predictions, accept): return json.dumps({"predictions": predictions})
`;

test('the four handlers answer a request, and a ping is empty', async () => {
  await using server = await serve(doubling);
  expect(await server.ask('GET', '/ping')).toEqual([200, '']);
  expect(await server.ask('POST', '/invocations', '{"values":[1,21]}', json)).toEqual([
    200,
    '{"predictions": [2, 42]}',
  ]);
  expect(await server.ask('GET', '/execution-parameters')).toEqual([
    200,
    '{"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 100}',
  ]);
  expect(await server.ask('GET', '/invocations')).toEqual([
    405,
    '{"errorType": "MethodNotAllowed", "errorMessage": "GET /invocations"}',
  ]);
});

test('an exception is a 500 with its type and message, its traceback is in the log, and the server goes on', async () => {
  await using server = await serve(doubling);
  expect(await server.ask('POST', '/invocations', '{"other":1}', json)).toEqual([
    500,
    `{"errorType": "KeyError", "errorMessage": "'values'"}`,
  ]);
  expect(await server.ask('POST', '/invocations', '{"values":[3]}', json)).toEqual([
    200,
    '{"predictions": [6]}',
  ]);
  expect(server.log()).toContain('File "' + server.program + '", line 4, in input_fn');
});

test('without handlers of their own, JSON and CSV become data and back', async () => {
  await using server = await serve(
    'def model_fn(model_dir):\n    return lambda rows: [sum(row) for row in rows]\n',
  );
  expect(await server.ask('POST', '/invocations', '[[1,2],[3,4]]', json)).toEqual([200, '[3, 7]']);
  const csv = { 'content-type': 'text/csv', accept: 'text/csv' };
  expect(await server.ask('POST', '/invocations', '1,2\n3,4\n', csv)).toEqual([200, '3.0\n7.0\n']);
  expect(await server.ask('POST', '/invocations', 'x', { 'content-type': 'image/png' })).toEqual([
    415,
    '{"errorType": "Unsupported", "errorMessage": "content type image/png is not supported: define input_fn"}',
  ]);
});

test('transform_fn takes the place of the three, and a generator is streamed', async () => {
  await using server = await serve(`
def model_fn(model_dir): return None
def transform_fn(model, body, content_type, accept):
    return (part for part in [body, "|", content_type]), "text/plain"
`);
  const text = { 'content-type': 'text/plain' };
  expect(await server.ask('POST', '/invocations', 'hello', text)).toEqual([200, 'hello|text/plain']);
});

test('requests that arrive together are predicted together, for those who define predict_batch_fn', async () => {
  await using server = await serve(
    `
def model_fn(model_dir): return None
def predict_batch_fn(inputs, model): return [[value, len(inputs)] for value in inputs]
`,
    { TIDEGATE_BATCH_SIZE: '3', TIDEGATE_BATCH_WAIT_MS: '10000' },
  );
  const answers = await Promise.all(
    ['1', '2', '3'].map((body) => server.ask('POST', '/invocations', body, json)),
  );
  expect(answers).toEqual([
    [200, '[1, 3]'],
    [200, '[2, 3]'],
    [200, '[3, 3]'],
  ]);
});

test('a request under way is answered when the server is told to stop', async () => {
  await using server = await serve(`
import os, signal
def model_fn(model_dir): return None
def predict_fn(data, model):
    os.kill(os.getpid(), signal.SIGTERM)
    return data
`);
  expect(await server.ask('POST', '/invocations', '7', json)).toEqual([200, '7']);
  expect(await server.exited).toBe(0);
});

test.each([
  ['def model_fn(model_dir): raise RuntimeError("weights are broken")', 'RuntimeError: weights are broken'],
  ['x = 1', 'defines no model_fn(model_dir)'],
  [
    'def model_fn(d): pass\ndef transform_fn(*a): pass\ndef input_fn(*a): pass',
    'defines transform_fn beside input_fn',
  ],
])('a program that cannot serve ends at once and says why: %j', async (program, reason) => {
  await using server = start(program);
  expect(await server.exited).toBe(1);
  expect(server.log()).toContain(reason);
});

test('on Lambda it answers Lambda: an event, an HTTP event, and a failure', async () => {
  const events = [
    { values: [4] },
    { requestContext: {}, headers: { 'Content-Type': 'application/json' }, body: '{"values":[5]}' },
    { values: 'x', oops: true },
  ];
  const answers: [string, unknown][] = [];
  const api = createServer((request, response) => void runtimeApi(request, response, events, answers)).listen(
    0,
    '127.0.0.1',
  );
  await once(api, 'listening');
  const { port } = api.address() as AddressInfo;
  const failing = doubling.replace(
    'return json.loads(body)["values"]',
    'data = json.loads(body); assert "oops" not in data, "no"; return data["values"]',
  );
  await using server = start(failing, { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` });
  await server.exited;
  api.close();
  expect(answers).toEqual([
    ['0/response', { predictions: [8] }],
    [
      '1/response',
      {
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        isBase64Encoded: false,
        body: '{"predictions": [10]}',
      },
    ],
    ['2/error', { errorType: 'AssertionError', errorMessage: 'no' }],
  ]);
});

/** Lambda's side: hands out events, keeps the answers, and hangs up when there are no more. */
async function runtimeApi(
  request: IncomingMessage,
  response: ServerResponse,
  events: object[],
  answers: [string, unknown][],
): Promise<void> {
  const next = answers.length;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (request.method === 'POST') {
    answers.push([request.url?.split('invocation/')[1] ?? '', JSON.parse(Buffer.concat(chunks).toString())]);
    response.writeHead(202).end();
  } else if (next < events.length) {
    response.setHeader('lambda-runtime-aws-request-id', String(next)).end(JSON.stringify(events[next]));
  } else request.socket.destroy();
}

type Server = AsyncDisposable & {
  program: string;
  exited: Promise<number | null>;
  log(): string;
  ask(
    method: string,
    place: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<[number, string]>;
};

/** Starts the server with a program and waits until it is healthy. */
async function serve(program: string, environment: Record<string, string> = {}): Promise<Server> {
  const server = start(program, environment);
  for (;;) {
    const [status] = await server.ask('GET', '/ping').catch(() => [0]);
    if (status === 200) return server;
    if (
      await Promise.race([
        server.exited.then(() => true),
        new Promise<false>((resolve) => setImmediate(resolve, false)),
      ])
    ) {
      throw new Error(`the server ended: ${server.log()}`);
    }
  }
}

function start(program: string, environment: Record<string, string> = {}): Server {
  // As it lies in an image.
  const root = mkdtempSync(path.join(tmpdir(), 'tidegate-server-'));
  cpSync(path.join(import.meta.dirname, '..', 'server'), path.join(root, 'server'), { recursive: true });
  mkdirSync(path.join(root, 'code'));
  const file = path.join(root, 'code', 'inference.py');
  writeFileSync(file, program);
  const child: ChildProcess = spawn('python3', [path.join(root, 'server', 'serve.py'), 'serve'], {
    env: {
      ...process.env,
      PYTHONPATH: uvicorn(),
      TIDEGATE_BIND_TO_HOST: '127.0.0.1',
      SAGEMAKER_BIND_TO_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout?.on('data', (text: Buffer) => (log += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (log += text.toString()));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    program: file,
    exited,
    log: () => log,
    async ask(method, place, body, headers) {
      // uvicorn says which port it was given.
      const [, address = ''] = /running on (http:\/\/\S+)/.exec(log) ?? [];
      const response = await fetch(`${address}${place}`, {
        method,
        ...(body !== undefined && { body }),
        ...(headers && { headers }),
      });
      return [response.status, await response.text()];
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

/** The server's own requirement, installed once for all runs on this machine. */
function uvicorn(): string {
  const [requirement = ''] = serverRequirements({ lines: [], constraints: [] });
  const folder = path.join(tmpdir(), `tidegate-test-${requirement.replace('==', '-')}`);
  if (existsSync(folder)) return folder;
  const temporary = mkdtempSync(`${folder}-`);
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', temporary, requirement], {
    stdio: 'ignore',
  });
  if (!existsSync(folder)) renameSync(temporary, folder);
  return folder;
}
