import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from './errors.ts';
import { bring, unpushedCommit } from './git/origin.ts';
import { openPullRequest } from './events/pull-request.ts';
import { dispatchEvent, push, startScheduled, startWorkflow } from './events/start.ts';
import type { JsonObject } from './expressions/values.ts';
import { openRepository, type Repository } from './git/repository.ts';
import { GITHUB_TIMING, type Approve, type Host, type LiveRun, type Timing } from './host.ts';
import type { Progress, WorkflowRun } from './records.ts';
import { createFaults, type Faults } from './rest/faults.ts';
import { listen } from './rest/server.ts';
import { offerPython } from './runner/offer-python.ts';
import { concludeInterrupted } from './runner/interrupted.ts';
import { openStore, type Store } from './store/store.ts';

export type LocalGithubOptions = {
  /** Where everything is kept: repositories, runs with their logs, what the API knows. */
  directory: string;
  /** 0 or nothing: any free port. */
  port?: number;
  /** Git repositories on this machine by `owner/name`; they are only read. */
  repositories?: Record<string, string>;
  /** Folders that stand for `owner/name@any-ref` in `uses:`, as they lie there. */
  actions?: Record<string, string>;
  /** Given to every step: AWS_ENDPOINT_URL and the like. */
  environment?: Record<string, string>;
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  /** What a token may do where no workflow says; GitHub's own default for new repositories is `read`. */
  defaultPermissions?: 'read' | 'write';
  /** OIDC subjects with ids (`repo:acme@1/model@2:…`), which repositories made since July 2026 have. */
  immutableSubjects?: boolean;
  approve?: Approve;
  timing?: Partial<Timing>;
  now?: () => Date;
  onProgress?: (event: Progress) => void;
};

export type LocalGithub = {
  apiUrl: string;
  serverUrl: string;
  /** A token of the person at this machine: it may do everything. */
  token: string;
  /** Moves a branch or tag to a commit of the repository's folder. Resolves when the runs it started have ended. */
  push: (
    repository: string,
    change: { branch?: string; tag?: string; sha: string; actor?: string },
  ) => Promise<WorkflowRun[]>;
  dispatch: (repository: string, eventType: string, payload?: JsonObject) => Promise<WorkflowRun[]>;
  /**
   * Runs one workflow with `on: workflow_dispatch`. `ref` is a branch or tag, or a commit of the repository's folder; what was
   * never pushed is brought here as by a push that starts nothing.
   */
  runWorkflow: (
    repository: string,
    file: string,
    given?: { inputs?: JsonObject; ref?: string },
  ) => Promise<WorkflowRun>;
  /** As if the time had come for the workflows with `on: schedule`. */
  schedule: (repository: string, file?: string) => Promise<WorkflowRun[]>;
  /** Opens a pull request; a head that exists only in the repository's folder is pushed first. */
  openPullRequest: (
    repository: string,
    given: { head: string; base?: string; title: string; body?: string },
  ) => Promise<{ number: number; runs: WorkflowRun[] }>;
  /** What shall go wrong with the next requests to the API. */
  faults: Pick<Faults, 'add' | 'clear'>;
  runs: (repository?: string) => WorkflowRun[];
  cancel: (runId: number) => void;
  /** Resolves when no run is under way. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
  [Symbol.asyncDispose]: () => Promise<void>;
};

const PERSON = 'you';

/** Starts a GitHub on this machine: its API on a port of its own, and a runner for its workflows. */
export async function startLocalGithub(options: LocalGithubOptions): Promise<LocalGithub> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const store = openStore(join(directory, 'state.ndjson'));
  const host: Host = {
    directory,
    apiUrl: '',
    serverUrl: '',
    repositories: new Map(),
    actions: new Map(
      Object.entries(options.actions ?? {}).map(([name, folder]) => [name.toLowerCase(), resolve(folder)]),
    ),
    environment: options.environment ?? {},
    secrets: options.secrets ?? {},
    vars: options.vars ?? {},
    defaultPermissions: options.defaultPermissions ?? 'read',
    immutableSubjects: options.immutableSubjects ?? false,
    timing: { ...GITHUB_TIMING, ...options.timing },
    approve: options.approve ?? (() => true),
    faults: createFaults(),
    instance: instanceOf(store),
    store,
    runs: store.table<WorkflowRun>('runs'),
    live: new Map(),
    tokens: new Map(),
    now: options.now ?? (() => new Date()),
    progress: options.onProgress ?? (() => {}),
  };
  for (const [name, origin] of Object.entries(options.repositories ?? {}))
    host.repositories.set(name.toLowerCase(), await open(host, name, resolve(origin)));

  concludeInterrupted(host);
  offerPython(join(directory, 'bin'));
  const server = await listen(host, options.port ?? 0);
  host.serverUrl = server.url;
  host.apiUrl = `${server.url}/api/v3`;
  const token = personToken(host);
  const repository = (name: string) => repositoryOf(host, name);
  const ended = (runs: LiveRun[]) => Promise.all(runs.map(({ finished }) => finished));

  const close = async () => {
    for (const { cancel } of host.live.values()) {
      cancel('The local GitHub was closed.');
      cancel('force');
    }
    await ended([...host.live.values()]);
    await server.close();
    store.close();
  };

  return {
    apiUrl: host.apiUrl,
    serverUrl: host.serverUrl,
    token,
    push: async (name, { branch, tag, sha, actor = PERSON }) => {
      const target = repository(name);
      const ref = tag === undefined ? `refs/heads/${branch ?? target.defaultBranch}` : `refs/tags/${tag}`;
      return ended(await push(host, target, { ref, sha, actor }));
    },
    dispatch: async (name, type, payload = {}) => {
      await bring(repository(name));
      return ended(await dispatchEvent(host, repository(name), { type, payload, actor: PERSON }));
    },
    runWorkflow: async (name, file, { inputs = {}, ref: wanted } = {}) => {
      const ref = await bring(repository(name), wanted);
      return (await startWorkflow(host, repository(name), { file, inputs, ref, actor: PERSON })).finished;
    },
    schedule: async (name, file) => {
      await bring(repository(name));
      return ended(await startScheduled(host, repository(name), file));
    },
    openPullRequest: async (name, { head, base: into, title, body = '' }) => {
      const target = repository(name);
      const base = into ?? target.defaultBranch;
      const sha = await unpushedCommit(target, head);
      const pushed = sha ? await push(host, target, { ref: `refs/heads/${head}`, sha, actor: PERSON }) : [];
      const given = { head, base, title, body, draft: false, actor: PERSON };
      const { issue, runs } = await openPullRequest(host, target, given, { quietly: false });
      return { number: issue.number, runs: await ended([...pushed, ...runs]) };
    },
    faults: host.faults,
    runs: (name) => host.runs.all().filter((run) => name === undefined || run.repository === name),
    cancel: (id) => host.live.get(id)?.cancel('The run was canceled by the person at this machine.'),
    idle: async () => {
      while (host.live.size > 0) await ended([...host.live.values()]);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function open(host: Host, name: string, origin: string): Promise<Repository> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(name))
    throw new UserError(`'${name}' is not a repository's name (owner/name).`);
  const ids = host.store.table<number>('repository-ids');
  const idOf = (what: string) =>
    ids.get(what.toLowerCase()) ?? ids.put(what.toLowerCase(), host.store.nextId('repository'));
  return openRepository(join(host.directory, 'repositories'), {
    name,
    origin,
    id: idOf(name),
    ownerId: idOf(name.split('/')[0] ?? ''),
  });
}

function repositoryOf(host: Host, name: string): Repository {
  const found = host.repositories.get(name.toLowerCase());
  if (found) return found;
  const known = [...host.repositories.values()].map((repository) => repository.name).join(', ') || 'none';
  throw new UserError(`There is no repository '${name}' here. Known: ${known}.`);
}

function instanceOf(store: Store): string {
  const settings = store.table<string>('settings');
  return settings.get('instance') ?? settings.put('instance', crypto.randomUUID());
}

function personToken(host: Host): string {
  const settings = host.store.table<string>('settings');
  const token =
    settings.get('token') ?? settings.put('token', `ghp_${crypto.randomUUID().replaceAll('-', '')}`);
  host.tokens.set(token, {
    repository: null,
    permissions: 'everything',
    actor: PERSON,
    runId: null,
    jobId: null,
    claims: null,
  });
  return token;
}
