import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The model repository of the demo: a real git repository whose commits a team could have made. */
export type ModelRepository = {
  readonly folder: string;
  /** On main, everything as the example has it. */
  firstModel(): Promise<string>;
  /** On a branch: the model no longer looks at the hour. */
  dropFeature(): Promise<{ branch: string; sha: string }>;
  /** On main: tidier code for the same model, which forgets that a request may come without a distance. */
  tidyInference(): Promise<string>;
  /** On main: the last commit taken back. */
  revert(): Promise<string>;
};

export async function createModelRepository(example: string, folder: string): Promise<ModelRepository> {
  await rm(folder, { recursive: true, force: true });
  await cp(example, folder, { recursive: true, filter: (source) => !source.includes('__pycache__') });
  const git = async (...args: string[]) =>
    (await run('git', ['-C', folder, ...identity, ...args])).stdout.trim();
  const commit = async (message: string) => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
    return await git('rev-parse', 'HEAD');
  };
  const edit = async (file: string, from: string, to: string) => {
    const target = path.join(folder, file);
    const text = await readFile(target, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} of the example no longer holds: ${from}`);
    await writeFile(target, text.replace(from, to));
  };
  await git('init', '--quiet', '--initial-branch', 'main');
  return {
    folder,
    firstModel: async () => await commit('First model'),
    async dropFeature() {
      const branch = 'drop-a-feature';
      await git('switch', '--quiet', '--create', branch);
      await edit('model/features.py', '"distance", "hour", "weekday"', '"distance", "weekday"');
      const sha = await commit('Drop a feature');
      await git('switch', '--quiet', 'main');
      return { branch, sha };
    },
    async tidyInference() {
      await edit(
        'serving/inference.py',
        'return np.array([[np.nan if value is None else value] for value in values], dtype=np.float32)',
        'return np.array([[float(value)] for value in values], dtype=np.float32)',
      );
      return await commit('Tidy inference.py');
    },
    async revert() {
      await git('revert', '--no-edit', 'HEAD');
      return await git('rev-parse', 'HEAD');
    },
  };
}

/** Not the machine's own, which may be missing or sign commits. */
const identity = [
  '-c',
  'user.name=Demo',
  '-c',
  'user.email=demo@tidegate.invalid',
  '-c',
  'commit.gpgsign=false',
];
