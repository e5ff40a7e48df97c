import { mkdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { git } from '../git/git.ts';
import { resolveCommit } from '../git/repository.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

/** actions/checkout: the repository's files at a commit, as a git repository of the job's own. */
export async function checkout({ job, input, say, warn }: BuiltinRequest): Promise<BuiltinResult> {
  const name = input('repository') || job.run.repository;
  const repository = job.host.repositories.get(name.toLowerCase());
  if (!repository) throw new UserError(`Repository '${name}' is not on this machine.`);
  const own = name.toLowerCase() === job.run.repository.toLowerCase();
  const wanted = input('ref') || (own ? job.run.sha : repository.defaultBranch);
  const sha = await resolveCommit(repository, wanted);
  if (!sha) throw new UserError(`${name} has no branch, tag or commit '${wanted}'.`);

  for (const name of ['submodules', 'lfs', 'sparse-checkout', 'filter'])
    if (!['', 'false'].includes(input(name))) warn(`checkout: '${name}' is left out on this machine.`);

  const folder = resolve(job.workspace, input('path') || '.');
  if (folder !== job.workspace && !folder.startsWith(job.workspace + sep))
    throw new UserError(`path: ${input('path')} is not inside the workspace.`);
  await mkdir(folder, { recursive: true });
  const depth = Number(input('fetch-depth') || 1);
  const branch =
    own && !input('ref') && job.run.ref.startsWith('refs/heads/')
      ? job.run.ref.slice(11)
      : branchOf(wanted, sha);
  say(`Checking out ${name} at ${sha}${branch ? ` (${branch})` : ''} into ${folder}`);

  await git(['init', '--quiet', folder]);
  const here = (...args: string[]) => git(args, { cwd: folder });
  await here('config', 'remote.origin.url', repository.folder);
  await here('config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*');
  const upload = '--upload-pack=git -c safe.directory=* -c uploadpack.allowAnySHA1InWant=true upload-pack';
  const what =
    depth > 0
      ? [`--depth=${depth}`, `file://${repository.folder}`, sha]
      : ['--tags', `file://${repository.folder}`, '+refs/heads/*:refs/remotes/origin/*', sha];
  await here('fetch', '--quiet', '--no-auto-maintenance', upload, ...what);
  await here('checkout', '--quiet', '--force', ...(branch ? ['-B', branch] : ['--detach']), sha);
  if (input('clean') !== 'false') await here('clean', '-ffdx', '--quiet');
  await keepCredentials(folder, job.serverUrl, input('persist-credentials'), input('token') || job.token);
  return { outputs: { ref: wanted, commit: sha }, post: () => dropCredentials(folder, job.serverUrl) };
}

/** A ref that is a branch's name is checked out as that branch; a commit is detached. */
const branchOf = (wanted: string, sha: string): string | undefined =>
  wanted === sha || wanted.startsWith('refs/') ? undefined : wanted;

const headerKey = (serverUrl: string) => `http.${serverUrl}/.extraheader`;

async function keepCredentials(
  folder: string,
  serverUrl: string,
  persist: string,
  token: string,
): Promise<void> {
  if (persist === 'false' || !token) return;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  await git(['config', '--local', headerKey(serverUrl), `AUTHORIZATION: basic ${basic}`], { cwd: folder });
}

const dropCredentials = async (folder: string, serverUrl: string): Promise<void> => {
  await git(['config', '--local', '--unset-all', headerKey(serverUrl)], { cwd: join(folder) }).catch(
    () => '',
  ); // never kept
};
