import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const execute = promisify(execFile);

/**
 * A Python with the reference libraries, kept between runs in the user's cache; undefined where there is no Python or no network to
 * fetch them. Under continuous integration that is an error: there the comparison must not be skipped.
 * @param requirements a requirements.txt beside this file
 */
export async function referencePython(requirements = 'requirements.txt'): Promise<string | undefined> {
  const text = await readFile(join(import.meta.dirname, requirements), 'utf8');
  const key = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const folder = join(homedir(), '.cache/tidegate-tests', `python-${key}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  const partial = `${folder}.${process.pid}`;
  try {
    await mkdir(join(homedir(), '.cache/tidegate-tests'), { recursive: true });
    await execute('python3', ['-m', 'venv', partial]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r'];
    await execute(join(partial, 'bin/python'), [...install, join(import.meta.dirname, requirements)]);
    await rename(partial, folder);
    return python;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (existsSync(python)) return python;
    if (process.env['CI']) throw error;
    return undefined;
  }
}

/** The cases of cases.py as lines, made once for a script, count and seed. */
export async function referenceCases(python: string, many: number, seed: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'cases.py');
  const key = createHash('sha256')
    .update(await readFile(script))
    .update(`${python} ${many} ${seed}`);
  const file = join(homedir(), '.cache/tidegate-tests', `cases-${key.digest('hex').slice(0, 12)}.jsonl`);
  if (!existsSync(file)) {
    const { stdout } = await execute(python, [script, String(many), String(seed)], { maxBuffer: 2 ** 30 });
    await writeFile(`${file}.${process.pid}`, stdout);
    await rename(`${file}.${process.pid}`, file);
  }
  return (await readFile(file, 'utf8')).trimEnd().split('\n');
}
