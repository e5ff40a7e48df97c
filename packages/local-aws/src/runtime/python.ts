import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { World } from '../kernel/world.ts';
import { ContainerError } from './container-error.ts';
import { endGroup } from './process-group.ts';
import { closing, runningGroups } from './process.ts';

const maker = new URL('make-environment.py', import.meta.url).pathname;

/** The Python of this machine that environments are made of; `TIDEGATE_PYTHON` names another one. */
const hostPython = () => process.env['TIDEGATE_PYTHON'] ?? 'python3';

/**
 * The Python executable for a set of requirements: this machine's own where there are none, otherwise that of a virtual
 * environment kept in `$TIDEGATE_CACHE/python` (`~/.cache/tidegate/python` by default), made at first use.
 * @param requirements the text of a requirements file
 * @param onLine what `pip` says while the environment is made
 * @param stop gives up on it; whoever else waits for the same environment makes it instead
 * @throws ContainerError when there is no Python, `pip` refuses the requirements, or it was given up
 */
export async function pythonFor(
  world: World,
  requirements: string | undefined,
  onLine: (line: string) => void = () => {},
  stop?: AbortSignal,
): Promise<string> {
  const host = await describeHost();
  const wanted = (requirements ?? '').split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  const needed = wanted.filter((line) => line !== '').join('\n');
  if (needed === '') return host.executable;
  const key = createHash('sha256').update(`${host.version}\n${needed}`).digest('hex').slice(0, 32);
  const folder = join(process.env['TIDEGATE_CACHE'] ?? join(homedir(), '.cache', 'tidegate'), 'python', key);
  const executable = join(folder, 'bin', 'python');
  if (existsSync(executable)) return executable;
  const scratch = await mkdtemp(join(tmpdir(), 'tidegate-requirements-'));
  try {
    const file = join(scratch, 'requirements.txt');
    await writeFile(file, `${needed}\n`);
    await make(world, host.executable, [maker, folder, file], onLine, stop);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return executable;
}

function make(
  world: World,
  python: string,
  args: string[],
  onLine: (line: string) => void,
  stop: AbortSignal | undefined,
): Promise<void> {
  closing(world).throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) runningGroups(world).add(pid);
    const giveUp = () => pid !== undefined && endGroup(pid, 'SIGKILL');
    stop?.addEventListener('abort', giveUp);
    if (stop?.aborted === true) giveUp();
    const tail: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
        tail.push(line);
        if (tail.length > 5) tail.shift();
        onLine(line);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (pid !== undefined) runningGroups(world).delete(pid);
      stop?.removeEventListener('abort', giveUp);
      if (code === 0) resolve();
      else reject(new ContainerError(`InstallRequirementsError: ${tail.join('\n')}`));
    });
  });
}

let described: Promise<{ executable: string; version: string }> | undefined;

/** Asked once per process. The executable is the real one, not a shim that has to look it up at every start. */
function describeHost() {
  return (described ??= (async () => {
    const ask = 'import sys; print(sys.executable); print(sys.version)';
    try {
      const { stdout } = await promisify(execFile)(hostPython(), ['-c', ask]);
      const [executable = '', ...version] = stdout.trim().split('\n');
      return { executable, version: version.join(' ') };
    } catch (error) {
      described = undefined;
      throw new ContainerError(
        `"${hostPython()}" does not run: install Python 3.9 or newer, or name one in TIDEGATE_PYTHON`,
        { cause: error },
      );
    }
  })());
}
