import { dispatchEvent, isFile, startWorkflow } from '../events/start.ts';
import { workflowsAt } from '../events/workflows.ts';
import { UserError } from '../errors.ts';
import type { JsonObject } from '../expressions/values.ts';
import { resolveCommit } from '../git/repository.ts';
import { ApiError, invalid } from './api-error.ts';
import { found, map, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';
import { runsPage } from './runs.ts';

/** GitHub's limits on what a dispatch carries. */
const MOST_PROPERTIES = 10;
const LONGEST_TYPE = 100;

/** The workflows of the default branch; a workflow's id is its place in the list of all paths ever seen. */
async function workflows(request: ApiRequest): Promise<JsonObject[]> {
  const { host, repository } = request;
  const sha = await resolveCommit(repository, `refs/heads/${repository.defaultBranch}`);
  const listed = sha ? await workflowsAt(repository, sha) : [];
  return listed.map(({ path, name }) => ({
    id: workflowId(request, path),
    name,
    path,
    state: 'active',
    url: `${host.apiUrl}/repos/${repository.name}/actions/workflows/${workflowId(request, path)}`,
    html_url: `${host.serverUrl}/${repository.name}/blob/${repository.defaultBranch}/${path}`,
  }));
}

function workflowId({ host, repository }: ApiRequest, path: string): number {
  const ids = host.store.table<number>('workflow-ids');
  const key = `${repository.name}:${path}`;
  return ids.get(key) ?? ids.put(key, host.store.nextId('workflow'));
}

/** The workflow that the path names by its id or by its file's name. */
async function workflowOf(request: ApiRequest): Promise<JsonObject & { path: string }> {
  const wanted = request.params['workflow'] ?? '';
  const all = await workflows(request);
  return found(
    all.find(
      (workflow) => String(workflow['id'] as number) === wanted || isFile(workflow['path'] as string, wanted),
    ),
  ) as JsonObject & { path: string };
}

export const DISPATCHES = [
  route('POST /repos/{owner}/{repo}/dispatches', ['contents:write'], async (request) => {
    const { host, repository, body, token } = request;
    const type = text(body, 'event_type');
    if (!type) throw invalid('RepositoryDispatch', 'event_type', 'missing_field');
    if (type.length > LONGEST_TYPE)
      throw invalid(
        'RepositoryDispatch',
        'event_type',
        'invalid',
        `is longer than ${LONGEST_TYPE} characters`,
      );
    const payload = map(body['client_payload']);
    if (Object.keys(payload).length > MOST_PROPERTIES)
      throw new ApiError(
        422,
        `No more than ${MOST_PROPERTIES} properties are allowed; ${Object.keys(payload).length} were supplied.`,
      );
    await dispatchEvent(host, repository, { type, payload, actor: token.actor });
    return { status: 204 };
  }),
  route(
    'POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches',
    ['actions:write'],
    async (request) => {
      const { host, repository, body, token } = request;
      const ref = text(body, 'ref');
      if (!ref) throw invalid('WorkflowDispatch', 'ref', 'missing_field');
      const { path } = await workflowOf(request);
      try {
        const { run } = await startWorkflow(host, repository, {
          file: path,
          ref,
          inputs: map(body['inputs']),
          actor: token.actor,
        });
        if (body['return_run_details'] !== true) return { status: 204 };
        const url = `${host.apiUrl}/repos/${repository.name}/actions/runs/${run.id}`;
        return {
          status: 200,
          body: {
            workflow_run_id: run.id,
            run_url: url,
            html_url: `${host.serverUrl}/${repository.name}/actions/runs/${run.id}`,
          },
        };
      } catch (error) {
        if (error instanceof UserError) throw new ApiError(422, error.message);
        throw error;
      }
    },
  ),
  route('GET /repos/{owner}/{repo}/actions/workflows', ['actions:read'], async (request) =>
    page(request, await workflows(request), 'workflows'),
  ),
  route('GET /repos/{owner}/{repo}/actions/workflows/{workflow}', ['actions:read'], async (request) => ({
    status: 200,
    body: await workflowOf(request),
  })),
  route('GET /repos/{owner}/{repo}/actions/workflows/{workflow}/runs', ['actions:read'], async (request) => {
    const { path } = await workflowOf(request);
    return runsPage(request, (run) => run.path === path);
  }),
];
