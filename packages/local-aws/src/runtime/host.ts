import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import type { World } from '../kernel/world.ts';
import { ContainerError } from './container-error.ts';
import { openImage, type Image } from './image.ts';
import { below } from './paths.ts';
import { startProcess, type Container } from './process.ts';
import { pythonFor } from './python.ts';
import { trainingScript } from './toolkit.ts';

export type ContainerSpec = {
  /** The image's URI: in the local registry, or one of AWS's framework images. */
  image: string;
  /** SageMaker's `train` or `serve`; a whole command line; or the image's own ENTRYPOINT and CMD. */
  command: 'train' | 'serve' | readonly string[] | undefined;
  /** Stands in for the image's CMD where `command` is absent. */
  arguments?: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** What stands above this container's `/opt/ml`; paths below `/opt/ml` in the command and the environment are moved there. */
  root: string;
  /** A requirements file that decides the Python environment; otherwise the image's label or the script's own decides. */
  requirements?: string;
  /** Told to the container as `SAGEMAKER_BIND_TO_PORT`. */
  port?: number;
  /** Gives up on what has to be made before the container can start: its Python environment. */
  stop?: AbortSignal;
  /** One line of output, as it comes. */
  onLine: (line: string) => void;
};

/** Names the requirements file, inside the image, of what its Python code needs. */
const requirementsLabel = 'ai.tidegate.requirements';

/**
 * Starts a container as a process group of this machine. Files are not hidden from it and `/opt/ml` is a folder of its
 * own, told by arguments and environment; everything else follows the container contract.
 * @throws ContainerError when the image, its command or its requirements cannot be had
 */
export async function startContainer(world: World, spec: ContainerSpec): Promise<Container> {
  const image = await openImage(world, spec.image);
  await mkdir(join(spec.root, 'tmp'), { recursive: true });
  return image.kind === 'framework'
    ? startScript(world, spec, image.repository)
    : startImage(world, spec, image);
}

async function startScript(world: World, spec: ContainerSpec, repository: string): Promise<Container> {
  if (spec.command === 'serve')
    throw new ContainerError(
      `"${repository}" serves no model on this machine: build an inference image of your own`,
    );
  if (spec.command !== 'train') {
    if (spec.command === undefined)
      throw new ContainerError(`"${repository}" has no entrypoint here: name one (ContainerEntrypoint)`);
    const python = await pythonFor(world, await textOf(spec.requirements), spec.onLine, spec.stop);
    return startIn(world, spec, {
      argv: spec.command.map((part) => below(spec.root, part)),
      cwd: spec.root,
      environment: {},
      python,
    });
  }
  const script = await trainingScript(world, spec.root, spec.environment);
  const python = await pythonFor(
    world,
    (await textOf(spec.requirements)) ?? script.requirements,
    spec.onLine,
    spec.stop,
  );
  const errors: string[] = [];
  const container = await startIn(world, spec, { ...script, python }, errors);
  return {
    ...container,
    exited: container.exited.then((exit) => explained(exit, spec.root, script.argv, errors)),
  };
}

async function startImage(
  world: World,
  spec: ContainerSpec,
  image: Image & { kind: 'registry' },
): Promise<Container> {
  const { rootfs, config } = image;
  const here = (text: string) => inImage(rootfs, below(spec.root, text));
  const label = config.Labels?.[requirementsLabel];
  const requirements = spec.requirements ?? (label === undefined ? undefined : join(rootfs, label));
  const python = await pythonFor(world, await textOf(requirements), spec.onLine, spec.stop);
  const entrypoint = config.Entrypoint ?? [];
  const last = typeof spec.command === 'string' ? [spec.command] : (spec.arguments ?? config.Cmd ?? []);
  const argv = typeof spec.command === 'object' ? spec.command : [...entrypoint, ...last];
  if (argv.length === 0)
    throw new ContainerError(`"${spec.image}" has neither ENTRYPOINT nor CMD, and no command was given`);
  const ofImage = (config.Env ?? []).map((line) => [
    line.slice(0, line.indexOf('=')),
    here(line.slice(line.indexOf('=') + 1)),
  ]);
  const folder = join(rootfs, config.WorkingDir ?? '/');
  const cwd = existsSync(folder) ? folder : spec.root;
  return startIn(world, spec, {
    argv: argv.map(here),
    cwd,
    environment: Object.fromEntries(ofImage) as Record<string, string>,
    python,
  });
}

type Start = {
  argv: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string>>;
  python: string;
};

function startIn(world: World, spec: ContainerSpec, start: Start, errors?: string[]): Promise<Container> {
  const requested = Object.entries(spec.environment).map(
    ([name, value]) => [name, below(spec.root, value)] as const,
  );
  const bin = dirname(start.python);
  return startProcess(world, {
    argv: [interpreter(start.argv[0] ?? '', start.python), ...start.argv.slice(1)],
    cwd: start.cwd,
    environment: {
      ...platformEnvironment(world, spec),
      ...start.environment,
      ...Object.fromEntries(requested),
      PATH: [bin, start.environment['PATH'], process.env['PATH']].filter(Boolean).join(delimiter),
    },
    onLine(line, from) {
      if (from === 'stderr' && errors !== undefined && line.trim() !== '')
        errors.splice(0, errors.length, line);
      spec.onLine(line);
    },
  });
}

function platformEnvironment(world: World, spec: ContainerSpec): Record<string, string> {
  return {
    HOME: spec.root,
    // Containers share this machine's processors: OpenMP threads that spin while they wait would starve each other.
    OMP_WAIT_POLICY: 'PASSIVE',
    TMPDIR: join(spec.root, 'tmp'),
    LANG: 'C.UTF-8',
    // As AWS's own images have it: what a job prints is seen when it prints it.
    PYTHONUNBUFFERED: 'TRUE',
    SAGEMAKER_BASE_DIR: join(spec.root, 'opt', 'ml'),
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIALOCALAWS00000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    // In a container a server listens on every address; on this machine it must not be reachable from outside.
    TIDEGATE_BIND_TO_HOST: '127.0.0.1',
    ...(spec.port === undefined ? {} : { SAGEMAKER_BIND_TO_PORT: String(spec.port) }),
  };
}

/** `python`, `python3`, `/usr/bin/python3.12` are the environment's Python; `node` is the one that runs us. */
function interpreter(command: string, python: string): string {
  if (existsSync(command) && !/^\/(usr|bin|opt\/conda|miniconda3)\//.test(command)) return command;
  if (/^python3?(\.\d+)?$/.test(basename(command))) return python;
  return basename(command) === 'node' ? process.execPath : command;
}

/** Absolute paths that name something in the image, moved to where the image was unpacked. */
function inImage(rootfs: string, text: string): string {
  return text.replace(/(?<![\w./-])\/[^\s:;,"'=]+/g, (path) =>
    existsSync(join(rootfs, path)) ? join(rootfs, path) : path,
  );
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined || !existsSync(file) ? undefined : readFile(file, 'utf8');
}

/** As the training toolkit does where a script fails without a word of its own in `/opt/ml/output/failure`. */
async function explained<E extends { code: number | null }>(
  exit: E,
  root: string,
  argv: readonly string[],
  errors: readonly string[],
): Promise<E> {
  const file = join(root, 'opt', 'ml', 'output', 'failure');
  if (exit.code !== null && exit.code !== 0 && !existsSync(file)) {
    const reason = `ExecuteUserScriptError:\nExitCode ${exit.code}\nErrorMessage "${errors.join('\n')}"\nCommand "${argv.join(' ')}"`;
    await writeFile(file, reason).catch(() => {});
  }
  return exit;
}
