import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { World } from '../kernel/world.ts';
import { objectExists, parseS3Uri, readObjectStream } from '../s3/objects.ts';
import { ContainerError } from './container-error.ts';
import { asciiJson, scriptParameters } from './hyperparameters.ts';
import { below } from './paths.ts';
import { unpack } from './unpack.ts';

/** A user's training script, ready to be started. */
export type Script = {
  argv: string[];
  cwd: string;
  environment: Record<string, string>;
  /** The text of the requirements file beside the script. */
  requirements: string | undefined;
};

type ResourceConfig = {
  current_host: string;
  current_instance_type?: string;
  current_group_name?: string;
  hosts: string[];
  network_interface_name?: string;
  instance_groups?: { instance_group_name: string; instance_type: string; hosts: string[] }[];
};

/**
 * SageMaker's training toolkit ("script mode"), which AWS's framework images run as `train`: unpacks the code that
 * `sagemaker_submit_directory` names into `/opt/ml/code` and runs `sagemaker_program` in it, with the hyperparameters
 * as arguments and everything it may want to know as `SM_*` variables.
 * https://github.com/aws/sagemaker-training-toolkit, `environment.py` and `entry_point.py`
 * @param root what stands above `/opt/ml`, whose `input/config` is already written
 * @throws ContainerError when the program or its code is not there
 */
export async function trainingScript(
  world: World,
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<Script> {
  const ml = join(root, 'opt', 'ml');
  const config = async <T>(name: string) =>
    JSON.parse(await readFile(join(ml, 'input', 'config', name), 'utf8')) as T;
  const given = Object.entries(await config<Record<string, string>>('hyperparameters.json'));
  const parameters = scriptParameters(
    Object.fromEntries(given.map(([name, value]) => [name, below(root, value)])),
  );
  const resources = await config<ResourceConfig>('resourceconfig.json');
  const channels = await config<Record<string, unknown>>('inputdataconfig.json');
  const program = parameters.platform['sagemaker_program'] ?? environment['SAGEMAKER_PROGRAM'];
  const directory =
    parameters.platform['sagemaker_submit_directory'] ?? environment['SAGEMAKER_SUBMIT_DIRECTORY'];
  if (program === undefined) {
    throw new ContainerError(
      'the hyperparameter "sagemaker_program" is missing: it names the script that a framework image runs',
    );
  }
  const code = await codeFolder(world, root, directory);
  if (!existsSync(join(code, program)))
    throw new ContainerError(`"${program}" (sagemaker_program) is not in ${directory ?? '/opt/ml/code'}`);
  const requirementsFile = join(code, 'requirements.txt');
  return {
    argv: await entryPoint(code, program, parameters.args),
    cwd: code,
    requirements: existsSync(requirementsFile) ? await readFile(requirementsFile, 'utf8') : undefined,
    environment: {
      ...scriptEnvironment({ ml, resources, channels, program, directory, parameters }),
      ...parameters.environment,
      PYTHONPATH: code,
    },
  };
}

async function codeFolder(world: World, root: string, directory: string | undefined): Promise<string> {
  const code = join(root, 'opt', 'ml', 'code');
  if (directory === undefined) return code;
  if (!directory.startsWith('s3://')) return below(root, directory);
  const { bucket, key } = parseS3Uri(directory);
  await mkdir(code, { recursive: true });
  if (objectExists(world, bucket, key) === undefined) {
    throw new ContainerError(
      `An error occurred (404) when calling the HeadObject operation: Not Found (${directory})`,
    );
  }
  await unpack(readObjectStream(world, bucket, key), code, directory);
  return code;
}

/** A Python package is run as a module, a `.py` file by Python, anything else by the shell. */
async function entryPoint(code: string, program: string, args: string[]): Promise<string[]> {
  const isPackage = (await stat(code)).isDirectory() && (await readdir(code)).includes('setup.py');
  if (program.endsWith('.py'))
    return isPackage ? ['python', '-m', moduleName(program), ...args] : ['python', program, ...args];
  return ['/bin/sh', '-c', ['exec', `./${program}`, '"$@"'].join(' '), program, ...args];
}

const moduleName = (program: string) => program.replace(/\.py$/, '').replaceAll('/', '.');

function scriptEnvironment(known: {
  ml: string;
  resources: ResourceConfig;
  channels: Record<string, unknown>;
  program: string;
  directory: string | undefined;
  parameters: ReturnType<typeof scriptParameters>;
}): Record<string, string> {
  const { ml, resources, channels, program, directory, parameters } = known;
  const names = Object.keys(channels).sort();
  const group = resources.current_group_name ?? 'homogeneousCluster';
  const groups = resources.instance_groups ?? [];
  const values: Record<string, unknown> = {
    hosts: resources.hosts,
    network_interface_name: resources.network_interface_name ?? 'eth0',
    hps: parameters.json,
    user_entry_point: program,
    framework_params: {},
    resource_config: resources,
    input_data_config: channels,
    output_data_dir: join(ml, 'output', 'data'),
    channels: names,
    current_host: resources.current_host,
    current_instance_type: resources.current_instance_type ?? '',
    current_instance_group: group,
    current_instance_group_hosts: resources.hosts,
    instance_groups: groups.map((each) => each.instance_group_name),
    instance_groups_dict: Object.fromEntries(groups.map((each) => [each.instance_group_name, each])),
    distribution_instance_groups: [],
    is_hetero: false,
    module_name: moduleName(program),
    log_level: parameters.platform['sagemaker_container_log_level'] ?? '20',
    framework_module: '',
    input_dir: join(ml, 'input'),
    input_config_dir: join(ml, 'input', 'config'),
    output_dir: join(ml, 'output'),
    num_cpus: availableParallelism(),
    num_gpus: 0,
    num_neurons: 0,
    model_dir: join(ml, 'model'),
    module_dir: directory ?? join(ml, 'code'),
    output_intermediate_dir: join(ml, 'output', 'intermediate'),
    user_args: parameters.args,
  };
  const folders = Object.fromEntries(names.map((name) => [name, join(ml, 'input', 'data', name)]));
  const training = {
    ...values,
    channel_input_dirs: folders,
    hyperparameters: JSON.parse(parameters.json) as unknown,
  };
  const environment = Object.entries(values).map(([name, value]) => [
    `SM_${name.toUpperCase()}`,
    variable(value),
  ]);
  const ofChannels = names.map((name) => [`SM_CHANNEL_${name.toUpperCase()}`, folders[name]]);
  return {
    ...Object.fromEntries([...environment, ...ofChannels]),
    SM_TRAINING_ENV: sortedJson(training),
  } as Record<string, string>;
}

const variable = (value: unknown) => (typeof value === 'string' ? value : sortedJson(value));

/** Python's compact JSON with sorted keys, which is what the toolkit writes into variables. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return asciiJson(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${asciiJson(name)}:${sortedJson(inner)}`).join(',')}}`;
}
