import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WorkflowRun } from '../records.ts';
import { startLocalGithub, type LocalGithubOptions } from '../start.ts';

/** Writes files (path → text) into a folder. */
function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];

/** Commits files to a branch of a git repository and gives the commit. */
export function commit(
  folder: string,
  files: Record<string, string>,
  { branch = 'main', message = 'change' } = {},
): string {
  const git = (...args: string[]) =>
    execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  mkdirSync(folder, { recursive: true });
  try {
    git('rev-parse', '--git-dir');
  } catch {
    git('init', '--quiet', '--initial-branch=main');
  }
  const current = git('symbolic-ref', '--short', 'HEAD');
  if (current !== branch) {
    try {
      git('checkout', '--quiet', branch);
    } catch {
      git('checkout', '--quiet', '-b', branch);
    }
  }
  writeFiles(folder, files);
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', message);
  return git('rev-parse', 'HEAD');
}

export type TestOptions = Partial<LocalGithubOptions> & {
  /** The files of a folder that stands for `acme/tools`. */
  tools?: Record<string, string>;
};

/** A GitHub with one repository `acme/model`, in a folder that goes when it is closed. */
export async function startTestGithub({ tools = {}, ...options }: TestOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'local-github-'));
  const model = join(folder, 'model');
  commit(model, { 'README.md': 'a model\n' });
  writeFiles(join(folder, 'tools'), tools);
  const github = await startLocalGithub({
    directory: join(folder, 'github'),
    repositories: { 'acme/model': model },
    actions: { 'acme/tools': join(folder, 'tools') },
    ...options,
  });
  const close = async () => {
    await github.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    ...github,
    folder,
    model,
    /** Commits files and pushes the commit; gives the runs when they have ended. */
    commitAndPush: (files: Record<string, string>, branch = 'main') =>
      github.push('acme/model', { branch, sha: commit(model, files, { branch }) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Runs one workflow on a push and gives its run, with the text of all its steps' logs (without times). */
export async function runOnce(
  workflow: string,
  { files = {}, ...options }: TestOptions & { files?: Record<string, string> } = {},
): Promise<{ run: WorkflowRun; log: string }> {
  await using github = await startTestGithub(options);
  const runs = await github.commitAndPush({ ...files, '.github/workflows/test.yml': workflow });
  const [run] = runs;
  if (!run || runs.length > 1) throw new Error(`the push started ${runs.length} runs`);
  return { run, log: logOf(run) };
}

export const logOf = (run: WorkflowRun): string =>
  run.jobs
    .flatMap((job) => job.steps)
    .map(({ logFile }) => readFileSync(logFile, 'utf8').replaceAll(/^\S+ /gm, ''))
    .join('');

/** `job: conclusion` for every job of a run. */
export const conclusions = (run: WorkflowRun): string[] =>
  run.jobs.map(({ name, conclusion }) => `${name}: ${conclusion}`);
