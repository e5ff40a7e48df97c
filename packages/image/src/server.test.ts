import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { serverRequirements } from './server-layer.ts';
import { healthy, pythonPackages, startModelServer } from './testing/model-server.ts';
import type { ModelServer } from './testing/model-server.ts';

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
  expect(server.log()).toContain(
    `File "${path.join(server.root, 'code', 'inference.py')}", line 4, in input_fn`,
  );
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

/** Starts our server with a program and waits until it is healthy. */
function serve(program: string, environment: Record<string, string> = {}): Promise<ModelServer> {
  return healthy(start(program, environment));
}

function start(program: string, environment: Record<string, string> = {}): ModelServer {
  const [requirement = ''] = serverRequirements('tidegate', { lines: [], constraints: [] });
  const PYTHONPATH = pythonPackages(requirement);
  return startModelServer({ 'code/inference.py': program }, { PYTHONPATH, ...environment });
}
