import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { healthy, pythonPackagesIfAny, startModelServer } from './testing/model-server.ts';
import type { ModelServer } from './testing/model-server.ts';

/* Against NVIDIA's own tritonserver, which this package carries with its Python backend. */

const package_ = pythonPackagesIfAny('nvidia-pytriton==0.7.0', '--no-deps');
const triton = package_ && path.join(package_, 'pytriton', 'tritonserver');
// Its backend is older than numpy 2 and misreads its arrays.
const numpy = pythonPackagesIfAny('numpy==1.26.4', '--only-binary', ':all:');
const hasPython = triton !== undefined && numpy !== undefined && prepareBackend(triton);

(triton === undefined ? test.skip : test)(
  'Triton takes our place: it is healthy, keeps to the port it is given, and ends when it is told to',
  async () => {
    await using server = await startTriton({}, { SAGEMAKER_MULTI_MODEL: 'true' });
    await healthy(server);
    expect(await server.ask('GET', '/ping')).toEqual([200, '']);
    expect(await server.ask('GET', '/models')).toEqual([200, '{"models":[]}']);
    server.stop();
    expect(await server.exited).toBe(0);
  },
);

// The backend is linked against the libpython of this machine's Python, which is a package of its own in Debian.
(hasPython ? test : test.skip)('a Python model in the image’s source answers /invocations', async () => {
  const files = {
    'code/double/config.pbtxt': `
backend: "python"
max_batch_size: 0
input [{ name: "X", data_type: TYPE_FP32, dims: [ -1 ] }]
output [{ name: "Y", data_type: TYPE_FP32, dims: [ -1 ] }]
instance_group [{ kind: KIND_CPU }]
`,
    // The backend's interpreter hears no PYTHONPATH: an image has a .pth for it.
    'code/double/1/model.py': `
import sys
sys.path.insert(0, ${JSON.stringify(numpy)})
import numpy
import triton_python_backend_utils as utils

class TritonPythonModel:
    def execute(self, requests):
        return [self.double(utils.get_input_tensor_by_name(request, "X").as_numpy()) for request in requests]

    def double(self, values):
        return utils.InferenceResponse([utils.Tensor("Y", (values * 2).astype(numpy.float32))])
`,
  };
  await using server = await startTriton(files);
  await healthy(server);
  const inputs = [{ name: 'X', shape: [2], datatype: 'FP32', data: [1, 2.5] }];
  const json = { 'content-type': 'application/json' };
  const [status, body] = await server.ask('POST', '/invocations', JSON.stringify({ inputs }), json);
  expect([status, JSON.parse(body)]).toEqual([
    200,
    {
      model_name: 'double',
      model_version: '1',
      outputs: [{ name: 'Y', datatype: 'FP32', shape: [2], data: [2, 5] }],
    },
  ]);
});

async function startTriton(
  files: Record<string, string>,
  environment: Record<string, string> = {},
): Promise<ModelServer> {
  return startModelServer(files, {
    TIDEGATE_SERVER: 'triton',
    PATH: `${path.join(triton ?? '', 'bin')}:${process.env['PATH']}`,
    SAGEMAKER_BIND_TO_PORT: String(await freePort()),
    TIDEGATE_SERVER_ARGUMENTS: `--backend-directory=${path.join(triton ?? '', 'backends')}`,
    ...environment,
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Puts the part of the backend that fits this machine's Python where Triton looks for it; whether it can be loaded. */
function prepareBackend(folder: string): boolean {
  const version = spawnSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const stub = path.join(folder, 'python_backend_stubs', version.stdout.toString().trim());
  if (!existsSync(stub)) return false;
  const place = path.join(folder, 'backends', 'python');
  for (const name of readdirSync(stub)) cpSync(path.join(stub, name), path.join(place, name));
  const libraries = spawnSync('ldd', [path.join(place, 'triton_python_backend_stub')]).stdout.toString();
  return libraries !== '' && !libraries.includes('not found');
}
