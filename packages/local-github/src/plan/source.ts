import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { readFileAt, resolveCommit, treeOf, type Repository } from '../git/repository.ts';
import type { Host } from '../host.ts';

/** Where a workflow or action was read from: what `./` (workflows) and `$/` mean inside it. */
export type Source = {
  /** `owner/name` */
  repository: string;
  /** As it was written after `@`, or the run's ref. */
  ref: string;
  sha: string;
  read: (path: string) => Promise<string | undefined>;
  /** The files in a folder that nobody writes to. */
  folder: () => Promise<string>;
};

export function commitSource(repository: Repository, ref: string, sha: string): Source {
  return {
    repository: repository.name,
    ref,
    sha,
    read: async (path) => (await readFileAt(repository, sha, path))?.toString('utf8'),
    folder: () => treeOf(repository, sha),
  };
}

/** A folder used as it lies there, whatever ref is asked for: how a checkout under work stands for its releases. */
function folderSource(repository: string, ref: string, folder: string): Source {
  return {
    repository,
    ref,
    sha: '0'.repeat(40),
    read: (path) => readFile(join(folder, path), 'utf8').catch(() => undefined),
    folder: async () => folder,
  };
}

export type Reference = { repository: string; path: string; ref: string };

/** `owner/name/path@ref`, or undefined where the text is something else. */
export function readReference(text: string): Reference | undefined {
  const found = /^(?<repository>[\w.-]+\/[\w.-]+)(?:\/(?<path>[^@]*))?@(?<ref>\S+)$/.exec(text)?.groups;
  return (
    found && { repository: found['repository'] ?? '', path: found['path'] ?? '', ref: found['ref'] ?? '' }
  );
}

/** The place that a reference names here, or undefined where no table maps its repository. */
export async function sourceOf(host: Host, { repository, ref }: Reference): Promise<Source | undefined> {
  const key = repository.toLowerCase();
  const folder = host.actions.get(key);
  if (folder !== undefined) return folderSource(repository, ref, folder);
  const known = host.repositories.get(key);
  if (!known) return undefined;
  const sha = await resolveCommit(known, ref);
  if (!sha) throw new UserError(`${repository} has no branch, tag or commit '${ref}'.`);
  return commitSource(known, ref, sha);
}
