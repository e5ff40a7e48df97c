import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { serverRequirements } from './server-layer.ts';
import { pythonPackages, pythonPackagesIfAny, startModelServer } from './testing/model-server.ts';

const json = { 'content-type': 'application/json' };
const attributes = (text: string) => ({ ...json, 'x-amzn-sagemaker-custom-attributes': text });

/*
 * TensorFlow Serving's own program comes in no package: this one answers its REST API, with what it was asked.
 * It is unhealthy while a file `wait` lies beside it, cannot load where `broken` does, and ends at a request to.
 */
const standIn = `#!/usr/bin/env python3
import json, os, re, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

here = os.path.dirname(os.path.abspath(__file__))
options = dict(re.findall(r"--(\\w+)=(\\S+)", " ".join(sys.argv)))
models = re.findall(r'name: "(\\w+)"', open(options["model_config_file"]).read())

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        state, status = "AVAILABLE", {"error_code": "OK", "error_message": ""}
        if os.path.exists(here + "/wait"):
            state = "LOADING"
        if os.path.exists(here + "/broken"):
            state, status = "END", {"error_code": "NOT_FOUND", "error_message": "no variables"}
        self.reply(200, {"model_version_status": [{"version": "1", "state": state, "status": status}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if body.get("instances") == ["end"]:
            os._exit(3)
        if body.get("instances") == ["bad"]:
            self.reply(400, {"error": "bad"})
        else:
            self.reply(200, {"path": self.path, "asked": body})

    def reply(self, status, value):
        text = json.dumps(value, indent=1).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

ThreadingHTTPServer(("127.0.0.1", int(options["rest_api_port"])), Handler).serve_forever()
`;

function startTensorflow(files: Record<string, string> = {}, environment: Record<string, string> = {}) {
  const [requirement = ''] = serverRequirements('tensorflow-serving', { lines: [], constraints: [] });
  const server = startModelServer(
    { 'bin/tensorflow_model_server': standIn, 'model/half/1/saved_model.pb': '', ...files },
    ({ root }) => ({
      TIDEGATE_SERVER: 'tensorflow-serving',
      PYTHONPATH: pythonPackages(requirement),
      PATH: `${path.join(root, 'bin')}:${process.env['PATH']}`,
      ...environment,
    }),
  );
  const invoke = async (body: string, headers: Record<string, string> = json) => {
    const [status, text] = await server.ask('POST', '/invocations', body, headers);
    return [status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text];
  };
  return Object.assign(server, { invoke });
}

test('requests become those of TensorFlow Serving’s REST API', async () => {
  await using server = startTensorflow();
  await server.says('healthy after');
  const asked = (instances: unknown, at = 'half:predict') => [
    200,
    { path: `/v1/models/${at}`, asked: { instances } },
  ];
  const csv = { 'content-type': 'text/csv' };
  const lines = { 'content-type': 'application/jsonlines' };
  expect(await server.invoke('{"instances": [1, 2]}')).toEqual(asked([1, 2]));
  expect(await server.invoke('[[1, 2], [3, 4]]')).toEqual(
    asked([
      [1, 2],
      [3, 4],
    ]),
  );
  expect(await server.invoke('[1, 2]')).toEqual(asked([[1, 2]]));
  expect(await server.invoke('{"a": 1}\n{"a": 2}\n', lines)).toEqual(asked([{ a: 1 }, { a: 2 }]));
  expect(await server.invoke('1,x\n2,"y,z"\n', csv)).toEqual(
    asked([
      [1, 'x'],
      [2, 'y,z'],
    ]),
  );
  expect(await server.invoke('1\n2\n', csv)).toEqual(asked([1, 2]));
  expect(
    await server.invoke('[1]', attributes('tfs-model-name=half,tfs-model-version=1,tfs-method=classify')),
  ).toEqual(asked([[1]], 'half/versions/1:classify'));
  expect(
    await server.ask('POST', '/invocations', '[1]', { ...json, accept: 'application/jsonlines' }),
  ).toEqual([200, '{ "path": "/v1/models/half:predict", "asked": {  "instances": [   [    1   ]  ] }}\n']);
});

test('what cannot be translated, and what TensorFlow Serving refuses, is refused with the reason', async () => {
  await using server = startTensorflow({ 'model/third/1/saved_model.pb': '' });
  await server.says('healthy after');
  const refused = (errorMessage: string, status = 400) => [status, { errorType: 'Refused', errorMessage }];
  expect(await server.invoke('[1]')).toEqual(
    refused('no model is the default of several: name one with tfs-model-name (half, third)'),
  );
  expect(await server.invoke('[1]', attributes('tfs-model-name=x/../y'))).toEqual(
    refused('there is no model x/../y: name one with tfs-model-name (half, third)'),
  );
  expect(await server.invoke('[1]', attributes('tfs-model-name=half,tfs-method=train'))).toEqual(
    refused('tfs-model-version is a number, tfs-method one of predict, classify, regress'),
  );
  const half = attributes('tfs-model-name=half');
  expect(await server.invoke('x', { ...half, 'content-type': 'image/png' })).toEqual(
    refused('content type image/png is neither JSON, JSON lines nor CSV: define input_handler', 415),
  );
  expect(await server.invoke('{', half)).toMatchObject([400, { errorType: 'Refused' }]);
  expect(await server.invoke('{"instances": ["bad"]}', half)).toEqual([400, { error: 'bad' }]);
});

test('handlers of the user’s stand before and after TensorFlow Serving, or in its place', async () => {
  const around = `
import json
def input_handler(data, context):
    return json.dumps({"instances": [data.read().decode(), context.request_content_type]})
def output_handler(response, context):
    return "%d %s %s" % (response.status_code, response.json()["asked"]["instances"], context.model_name), "text/plain"
`;
  await using server = startTensorflow(
    { 'code/inference.py': around },
    { SAGEMAKER_PROGRAM: 'inference.py' },
  );
  await server.says('healthy after');
  expect(await server.invoke('x', { 'content-type': 'image/png' })).toEqual([
    200,
    "200 ['x', 'image/png'] half",
  ]);

  const alone = `
import urllib.request
def handler(data, context):
    request = urllib.request.Request(context.rest_uri, data.read())
    return urllib.request.urlopen(request).read(), context.accept_header
`;
  await using other = startTensorflow({ 'code/inference.py': alone }, { SAGEMAKER_PROGRAM: 'inference.py' });
  await other.says('healthy after');
  expect(await other.invoke('{"instances": [7]}')).toEqual([
    200,
    { path: '/v1/models/half:predict', asked: { instances: [7] } },
  ]);
});

test('a ping fails until the models are loaded, and requests are told to wait', async () => {
  await using server = startTensorflow({ 'bin/wait': '' });
  await server.says('running on');
  expect(await server.ask('GET', '/ping')).toEqual([503, '']);
  expect(await server.invoke('[1]')).toMatchObject([503, { errorType: 'NotReady' }]);
  rmSync(path.join(server.root, 'bin', 'wait'));
  await server.says('healthy after');
});

test('the end of the server behind is the end of the container, and so is a model that cannot be loaded', async () => {
  await using server = startTensorflow();
  await server.says('healthy after');
  await server.invoke('{"instances": ["end"]}').catch(() => undefined);
  expect(await server.exited).toBe(1);
  expect(server.log()).toContain('tidegate: tensorflow-serving ended by itself, with 3');

  await using broken = startTensorflow({ 'bin/broken': '' });
  expect(await broken.exited).toBe(1);
  expect(broken.log()).toContain('tidegate: version 1 of model half cannot be loaded: no variables');

  await using late = startTensorflow({ 'bin/wait': '' }, { SAGEMAKER_STARTUP_TIMEOUT: '0.2' });
  expect(await late.exited).toBe(1);
  expect(late.log()).toContain('tidegate: not healthy within SAGEMAKER_STARTUP_TIMEOUT=0.2 s');
});

test('told to stop, it stops the server behind', async () => {
  await using server = startTensorflow();
  await server.says('healthy after');
  server.stop();
  expect(await server.exited).toBe(0);
});

const ray = pythonPackagesIfAny('ray[serve]==2.60.0');

(ray === undefined ? test.skip : test)(
  'Ray Serve answers through us: at its root, at a route, in a stream, and a failure is told',
  async () => {
    const application = `
import os
from ray import serve
from starlette.responses import StreamingResponse

@serve.deployment
class Application:
    def __init__(self):
        self.word = open(os.environ["SM_MODEL_DIR"] + "/word.txt").read()

    async def __call__(self, request):
        body = (await request.body()).decode()
        if body == "fail":
            raise ValueError("no such thing")
        if body == "stream":
            return StreamingResponse((part for part in [self.word, "|", request.url.path]), media_type="text/plain")
        return {"word": self.word, "body": body, "type": request.headers["content-type"], "path": request.url.path}

app = Application.bind()
`;
    await using server = startModelServer(
      { 'code/serving/app.py': application, 'model/word.txt': 'tide' },
      ({ root }) => ({
        TIDEGATE_SERVER: 'ray-serve',
        SM_RAYSERVE_APP: 'serving.app:app',
        PYTHONPATH: ray ?? '',
        // Ray keeps a token there.
        HOME: root,
      }),
    );
    await server.says('healthy after');
    const ask = async (body: string, headers: Record<string, string> = json) =>
      server.ask('POST', '/invocations', body, headers);
    expect(await ask('x')).toEqual([200, '{"word":"tide","body":"x","type":"application/json","path":"/"}']);
    expect(await ask('stream', attributes('route=/v1/words'))).toEqual([200, 'tide|/v1/words']);
    expect((await ask('fail'))[0]).toBe(500);
    server.stop();
    expect(await server.exited).toBe(0);
    expect(server.log()).not.toContain('SIGTERM received');
  },
  240_000,
);

(ray === undefined ? test.skip : test)(
  'an application that Ray cannot deploy ends the container with the reason',
  async () => {
    await using server = startModelServer({ 'code/app.py': 'import nothing_like_it\n' }, ({ root }) => ({
      TIDEGATE_SERVER: 'ray-serve',
      SM_RAYSERVE_APP: 'app:app',
      PYTHONPATH: ray ?? '',
      HOME: root,
    }));
    expect(await server.exited).toBe(1);
    expect(server.log()).toContain("No module named 'nothing_like_it'");
  },
  240_000,
);
