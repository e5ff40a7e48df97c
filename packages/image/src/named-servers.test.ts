import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { layOut } from './testing/model-server.ts';

type Row = [said: string, environment: Record<string, string>, files: string[], result: string];

/* What is started, as the program in the image works it out; `$` stands for the folder above `model` and `code`. */

test.each<Row>([
  ['what the model package brought', {}, ['model/config.json'], 'vllm serve $/model --port 8080'],
  [
    'the model that is named, before any other, and SageMaker’s port',
    { SM_VLLM_MODEL: 'org/model', SAGEMAKER_BIND_TO_PORT: '9000', SM_VLLM_PORT: '1' },
    ['model/config.json'],
    'vllm serve org/model --port 9000',
  ],
  [
    'weights in the image, and not what else is there',
    { TIDEGATE_BIND_TO_HOST: '127.0.0.1' },
    ['code/config.json', 'code/model.safetensors'],
    'vllm serve $/code --port 8080 --host 127.0.0.1',
  ],
  [
    'options: text, flags, lists, and JSON that is one value',
    {
      HF_MODEL_ID: 'org/model',
      SM_VLLM_MAX_MODEL_LEN: '4096',
      SM_VLLM_ENFORCE_EAGER: 'true',
      SM_VLLM_ENABLE_LORA: 'false',
      SM_VLLM_LORA_MODULES: '[{"name": "a"}, {"name": "b"}]',
      SM_VLLM_ALLOWED_ORIGINS: '["*"]',
      SM_VLLM_SPECULATIVE_CONFIG: '{"model": "x"}',
      SM_VLLM_SERVED_MODEL_NAME: '["a", "b"]',
      TIDEGATE_SERVER_ARGUMENTS: "--seed 7 --chat-template 'a b'",
    },
    [],
    `vllm serve org/model --port 8080 --allowed-origins '["*"]' --enforce-eager --lora-modules '{"name": "a"}' '{"name": "b"}' --max-model-len 4096 --served-model-name a b --speculative-config '{"model": "x"}' --seed 7 --chat-template 'a b'`,
  ],
  [
    'nothing where there is no model',
    {},
    [],
    'CannotServe: there is no model: $/model is empty, and none of SM_VLLM_MODEL, HF_MODEL_ID and SM_VLLM_CONFIG names one',
  ],
])('vLLM: %s', (_, environment, files, result) => {
  expect(commandOf('vllm', environment, files)).toBe(result);
});

const triton =
  'tritonserver --allow-sagemaker=true --sagemaker-port=8080 --allow-http=false --allow-grpc=false --allow-metrics=false --model-control-mode=explicit';
const memory =
  '--backend-config=python,shm-default-byte-size=16777216 --backend-config=python,shm-growth-byte-size=1048576';

test.each<Row>([
  [
    'the only model, by its version alone',
    {},
    ['model/add/1/model.onnx', 'model/code/inference.py'],
    `SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=add ${triton} ${memory} --model-repository=$/model --load-model=add`,
  ],
  [
    'the only ensemble, which joins a model of the image with one of the model package',
    {},
    [
      'model/net/1/model.onnx',
      'code/prepare/1/model.py',
      'code/prepare/config.pbtxt',
      'code/both/config.pbtxt',
    ],
    `SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=both ${triton} ${memory} --model-repository=$/model --model-repository=$/code --load-model=both`,
  ],
  [
    'the model that is named, and those it calls',
    { SAGEMAKER_TRITON_DEFAULT_MODEL_NAME: 'b', TIDEGATE_TRITON_LOAD_MODELS: 'a, c' },
    ['model/a/1/x', 'model/b/1/x', 'model/c/1/x'],
    `SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=b ${triton} ${memory} --model-repository=$/model --load-model=b --load-model=a --load-model=c`,
  ],
  [
    'settings of NVIDIA’s own start script',
    {
      SAGEMAKER_BIND_TO_PORT: '7001',
      SAGEMAKER_SAFE_PORT_RANGE: '7000-7999',
      SAGEMAKER_TRITON_LOG_VERBOSE: 'true',
      SAGEMAKER_TRITON_SHM_DEFAULT_BYTE_SIZE: '1',
      TIDEGATE_SERVER_ARGUMENTS: '--rate-limit=off',
    },
    ['model/a/1/x'],
    `SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=a ${triton.replace('8080', '7001')} --sagemaker-safe-port-range=7000-7999 --log-verbose=true ${memory.replace('16777216', '1')} --rate-limit=off --model-repository=$/model --load-model=a`,
  ],
  [
    'no model of its own on an endpoint of many',
    { SAGEMAKER_MULTI_MODEL: 'true' },
    [],
    `${triton} ${memory} --model-namespacing=true --model-repository=/tmp/tidegate-triton`,
  ],
  [
    'nothing where it cannot be told which model is asked',
    {},
    ['model/a/1/x', 'model/b/1/x'],
    'CannotServe: there are 2 models (a, b): say with SAGEMAKER_TRITON_DEFAULT_MODEL_NAME which of them answers /invocations',
  ],
  [
    'nothing where the named model is not there',
    { SAGEMAKER_TRITON_DEFAULT_MODEL_NAME: 'c' },
    ['model/a/1/x'],
    'CannotServe: SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=c: there are a',
  ],
  [
    'nothing where a model lies a folder too high',
    {},
    ['code/config.pbtxt', 'code/1/model.py'],
    'CannotServe: config.pbtxt lies at the top of $/code: a model lies in a folder of its own name',
  ],
  [
    'nothing where a name is taken twice',
    {},
    ['model/a/1/x', 'code/a/config.pbtxt'],
    'CannotServe: model a is in both $/model/a and $/code/a',
  ],
  [
    'nothing where there are no models',
    {},
    ['code/train.py'],
    'CannotServe: there is no model in $/model or $/code: a repository has <model>/config.pbtxt and <model>/<version>/',
  ],
])('Triton: %s', (_, environment, files, result) => {
  expect(commandOf('triton', environment, files)).toBe(result);
});

const tensorflow =
  'tensorflow_model_server --rest_api_port=# --port=# --model_config_file=%/models.config --max_num_load_retries=0';

test.each<Row>([
  [
    'all versions of all models, without a default where there are several',
    {},
    ['model/a/1/saved_model.pb', 'model/a/3/saved_model.pb', 'code/deep/b/7/saved_model.pb'],
    `${tensorflow}
models.config: model_config_list {
  config { name: "a" base_path: "$/model/a" model_platform: 'tensorflow' model_version_policy { specific { versions: 1 versions: 3 } } }
  config { name: "b" base_path: "$/code/deep/b" model_platform: 'tensorflow' model_version_policy { specific { versions: 7 } } }
}
default: None`,
  ],
  [
    'batches and threads',
    {
      SAGEMAKER_TFS_ENABLE_BATCHING: 'true',
      SAGEMAKER_TFS_MAX_BATCH_SIZE: '32',
      SAGEMAKER_TFS_NUM_BATCH_THREADS: '2',
      SAGEMAKER_BATCH: 'true',
      SAGEMAKER_TFS_INTRA_OP_PARALLELISM: '1',
    },
    ['model/1/saved_model.pb'],
    `${tensorflow} --enable_batching=true --batching_parameters_file=%/batching.config --tensorflow_intra_op_parallelism=1
batching.config: max_batch_size { value: 32 }
batch_timeout_micros { value: 1000 }
num_batch_threads { value: 2 }
max_enqueued_batches { value: 100000000 }
models.config: model_config_list {
  config { name: "model" base_path: "$/model" model_platform: 'tensorflow' model_version_policy { specific { versions: 1 } } }
}
default: model`,
  ],
  [
    'nothing for a model without a version',
    {},
    ['model/saved_model.pb'],
    'CannotServe: $/model/saved_model.pb lies in no version: export the model to $/model/1',
  ],
  [
    'nothing where there is no model',
    {},
    ['model/model.onnx'],
    'CannotServe: there is no <model>/<version>/saved_model.pb in $/model or $/code',
  ],
  [
    'nothing for what AWS’s image alone can do',
    { SAGEMAKER_TFS_INSTANCE_COUNT: '2' },
    ['model/1/saved_model.pb'],
    "CannotServe: SAGEMAKER_TFS_INSTANCE_COUNT is not for this server: one serves. AWS's own image does that: build with server: none on it",
  ],
])('TensorFlow Serving: %s', (_, environment, files, result) => {
  expect(commandOf('tensorflow_serving', environment, files)).toBe(result);
});

test('a start without Python, with an old setting or a server that is not in the image says so', () => {
  const start = (environment: Record<string, string>, files: Record<string, string> = {}) => {
    const root = layOut(files);
    try {
      execFileSync('/bin/sh', [path.join(root, 'server', 'start.sh'), 'serve'], {
        env: { SAGEMAKER_BASE_DIR: root, ...environment },
        stdio: 'pipe',
      });
      return 'started';
    } catch (error) {
      return (error as { stderr: Buffer }).stderr.toString();
    } finally {
      rmSync(root, { recursive: true });
    }
  };
  const PATH = process.env['PATH'] ?? '';
  expect([
    start({ PATH: '/nowhere', TIDEGATE_SERVER: 'triton' }),
    start({ PATH, TIDEGATE_SERVER: 'triton' }, { 'model/a/1/model.onnx': '' }),
    start({ PATH, TIDEGATE_SERVER: 'torchserve' }),
    start({ PATH, TIDEGATE_SERVER: 'vllm', AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' }),
  ]).toEqual([
    'tidegate: there is no python3 in this image, and triton is started by it: build on a base that has Python 3.9 or newer\n',
    'tidegate: tritonserver is not in this image: build on a base that has it\n',
    'tidegate: TIDEGATE_SERVER=torchserve is not one of tidegate, triton, vllm, tensorflow-serving, ray-serve\n',
    "tidegate: vllm does not answer Lambda's contract: build with server: tidegate\n",
  ]);
});

/** Asks the program of the image what it would start, and writes it as a shell would be told. */
function commandOf(module: string, environment: Record<string, string>, files: string[]): string {
  const contents = files.map((file) => [
    file,
    file.endsWith('both/config.pbtxt') ? 'platform: "ensemble"\n' : '',
  ]);
  const root = layOut(Object.fromEntries(contents) as Record<string, string>);
  mkdirSync(path.join(root, 'model'), { recursive: true });
  const program = `
import importlib, json, os, shlex, sys
name, root, environment = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
folders = [root + "/model", root + "/code"]
try:
    module = importlib.import_module("named_servers." + name)
    backend = module.Backend(environment, *folders) if hasattr(module, "Backend") else None
    argv, beside = backend.command() if backend else module.command(environment, *folders)
    print(" ".join(["%s=%s" % each for each in beside.items()] + [shlex.join(argv)]), end="")
    if backend: print("\\ndefault: %s" % backend.default, end="")
except Exception as error:
    print("%s: %s" % (type(error).__name__, error), end="")
`;
  const cwd = path.join(root, 'server');
  const said = execFileSync('python3', ['-c', program, module, root, JSON.stringify(environment)], { cwd });
  rmSync(root, { recursive: true });
  return withFiles(said.toString())
    .replaceAll(root, '$')
    .replace(/(rest_api_port|--port)=\d+/g, '$1=#');
}

/** Files that a command names are shown with it. */
function withFiles(text: string): string {
  const folder = /(\/\S+tidegate-tensorflow-\w+)\//.exec(text)?.[1];
  if (folder === undefined) return text;
  const [command = '', rest = ''] = text.split('\n');
  const files = ['batching.config', 'models.config'].filter((name) => existsSync(path.join(folder, name)));
  const shown = files.map((name) => `${name}: ${readFileSync(path.join(folder, name), 'utf8')}`);
  rmSync(folder, { recursive: true });
  return `${command.replaceAll(folder, '%')}\n${shown.join('')}${rest}`;
}
