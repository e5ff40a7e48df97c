import {
  addStatus,
  createDeployment,
  deploymentsOf,
  findDeployment,
  removeDeployment,
  STATES,
  statusesOf,
  type Deployment,
  type DeploymentStatus,
} from '../deployments/deployments.ts';
import { userJson } from '../events/payloads.ts';
import type { JsonObject } from '../expressions/values.ts';
import { distance } from '../git/merge.ts';
import { resolveCommit } from '../git/repository.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { flag, found, id, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';
import { latestStatuses } from './statuses.ts';

function deploymentJson({ host }: ApiRequest, deployment: Deployment): JsonObject {
  const url = `${host.apiUrl}/repos/${deployment.repository}/deployments/${deployment.id}`;
  const statuses = statusesOf(host, deployment.id);
  return {
    id: deployment.id,
    node_id: `DE_${deployment.id}`,
    url,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: statuses[0]?.environment ?? deployment.environment,
    description: deployment.description,
    creator: userJson(host, deployment.creator),
    created_at: deployment.createdAt,
    updated_at: statuses[0]?.createdAt ?? deployment.createdAt,
    statuses_url: `${url}/statuses`,
    repository_url: `${host.apiUrl}/repos/${deployment.repository}`,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  };
}

function statusJson({ host, repository }: ApiRequest, status: DeploymentStatus): JsonObject {
  const deployment = `${host.apiUrl}/repos/${repository.name}/deployments/${status.deployment}`;
  return {
    id: status.id,
    url: `${deployment}/statuses/${status.id}`,
    state: status.state,
    environment: status.environment,
    description: status.description,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    target_url: status.logUrl,
    creator: userJson(host, status.creator),
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: deployment,
    repository_url: `${host.apiUrl}/repos/${repository.name}`,
  };
}

function deploymentOf(request: ApiRequest): Deployment {
  const deployment = found(findDeployment(request.host, id(request, 'deployment')));
  if (deployment.repository !== request.repository.name) throw notFound();
  return deployment;
}

function description({ body }: ApiRequest, resource: string): string | null {
  const given = text(body, 'description') ?? null;
  if (given !== null && given.length > 140)
    throw invalid(resource, 'description', 'custom', 'description is too long (maximum is 140 characters)');
  return given;
}

/** GitHub's two refusals of a deployment: a ref that should first be merged with, and statuses that are not green. */
async function checkDeployable(
  { host, repository, body }: ApiRequest,
  ref: string,
  sha: string,
): Promise<void> {
  const main = await resolveCommit(repository, `refs/heads/${repository.defaultBranch}`);
  const isBranch = await resolveCommit(repository, `refs/heads/${ref}`);
  if (
    flag(body, 'auto_merge') !== false &&
    isBranch &&
    main &&
    (await distance(repository, main, sha)).behind > 0
  )
    throw new ApiError(
      501,
      `auto_merge of ${repository.defaultBranch} into ${ref} is not built in this local GitHub: send auto_merge: false.`,
    );
  const wanted = Array.isArray(body['required_contexts']) ? body['required_contexts'] : undefined;
  const latest = latestStatuses(host, repository.name, sha);
  const required = wanted ?? latest.map(({ context }) => context);
  const bad = required.filter(
    (context) => latest.find((status) => status.context === context)?.state !== 'success',
  );
  if (bad.length > 0)
    throw new ApiError(409, `Conflict: Commit status checks failed for ${ref}.`, {
      errors: bad.map((context) => ({
        resource: 'Deployment',
        field: 'required_contexts',
        code: 'invalid',
        contexts: context,
      })),
    });
}

export const DEPLOYMENTS = [
  route('GET /repos/{owner}/{repo}/deployments', ['deployments:read'], (request) => {
    const { host, repository, query } = request;
    const asked = (name: string, value: string) => (query.get(name) ?? value) === value;
    const shown = deploymentsOf(host, repository.name).filter(
      ({ sha, ref, task, environment }) =>
        asked('sha', sha) && asked('ref', ref) && asked('task', task) && asked('environment', environment),
    );
    return page(
      request,
      shown.map((deployment) => deploymentJson(request, deployment)),
    );
  }),
  route('POST /repos/{owner}/{repo}/deployments', ['deployments:write'], async (request) => {
    const { host, repository, body, token } = request;
    const ref = text(body, 'ref');
    if (!ref) throw invalid('Deployment', 'ref', 'missing_field');
    const sha = await resolveCommit(repository, ref);
    if (!sha) throw new ApiError(422, `No ref found for: ${ref}`);
    await checkDeployable(request, ref, sha);
    const environment = text(body, 'environment') ?? 'production';
    const deployment = createDeployment(host, {
      repository: repository.name,
      sha,
      ref,
      task: text(body, 'task') ?? 'deploy',
      payload: body['payload'] ?? {},
      environment,
      description: description(request, 'Deployment'),
      creator: token.actor,
      transient: flag(body, 'transient_environment') ?? false,
      production: flag(body, 'production_environment') ?? environment === 'production',
    });
    return { status: 201, body: deploymentJson(request, deployment) };
  }),
  route('GET /repos/{owner}/{repo}/deployments/{deployment}', ['deployments:read'], (request) => ({
    status: 200,
    body: deploymentJson(request, deploymentOf(request)),
  })),
  route('DELETE /repos/{owner}/{repo}/deployments/{deployment}', ['deployments:write'], (request) => {
    const deployment = deploymentOf(request);
    const only = deploymentsOf(request.host, request.repository.name).length === 1;
    if (!only && statusesOf(request.host, deployment.id)[0]?.state !== 'inactive')
      throw new ApiError(
        422,
        'We cannot delete an active deployment unless it is the only deployment in a given environment.',
      );
    removeDeployment(request.host, deployment.id);
    return { status: 204 };
  }),
  route('GET /repos/{owner}/{repo}/deployments/{deployment}/statuses', ['deployments:read'], (request) =>
    page(
      request,
      statusesOf(request.host, deploymentOf(request).id).map((status) => statusJson(request, status)),
    ),
  ),
  route('POST /repos/{owner}/{repo}/deployments/{deployment}/statuses', ['deployments:write'], (request) => {
    const { host, body, token } = request;
    const deployment = deploymentOf(request);
    const state = text(body, 'state') ?? '';
    if (!STATES.includes(state))
      throw invalid('DeploymentStatus', 'state', state === '' ? 'missing_field' : 'invalid');
    const status = addStatus(host, deployment, {
      state,
      creator: token.actor,
      environment: text(body, 'environment') ?? deployment.environment,
      description: description(request, 'DeploymentStatus') ?? '',
      environmentUrl: text(body, 'environment_url') ?? '',
      logUrl: text(body, 'log_url') ?? text(body, 'target_url') ?? '',
      autoInactive: flag(body, 'auto_inactive') ?? true,
    });
    return { status: 201, body: statusJson(request, status) };
  }),
  route(
    'GET /repos/{owner}/{repo}/deployments/{deployment}/statuses/{status}',
    ['deployments:read'],
    (request) => {
      const wanted = id(request, 'status');
      const status = statusesOf(request.host, deploymentOf(request).id).find(
        (candidate) => candidate.id === wanted,
      );
      return { status: 200, body: statusJson(request, found(status)) };
    },
  ),
  route('GET /repos/{owner}/{repo}/environments', ['actions:read'], (request) => {
    const names = new Set(
      deploymentsOf(request.host, request.repository.name).map(({ environment }) => environment),
    );
    return page(
      request,
      [...names].map((name) => environmentJson(request, name)),
      'environments',
    );
  }),
  route('GET /repos/{owner}/{repo}/environments/{name}', ['actions:read'], (request) => {
    const name = request.params['name'] ?? '';
    const known = deploymentsOf(request.host, request.repository.name).some(
      ({ environment }) => environment === name,
    );
    if (!known) throw notFound();
    return { status: 200, body: environmentJson(request, name) };
  }),
];

const environmentJson = ({ host, repository }: ApiRequest, name: string): JsonObject => ({
  name,
  url: `${host.apiUrl}/repos/${repository.name}/environments/${encodeURIComponent(name)}`,
  protection_rules: [],
  deployment_branch_policy: null,
});
