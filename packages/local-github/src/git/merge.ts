import { git, gitOrNothing } from './git.ts';
import type { Repository } from './repository.ts';

/** Merges one commit into another without a working tree; undefined where they contradict each other. */
export async function mergeCommits(
  { folder }: Repository,
  { into, from, message }: { into: string; from: string; message: string },
): Promise<string | undefined> {
  const written = await gitOrNothing(['merge-tree', '--write-tree', into, from], { cwd: folder });
  const tree = written?.split('\n')[0]?.trim();
  if (!tree) return undefined;
  return (await git(['commit-tree', tree, '-p', into, '-p', from, '-m', message], { cwd: folder })).trim();
}

/** How many commits `head` has that `base` has not, and the other way round. */
export async function distance(
  { folder }: Repository,
  base: string,
  head: string,
): Promise<{ ahead: number; behind: number }> {
  const counted = await git(['rev-list', '--left-right', '--count', `${base}...${head}`], { cwd: folder });
  const [behind = 0, ahead = 0] = counted.trim().split(/\s+/).map(Number);
  return { ahead, behind };
}

export async function mergeBase({ folder }: Repository, a: string, b: string): Promise<string | undefined> {
  return (await gitOrNothing(['merge-base', a, b], { cwd: folder }))?.trim() || undefined;
}
