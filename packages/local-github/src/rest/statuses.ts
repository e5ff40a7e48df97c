import type { JsonObject } from '../expressions/values.ts';
import { userJson } from '../events/payloads.ts';
import { resolveCommit } from '../git/repository.ts';
import { time, type Host } from '../host.ts';
import { ApiError, invalid } from './api-error.ts';
import { found, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

type CommitStatus = {
  id: number;
  repository: string;
  sha: string;
  state: string;
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: string;
  createdAt: string;
};

const STATES = ['error', 'failure', 'pending', 'success'];

const table = (host: Host) => host.store.table<CommitStatus>('commit-statuses');

export const statusesOf = (host: Host, repository: string, sha: string): CommitStatus[] =>
  table(host)
    .all()
    .filter((status) => status.repository === repository && status.sha === sha)
    .toReversed();

/** The latest status of each context, newest first. */
export function latestStatuses(host: Host, repository: string, sha: string): CommitStatus[] {
  const seen = new Set<string>();
  return statusesOf(host, repository, sha).filter(({ context }) => !seen.has(context) && seen.add(context));
}

const statusJson = ({ host }: ApiRequest, status: CommitStatus): JsonObject => ({
  id: status.id,
  url: `${host.apiUrl}/repos/${status.repository}/statuses/${status.sha}`,
  state: status.state,
  context: status.context,
  description: status.description,
  target_url: status.targetUrl,
  creator: userJson(host, status.creator),
  created_at: status.createdAt,
  updated_at: status.createdAt,
});

function combined(states: string[]): string {
  if (states.some((state) => state === 'failure' || state === 'error')) return 'failure';
  return states.length === 0 || states.includes('pending') ? 'pending' : 'success';
}

export const STATUSES = [
  route('POST /repos/{owner}/{repo}/statuses/{sha}', ['statuses:write'], async (request) => {
    const { host, repository, body, params, token } = request;
    const sha = await resolveCommit(repository, params['sha'] ?? '');
    if (!sha || sha !== params['sha']) throw new ApiError(422, `No commit found for SHA: ${params['sha']}`);
    const state = text(body, 'state') ?? '';
    if (!STATES.includes(state)) throw invalid('Status', 'state', 'invalid');
    const description = text(body, 'description') ?? null;
    if (description !== null && description.length > 140)
      throw invalid('Status', 'description', 'custom', 'description is too long (maximum is 140 characters)');
    const key = host.store.nextId('commit-status');
    const status = {
      id: key,
      repository: repository.name,
      sha,
      state,
      context: text(body, 'context') ?? 'default',
      description,
      targetUrl: text(body, 'target_url') ?? null,
      creator: token.actor,
      createdAt: time(host),
    };
    return { status: 201, body: statusJson(request, table(host).put(key, status)) };
  }),
  route('GET /repos/{owner}/{repo}/commits/{ref}/statuses', ['statuses:read'], async (request) => {
    const sha = found(await resolveCommit(request.repository, request.params['ref'] ?? ''));
    return page(
      request,
      statusesOf(request.host, request.repository.name, sha).map((status) => statusJson(request, status)),
    );
  }),
  route('GET /repos/{owner}/{repo}/commits/{ref}/status', ['statuses:read'], async (request) => {
    const sha = found(await resolveCommit(request.repository, request.params['ref'] ?? ''));
    const latest = latestStatuses(request.host, request.repository.name, sha);
    const statuses = latest.map((status) => statusJson(request, status));
    return {
      status: 200,
      body: {
        state: combined(latest.map(({ state }) => state)),
        sha,
        total_count: statuses.length,
        statuses,
      },
    };
  }),
];
