import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ImageError } from '../errors.ts';
import type { Requirements } from './requirements.ts';
import type { PythonTarget } from './target.ts';
import { tidyPackages } from './tidy.ts';

export type Install = {
  requirements: Requirements;
  /** Requirements that we add ourselves. */
  added: readonly string[];
  target: PythonTarget;
  /** Where relative paths of the requirements begin. */
  folder: string;
  signal?: AbortSignal | undefined;
  /** What pip says while it works. */
  onLine?: (line: string) => void;
};

/** Packages in a temporary folder. */
export type Installed = AsyncDisposable & {
  folder: string;
  packages: { name: string; version: string }[];
};

/**
 * Installs packages for another machine's Python, from wheels alone: no code of theirs is run, no container is needed.
 * Packages of the same versions give the same files, whichever machine installs them.
 * @throws ImageError names the package that has no wheel for the target, and what to do
 */
export async function installPackages(install: Install): Promise<Installed> {
  const home = await mkdtemp(path.join(tmpdir(), 'tidegate-packages-'));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const folder = path.join(home, 'packages');
    const list = path.join(home, 'requirements.txt');
    await writeFile(list, `${install.requirements.lines.join('\n')}\n`);
    const constraints = install.requirements.constraints.flatMap(({ file }) => ['--constraint', file]);
    const hashed = install.requirements.lines.some((line) => line.includes('--hash='));
    // pip wants a hash of everything or of nothing, so ours are then a call of their own.
    const calls = hashed
      ? [['-r', list, ...constraints], [...install.added]]
      : [['-r', list, ...constraints, ...install.added]];
    for (const call of calls)
      if (call.length > 0) await pip([...options(install.target, folder), ...call], install);
    return { folder, packages: await tidyPackages(folder), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * pip takes wheels for another machine, but asks environment markers (`; python_version < "3.11"`) of the interpreter
 * that runs it, and would leave out what the other one needs. Here markers are asked of the target.
 */
const pipElsewhere = `
import sys
from pip._vendor.packaging import markers
version, machine = sys.argv[1:3]
del sys.argv[1:3]
here = markers.default_environment
target = {
    "python_version": version, "python_full_version": version + ".0", "implementation_version": version + ".0",
    "implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix",
    "sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine,
    "platform_release": "", "platform_version": "",
}
markers.default_environment = lambda: {**here(), **target}
from pip._internal.cli.main import main
sys.exit(main())
`;

function options({ version, machine, platforms }: PythonTarget, folder: string): string[] {
  const install = ['-c', pipElsewhere, version, machine, 'install', '--target', folder];
  const wheels = ['--only-binary', ':all:', '--implementation', 'cp', '--python-version', version];
  const quietly = ['--no-input', '--progress-bar', 'off', '--disable-pip-version-check'];
  return [
    ...install,
    ...wheels,
    ...platforms.flatMap((platform) => ['--platform', platform]),
    ...quietly,
    '--no-compile',
    '--no-warn-conflicts',
  ];
}

function pip(args: string[], install: Install): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: install.folder, signal: install.signal, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile('python3', args, options, (error, stdout, stderr) => {
      if (!error) resolve();
      else
        reject(
          install.signal?.aborted
            ? (install.signal.reason as Error)
            : explain(error, `${stdout}\n${stderr}`, install.target),
        );
    });
    child.stdout?.on('data', (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .forEach((line) => install.onLine?.(line)),
    );
  });
}

function explain(error: Error & { code?: unknown }, output: string, target: PythonTarget): ImageError {
  if (error.code === 'ENOENT') {
    return new ImageError(
      'packages are installed with pip, and there is no python3: run actions/setup-python first, or set dependencies: none',
      { cause: error },
    );
  }
  const wanted = `Python ${target.version} on ${target.folder.split('-')[1]}`;
  const missing = /No matching distribution found for (.+)/.exec(output)?.[1]?.trim();
  const known = /from versions: ([^)]*)\)/.exec(output)?.[1];
  if (missing) {
    const has = known && known !== 'none' ? ` Versions with wheels: ${newest(known)}.` : '';
    return new ImageError(
      `requirements: ${missing} has no wheel for ${wanted}.${has} Choose a version that has one, put a wheel of your own into the source and name its path, or build with a Dockerfile (engine: docker).`,
      { cause: error },
    );
  }
  const reasons = output.split('\n').filter((line) => /^(ERROR|error)/.test(line.trim()));
  return new ImageError(
    `requirements cannot be installed for ${wanted}: ${reasons.join(' ').slice(0, 1500) || error.message}`,
    { cause: error },
  );
}

/** pip lists every version there ever was, the newest last. */
function newest(versions: string): string {
  const all = versions.split(', ');
  return all.length > 12 ? `${all.slice(-12).join(', ')} and older` : all.join(', ');
}
