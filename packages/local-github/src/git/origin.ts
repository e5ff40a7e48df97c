import { UserError } from '../errors.ts';
import { gitOrNothing } from './git.ts';
import { receive, resolveCommit, updateRef, type Repository } from './repository.ts';

const ask = async ({ origin }: Repository, ...args: string[]): Promise<string | undefined> =>
  (await gitOrNothing(args, { cwd: origin }))?.trim() || undefined;

const commitAt = (repository: Repository, ref: string) =>
  ask(repository, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`);

/** The commit of a branch that exists only in the folder that pushes come from. */
export async function unpushedCommit(repository: Repository, branch: string): Promise<string | undefined> {
  if (await resolveCommit(repository, `refs/heads/${branch}`)) return undefined;
  return commitAt(repository, `refs/heads/${branch}`);
}

/**
 * Makes sure that what a person names is here, as by a push that starts nothing, and gives the ref to run on. A branch or
 * tag that was pushed stays as it was pushed; a commit is brought with the branch of the folder that stands on it.
 */
export async function bring(repository: Repository, wanted = repository.defaultBranch): Promise<string> {
  if (/^[0-9a-f]{40}$/.test(wanted)) {
    await receive(repository, wanted);
    const standing = await ask(
      repository,
      'for-each-ref',
      '--points-at',
      wanted,
      '--format=%(refname)',
      'refs/heads',
    );
    const ref = standing?.split('\n')[0] ?? `refs/heads/${repository.defaultBranch}`;
    await updateRef(repository, ref, wanted);
    return ref;
  }
  const names = wanted.startsWith('refs/') ? [wanted] : [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  for (const ref of names) if (await resolveCommit(repository, ref)) return ref;
  for (const ref of names) {
    const sha = await commitAt(repository, ref);
    if (!sha) continue;
    await receive(repository, sha);
    await updateRef(repository, ref, sha);
    return ref;
  }
  throw new UserError(`No ref found for: ${wanted} in ${repository.name}, nor in ${repository.origin}.`);
}
