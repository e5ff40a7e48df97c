import type { Json, JsonObject } from '../expressions/values.ts';
import { resolveCommit } from '../git/repository.ts';
import { time, type Host } from '../host.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { found, id, map, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

type CheckRun = {
  id: number;
  repository: string;
  name: string;
  headSha: string;
  status: string;
  conclusion: string | null;
  startedAt: string;
  completedAt: string | null;
  detailsUrl: string;
  externalId: string;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: JsonObject[];
};

const CONCLUSIONS = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'stale',
  'timed_out',
];
const STATUSES = ['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending'];

/** GitHub takes at most so many annotations in one request, and so many characters in a summary or text. */
const MOST_ANNOTATIONS = 50;
const LONGEST_TEXT = 65_535;

const table = (host: Host) => host.store.table<CheckRun>('check-runs');

function checkJson({ host }: ApiRequest, check: CheckRun): JsonObject {
  const url = `${host.apiUrl}/repos/${check.repository}/check-runs/${check.id}`;
  return {
    id: check.id,
    node_id: `CR_${check.id}`,
    name: check.name,
    head_sha: check.headSha,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    details_url: check.detailsUrl,
    external_id: check.externalId,
    url,
    html_url: `${host.serverUrl}/${check.repository}/runs/${check.id}`,
    output: {
      ...check.output,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    app: { id: 15368, slug: 'github-actions', name: 'GitHub Actions' },
    pull_requests: [],
  };
}

/** What a request says about a check run, on top of what was there. */
function merged(request: ApiRequest, before: CheckRun): CheckRun {
  const { body, host } = request;
  const conclusion = text(body, 'conclusion') ?? before.conclusion;
  if (conclusion !== null && !CONCLUSIONS.includes(conclusion))
    throw invalid('CheckRun', 'conclusion', 'invalid');
  // A conclusion ends it, whatever the status says.
  const status =
    text(body, 'conclusion') !== undefined ? 'completed' : (text(body, 'status') ?? before.status);
  if (!STATUSES.includes(status)) throw invalid('CheckRun', 'status', 'invalid');
  if (status === 'completed' && conclusion === null) throw invalid('CheckRun', 'conclusion', 'missing_field');
  const output = body['output'] === undefined ? undefined : map(body['output']);
  return {
    ...before,
    name: text(body, 'name') ?? before.name,
    status,
    conclusion: status === 'completed' ? conclusion : null,
    startedAt: text(body, 'started_at') ?? before.startedAt,
    completedAt:
      status === 'completed' ? (text(body, 'completed_at') ?? before.completedAt ?? time(host)) : null,
    detailsUrl: text(body, 'details_url') ?? before.detailsUrl,
    externalId: text(body, 'external_id') ?? before.externalId,
    output: output ? outputOf(output) : before.output,
    annotations: [...before.annotations, ...annotationsOf(output?.['annotations'])],
  };
}

function outputOf(output: JsonObject): CheckRun['output'] {
  const [title, summary] = [text(output, 'title'), text(output, 'summary')];
  if (title === undefined) throw invalid('CheckRun', 'output.title', 'missing_field');
  if (summary === undefined) throw invalid('CheckRun', 'output.summary', 'missing_field');
  const long = text(output, 'text');
  for (const value of [summary, long ?? ''])
    if (value.length > LONGEST_TEXT)
      throw new ApiError(422, `Only ${LONGEST_TEXT} characters are allowed; ${value.length} were supplied.`);
  return { title, summary, text: long ?? null };
}

function annotationsOf(given: Json | undefined): JsonObject[] {
  const annotations = Array.isArray(given) ? given.map(map) : [];
  if (annotations.length > MOST_ANNOTATIONS)
    throw invalid(
      'CheckRun',
      'output.annotations',
      'invalid',
      `Exceeds a maximum quantity of ${MOST_ANNOTATIONS}`,
    );
  for (const annotation of annotations)
    for (const field of ['path', 'start_line', 'end_line', 'annotation_level', 'message'])
      if (annotation[field] === undefined)
        throw invalid('CheckRun', `output.annotations.${field}`, 'missing_field');
  return annotations;
}

function checkOf(request: ApiRequest): CheckRun {
  const check = found(table(request.host).get(id(request, 'check')));
  if (check.repository !== request.repository.name) throw notFound();
  return check;
}

export const CHECKS = [
  route('POST /repos/{owner}/{repo}/check-runs', ['checks:write'], async (request) => {
    const { host, repository, body } = request;
    for (const field of ['name', 'head_sha'])
      if (!text(body, field)) throw invalid('CheckRun', field, 'missing_field');
    const headSha = text(body, 'head_sha') ?? '';
    if (!(await resolveCommit(repository, headSha)))
      throw new ApiError(422, `No commit found for SHA: ${headSha}`);
    const key = host.store.nextId('check-run');
    const check = merged(request, {
      id: key,
      repository: repository.name,
      name: '',
      headSha,
      status: 'queued',
      conclusion: null,
      startedAt: time(host),
      completedAt: null,
      detailsUrl: '',
      externalId: '',
      output: { title: null, summary: null, text: null },
      annotations: [],
    });
    return { status: 201, body: checkJson(request, table(host).put(key, check)) };
  }),
  route('PATCH /repos/{owner}/{repo}/check-runs/{check}', ['checks:write'], (request) => {
    const check = merged(request, checkOf(request));
    return { status: 200, body: checkJson(request, table(request.host).put(check.id, check)) };
  }),
  route('GET /repos/{owner}/{repo}/check-runs/{check}', ['checks:read'], (request) => ({
    status: 200,
    body: checkJson(request, checkOf(request)),
  })),
  route('GET /repos/{owner}/{repo}/check-runs/{check}/annotations', ['checks:read'], (request) =>
    page(request, checkOf(request).annotations),
  ),
  route('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', ['checks:read'], async (request) => {
    const { host, repository, params, query } = request;
    const sha = found(await resolveCommit(repository, params['ref'] ?? ''));
    const [name, status] = [query.get('check_name'), query.get('status')];
    const all = table(host)
      .all()
      .filter((check) => check.repository === repository.name && check.headSha === sha);
    const named = all.filter(
      (check) => (!name || check.name === name) && (!status || check.status === status),
    );
    // Of several with one name the latest stands, unless all are asked for.
    const latest =
      query.get('filter') === 'all'
        ? named
        : [...new Map(named.map((check) => [check.name, check])).values()];
    return page(
      request,
      latest.toReversed().map((check) => checkJson(request, check)),
      'check_runs',
    );
  }),
];
