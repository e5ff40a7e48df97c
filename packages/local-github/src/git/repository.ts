import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { git, gitBytes, gitOrNothing } from './git.ts';

/**
 * A repository as GitHub has it: a bare one of our own, into which commits are pushed from a folder
 * on this machine. That folder is only ever read.
 */
export type Repository = {
  name: string;
  id: number;
  ownerId: number;
  /** The bare repository. */
  folder: string;
  /** The folder that pushes come from. */
  origin: string;
  /** Where trees of commits are laid out for reading. */
  trees: string;
  defaultBranch: string;
};

/** What the folder's own remote calls its default; else main or master, if it has one; else the branch it is on. */
async function defaultBranch(origin: string): Promise<string> {
  const ask = async (...args: string[]) => (await gitOrNothing(args, { cwd: origin }))?.trim();
  const remote = await ask('symbolic-ref', '--short', 'refs/remotes/origin/HEAD');
  if (remote) return remote.replace('origin/', '');
  for (const name of ['main', 'master'])
    if (await ask('rev-parse', '--verify', '--quiet', `refs/heads/${name}`)) return name;
  return (await ask('symbolic-ref', '--short', 'HEAD')) ?? 'main';
}

export const ZERO_SHA = '0'.repeat(40);

export async function openRepository(
  base: string,
  { name, id, ownerId, origin }: Pick<Repository, 'name' | 'id' | 'ownerId' | 'origin'>,
): Promise<Repository> {
  const folder = join(base, `${name}.git`);
  if (!existsSync(join(folder, 'HEAD'))) {
    await mkdir(folder, { recursive: true });
    await git(['init', '--quiet', '--bare', folder]);
  }
  const branch = await defaultBranch(origin);
  await git(['symbolic-ref', 'HEAD', `refs/heads/${branch}`], { cwd: folder });
  return { name, id, ownerId, folder, origin, trees: join(base, `${name}.trees`), defaultBranch: branch };
}

/** Brings a commit of the origin here, so that it can be named. Nothing is copied that is already known. */
export async function receive(repository: Repository, sha: string): Promise<void> {
  if (await commitExists(repository, sha)) return;
  await git(
    [
      'fetch',
      '--quiet',
      '--no-tags',
      '--upload-pack=git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack',
      repository.origin,
      sha,
    ],
    { cwd: repository.folder },
  ).catch((cause: Error) => {
    throw new UserError(
      `${repository.name}: commit ${sha} cannot be pushed from ${repository.origin}: ${cause.message}`,
      {
        cause,
      },
    );
  });
}

const commitExists = async ({ folder }: Repository, sha: string) =>
  (await gitOrNothing(['cat-file', '-e', `${sha}^{commit}`], { cwd: folder })) !== undefined;

/** The commit that a branch, tag, full ref or sha names, or undefined. */
export async function resolveCommit({ folder }: Repository, name: string): Promise<string | undefined> {
  const found = await gitOrNothing(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    { cwd: folder },
  );
  return found?.trim() || undefined;
}

export const updateRef = ({ folder }: Repository, ref: string, sha: string) =>
  git(['update-ref', ref, sha], { cwd: folder });

/** A file of a commit, or undefined. */
export async function readFileAt(
  { folder }: Repository,
  sha: string,
  path: string,
): Promise<Buffer | undefined> {
  return gitBytes(['cat-file', 'blob', `${sha}:${path}`], { cwd: folder }).catch(() => undefined);
}

/** The names of the files directly in a folder of a commit. */
export async function listFilesAt({ folder }: Repository, sha: string, path: string): Promise<string[]> {
  const listed = await gitOrNothing(['ls-tree', '-z', '--name-only', `${sha}:${path}`], { cwd: folder });
  return (listed ?? '').split('\0').filter(Boolean);
}

/** The paths that differ between two commits. */
export async function changedFiles({ folder }: Repository, from: string, to: string): Promise<string[]> {
  const listed = await git(['diff', '--name-only', '-z', '--no-renames', from, to], { cwd: folder });
  return listed.split('\0').filter(Boolean);
}

export type Commit = {
  sha: string;
  tree: string;
  message: string;
  author: string;
  email: string;
  date: string;
  parents: string[];
};

export async function readCommit({ folder }: Repository, sha: string): Promise<Commit> {
  const shown = await git(['show', '--no-patch', '--format=%H%x00%T%x00%an%x00%ae%x00%aI%x00%P%x00%B', sha], {
    cwd: folder,
  });
  const [id = '', tree = '', author = '', email = '', date = '', parents = '', message = ''] =
    shown.split('\0');
  return {
    sha: id,
    tree,
    author,
    email,
    date,
    parents: parents.split(' ').filter(Boolean),
    message: message.trim(),
  };
}

/** The files of a commit in a folder that is shared and never written to: `$/path` and actions of other repositories. */
export async function treeOf(repository: Repository, sha: string): Promise<string> {
  const folder = join(repository.trees, sha);
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await mkdir(building, { recursive: true });
  await git(['--work-tree', building, 'checkout', '--quiet', '--force', sha, '--', '.'], {
    cwd: repository.folder,
    environment: { GIT_INDEX_FILE: join(building, '.git-index') },
  });
  await rm(join(building, '.git-index'), { force: true });
  await rename(building, folder).catch(() => rm(building, { recursive: true, force: true })); // another job was faster
  return folder;
}
