import {
  archiveOf,
  artifactsOf,
  findArtifact,
  removeArtifact,
  type Artifact,
} from '../artifacts/artifacts.ts';
import type { JsonObject } from '../expressions/values.ts';
import { notFound } from './api-error.ts';
import { found, id, page } from './read.ts';
import { route, type ApiRequest } from './router.ts';

/** GitHub keeps artifacts for 90 days; here they stay, but say so. */
const DAYS_KEPT = 90;

function artifactJson({ host }: ApiRequest, artifact: Artifact): JsonObject {
  const url = `${host.apiUrl}/repos/${artifact.repository}/actions/artifacts/${artifact.id}`;
  const expires = new Date(Date.parse(artifact.createdAt) + DAYS_KEPT * 86_400_000);
  return {
    id: artifact.id,
    node_id: `A_${artifact.id}`,
    name: artifact.name,
    size_in_bytes: artifact.sizeBytes,
    digest: artifact.digest,
    expired: false,
    created_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    expires_at: expires.toISOString(),
    url,
    archive_download_url: `${url}/zip`,
    workflow_run: { id: artifact.runId },
  };
}

function artifactOf(request: ApiRequest): Artifact {
  const artifact = found(findArtifact(request.host, id(request, 'artifact')));
  if (artifact.repository !== request.repository.name) throw notFound();
  return artifact;
}

const named = ({ query }: ApiRequest, { name }: Artifact): boolean => (query.get('name') ?? name) === name;

export const ARTIFACTS = [
  route('GET /repos/{owner}/{repo}/actions/artifacts', ['actions:read'], (request) => {
    const artifacts = artifactsOf(request.host, request.repository.name).filter((artifact) =>
      named(request, artifact),
    );
    return page(
      request,
      artifacts.map((artifact) => artifactJson(request, artifact)),
      'artifacts',
    );
  }),
  route('GET /repos/{owner}/{repo}/actions/runs/{run}/artifacts', ['actions:read'], (request) => {
    const run = id(request, 'run');
    const artifacts = artifactsOf(request.host, request.repository.name).filter(
      (artifact) => artifact.runId === run && named(request, artifact),
    );
    return page(
      request,
      artifacts.map((artifact) => artifactJson(request, artifact)),
      'artifacts',
    );
  }),
  route('GET /repos/{owner}/{repo}/actions/artifacts/{artifact}', ['actions:read'], (request) => ({
    status: 200,
    body: artifactJson(request, artifactOf(request)),
  })),
  route('GET /repos/{owner}/{repo}/actions/artifacts/{artifact}/zip', ['actions:read'], (request) => ({
    status: 200,
    body: archiveOf(artifactOf(request).folder),
    headers: { 'content-type': 'application/zip' },
  })),
  route('DELETE /repos/{owner}/{repo}/actions/artifacts/{artifact}', ['actions:write'], (request) => {
    removeArtifact(request.host, artifactOf(request));
    return { status: 204 };
  }),
];
