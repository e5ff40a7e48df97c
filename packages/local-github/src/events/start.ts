import { UserError } from '../errors.ts';
import { asText, type JsonObject } from '../expressions/values.ts';
import {
  changedFiles,
  receive,
  resolveCommit,
  updateRef,
  ZERO_SHA,
  type Repository,
} from '../git/repository.ts';
import type { Host, LiveRun } from '../host.ts';
import { startRun } from '../runner/start-run.ts';
import { typedInputs } from '../workflow/inputs.ts';
import { commitJson, repositoryJson, userJson } from './payloads.ts';
import { synchronize } from './pull-request.ts';
import { startMatching } from './start-matching.ts';
import { workflowsAt } from './workflows.ts';

/** What a person does on GitHub; each gives the runs that it starts. */
export type Actor = { actor: string };

/** A push: the commit is brought here, the ref is moved, and the workflows of that commit are asked. */
export async function push(
  host: Host,
  repository: Repository,
  { ref, sha, actor }: { ref: string; sha: string } & Actor,
): Promise<LiveRun[]> {
  const before = (await resolveCommit(repository, ref)) ?? ZERO_SHA;
  await receive(repository, sha);
  await updateRef(repository, ref, sha);
  return moved(host, repository, { ref, before, sha, actor });
}

/** What happens when a ref has moved: `push`, and `synchronize` for the pull requests of that branch. */
export async function moved(
  host: Host,
  repository: Repository,
  { ref, before, sha, actor }: { ref: string; before: string; sha: string } & Actor,
): Promise<LiveRun[]> {
  const branch = shortName(ref);
  const head = await commitJson(host, repository, sha);
  const payload: JsonObject = {
    ref,
    before,
    after: sha,
    created: before === ZERO_SHA,
    deleted: false,
    forced: false,
    base_ref: null,
    compare: `${host.serverUrl}/${repository.name}/compare/${before.slice(0, 12)}...${sha.slice(0, 12)}`,
    commits: [head],
    head_commit: head,
    repository: repositoryJson(host, repository),
    pusher: { name: actor },
    sender: userJson(host, actor),
  };
  const from = before === ZERO_SHA ? EMPTY_TREE : before;
  const happened = { event: 'push', ref, changed: () => changedFiles(repository, from, sha) };
  const pushed = await startMatching(host, repository, happened, {
    payload,
    ref,
    sha,
    actor,
    headBranch: branch,
  });
  const pulls = ref.startsWith('refs/heads/') ? await synchronize(host, repository, branch, actor) : [];
  return [...pushed, ...pulls];
}

const shortName = (ref: string): string => ref.replace(/^refs\/(?:heads|tags)\//, '');

/** The tree with nothing in it, which every repository knows. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** `repository_dispatch`: runs the workflows of the default branch that name the type, or none. */
export async function dispatchEvent(
  host: Host,
  repository: Repository,
  { type, payload: client, actor }: { type: string; payload: JsonObject } & Actor,
): Promise<LiveRun[]> {
  const { ref, sha } = await headOf(repository);
  const payload = {
    action: type,
    branch: repository.defaultBranch,
    client_payload: client,
    repository: repositoryJson(host, repository),
    sender: userJson(host, actor),
  };
  const happened = { event: 'repository_dispatch', ref, type };
  return startMatching(host, repository, happened, {
    payload,
    ref,
    sha,
    actor,
    headBranch: repository.defaultBranch,
  });
}

/** `schedule`: as if the time had come for every workflow of the default branch that has one, or for one file. */
export async function startScheduled(host: Host, repository: Repository, file?: string): Promise<LiveRun[]> {
  const { ref, sha } = await headOf(repository);
  const listed = await workflowsAt(repository, sha);
  const due = listed.filter(
    ({ path, events }) => events['schedule'] && (file === undefined || isFile(path, file)),
  );
  if (file !== undefined && due.length === 0)
    throw new UserError(
      `${repository.name} has no workflow ${file} with \`on: schedule\` on ${repository.defaultBranch}.`,
    );
  return due.map(({ path, name, events }) => {
    const payload = {
      schedule: events['schedule']?.crons?.[0] ?? '',
      repository: repositoryJson(host, repository),
    };
    return startRun(host, {
      repository,
      path,
      workflow: name,
      event: 'schedule',
      payload,
      ref,
      sha,
      headBranch: repository.defaultBranch,
      actor: 'github-actions[bot]',
      inputs: {},
    });
  });
}

/** `workflow_dispatch`: one workflow, with inputs that are checked before there is a run. */
export async function startWorkflow(
  host: Host,
  repository: Repository,
  {
    file,
    ref: wanted,
    inputs,
    actor,
  }: { file: string; ref?: string | undefined; inputs: JsonObject } & Actor,
): Promise<LiveRun> {
  const { ref, sha } = await headOf(repository, wanted);
  const listed = (await workflowsAt(repository, sha)).find(({ path }) => isFile(path, file));
  if (!listed) throw new UserError(`${repository.name} has no workflow ${file} at ${ref}.`);
  const declared = listed.events['workflow_dispatch'];
  if (listed.readable && !declared)
    throw new UserError(`Workflow does not have 'workflow_dispatch' trigger: ${listed.path}`);
  const typed = typedInputs(declared?.inputs ?? {}, inputs, { github: {}, vars: host.vars });
  const payload = {
    inputs: Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, asText(value)])),
    ref,
    workflow: listed.path,
    repository: repositoryJson(host, repository),
    sender: userJson(host, actor),
  };
  return startRun(host, {
    repository,
    path: listed.path,
    workflow: listed.name,
    event: 'workflow_dispatch',
    payload,
    ref,
    sha,
    headBranch: shortName(ref),
    actor,
    inputs: typed,
  });
}

export const isFile = (path: string, file: string): boolean => path === file || path.endsWith(`/${file}`);

/** A branch's or tag's full name and commit; the default branch where none is named. */
async function headOf(
  repository: Repository,
  wanted = repository.defaultBranch,
): Promise<{ ref: string; sha: string }> {
  const names = wanted.startsWith('refs/') ? [wanted] : [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  for (const ref of names) {
    const sha = await resolveCommit(repository, ref);
    if (sha) return { ref, sha };
  }
  throw new UserError(`No ref found for: ${wanted} in ${repository.name}. Push to it first.`);
}
