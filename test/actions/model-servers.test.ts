import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runBuiltAction } from '../support/run-action.ts';

const script = path.resolve(import.meta.dirname, '../../dist/build-inference-image.js');

test.each<[string, Record<string, string>, string[]]>([
  [
    'a server that nobody keeps any more',
    { server: 'torchserve' },
    [
      '  server  "torchserve" is archived, and AWS’s PyTorch inference images ended with 2.6: use tidegate, which serves the same handlers (model_fn, input_fn, predict_fn, output_fn), or ray-serve, with which AWS replaced it',
    ],
  ],
  [
    'everything that does not go with a server, with a base to start from,',
    { server: 'vllm', entry: 'inference.py' },
    [
      '  base-image  is missing: for server vllm, start from vllm/vllm-openai:v0.23.0',
      '  entry       is not for server vllm: it serves the model package, or the model that SM_VLLM_MODEL names in the environment',
    ],
  ],
  [
    'a script where Ray Serve wants an application',
    { server: 'ray-serve', 'base-image': 'rayproject/ray:2.57.0', entry: 'inference.py' },
    [
      '  entry  "inference.py" is not what server ray-serve serves: an application (module:app), or a configuration of several (.yaml)',
    ],
  ],
  [
    'packages that the base’s own server would not find',
    { server: 'none', 'base-image': 'own/server:1', requirements: 'requirements.txt' },
    [
      '  requirements  is not for server none: the base’s own server does not look where Tidegate puts packages. Put them into the base, or build with a Dockerfile',
    ],
  ],
  [
    'a server beside a Dockerfile',
    { server: 'triton', dockerfile: 'Dockerfile' },
    ['  server  triton is for images without a dockerfile, which says itself what serves'],
  ],
])('%s is named before anything is called', async (_, inputs, problems) => {
  // Nothing listens there: a call would fail with another message.
  const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'us-east-1' };
  const { code, outputs } = await runBuiltAction(script, { model: 'm', ...inputs }, environment);
  const count = problems.length === 1 ? 'an input' : `${problems.length} inputs`;
  expect([code, outputs['failure-reason']]).toEqual([
    1,
    [`${count} of build-inference-image cannot be used:`, ...problems].join('\n'),
  ]);
});

test('the model server’s programs are whole in what ships', () => {
  const folder = path.resolve(import.meta.dirname, '../../dist/server');
  const program = `
import ast, pathlib, sys
files = sorted(pathlib.Path(sys.argv[1]).rglob("*.py"))
print(len([ast.parse(file.read_text()) for file in files]) > 10)
`;
  expect(execFileSync('python3', ['-c', program, folder]).toString()).toBe('True\n');
});
