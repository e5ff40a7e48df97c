import type { GithubApi } from './api.ts';

export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/** A deployment as GitHub keeps it: what exactly was deployed is the payload. */
export type Deployment<P = unknown> = {
  id: number;
  sha: string;
  createdAt: string;
  payload: P;
  state: DeploymentState | undefined;
};

/** GitHub Deployments of one environment, as the ledger of what was deployed where. */
export type DeploymentLedger<P> = {
  /** Records an intent before anything is changed. */
  start(payload: P): Promise<number>;
  progress(id: number, state: DeploymentState, description: string): Promise<void>;
  /** Newest first, those of our task only. */
  list(): Promise<Deployment<P>[]>;
  /** The newest that reached success, whether or not a later one made it inactive. */
  latestSuccessful(excluding?: readonly number[]): Promise<Deployment<P> | undefined>;
};

/** Kept apart from other tools' deployments to the same environment. */
const task = 'tidegate';
const descriptionLimit = 140;

type Raw = { id: number; sha: string; created_at: string; payload: unknown; task: string };
type RawStatus = { state: DeploymentState };

export function deployments<P>(
  api: GithubApi,
  { environment, ref, logUrl }: { environment: string; ref: string; logUrl?: string },
): DeploymentLedger<P> {
  const statuses = async (id: number) =>
    (
      await api.list<RawStatus>('GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        deployment_id: id,
      })
    ).map(({ state }) => state);
  const raw = async () => {
    const all = await api.list<Raw>('GET /repos/{owner}/{repo}/deployments', { environment, task });
    return all.sort((a, b) => b.id - a.id);
  };
  const read = (
    { id, sha, created_at: createdAt, payload }: Raw,
    state: DeploymentState | undefined,
  ): Deployment<P> => ({
    id,
    sha,
    createdAt,
    payload: (typeof payload === 'string' ? JSON.parse(payload) : payload) as P,
    state,
  });
  return {
    async start(payload) {
      const { id } = await api.request<Raw>('POST /repos/{owner}/{repo}/deployments', {
        ref,
        task,
        environment,
        payload,
        auto_merge: false,
        required_contexts: [],
        description: 'Tidegate',
      });
      return id;
    },
    async progress(id, state, description) {
      await api.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        deployment_id: id,
        state,
        description:
          description.length > descriptionLimit
            ? `${description.slice(0, descriptionLimit - 1)}…`
            : description,
        auto_inactive: state === 'success',
        ...(logUrl === undefined ? {} : { log_url: logUrl }),
      });
    },
    async list() {
      return await Promise.all((await raw()).map(async (each) => read(each, (await statuses(each.id))[0])));
    },
    async latestSuccessful(excluding = []) {
      for (const each of await raw()) {
        if (excluding.includes(each.id)) continue;
        const states = await statuses(each.id);
        if (states.includes('success')) return read(each, states[0]);
      }
      return undefined;
    },
  };
}
