import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';
import { findProgram, outputOf } from './find-program.ts';

/**
 * actions/setup-python: nothing is downloaded. A Python of the wanted version that is on this machine, or with a warning
 * the one that is, in a virtual environment of the job's own, so that `pip install` changes nothing else.
 */
export async function setupPython({ job, input, say, warn }: BuiltinRequest): Promise<BuiltinResult> {
  const wanted = wantedVersion(job.workspace, input('python-version'), input('python-version-file'));
  const minor = /^\d+\.\d+/.exec(wanted)?.[0] ?? '';
  const exact = minor ? findProgram(`python${minor}`) : undefined;
  const python = exact ?? findProgram('python3') ?? findProgram('python');
  if (!python) throw new UserError('setup-python: there is no python3 on this machine.');
  const version = await outputOf(python, ['-c', 'import platform; print(platform.python_version())']);
  if (minor && !`${version}.`.startsWith(`${minor}.`))
    warn(`Python ${wanted} is not on this machine: ${python} (${version}) stands in for it.`);
  const folder = join(job.temporary, `python-${version}`);
  await outputOf(python, ['-m', 'venv', folder]);
  job.paths.unshift(join(folder, 'bin'));
  job.env['VIRTUAL_ENV'] = folder;
  job.env['pythonLocation'] = folder;
  say(`Python ${version} from ${python}`);
  return {
    outputs: { 'python-version': version, 'python-path': join(folder, 'bin', 'python'), 'cache-hit': '' },
  };
}

function wantedVersion(workspace: string, version: string, file: string): string {
  if (version || !file) return version.trim().split('\n')[0] ?? '';
  try {
    return readFileSync(resolve(workspace, file), 'utf8').trim();
  } catch (cause) {
    throw new UserError(`setup-python: python-version-file ${file} does not exist.`, { cause });
  }
}
