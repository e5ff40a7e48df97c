import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startLocalGithub, type LocalGithubOptions } from './start.ts';

/** Writes files (path → text) into a folder. */
export function writeFiles(folder: string, files: Record<string, string>): void {
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

/** A GitHub with one repository `acme/model`, in a folder that goes when it is closed. */
export async function startTestGithub(options: Partial<LocalGithubOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'local-github-'));
  const model = join(folder, 'model');
  commit(model, { 'README.md': 'a model\n' });
  const github = await startLocalGithub({
    directory: join(folder, 'github'),
    repositories: { 'acme/model': model },
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
