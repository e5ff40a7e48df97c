import { userJson } from '../events/payloads.ts';
import type { JsonObject } from '../expressions/values.ts';
import { resolveCommit, updateRef } from '../git/repository.ts';
import { time, type Host } from '../host.ts';
import { ApiError, invalid, notFound } from './api-error.ts';
import { flag, found, id, page, text } from './read.ts';
import { route, type ApiRequest } from './router.ts';

type Release = {
  id: number;
  repository: string;
  tag: string;
  name: string;
  body: string;
  target: string;
  draft: boolean;
  prerelease: boolean;
  author: string;
  createdAt: string;
};

const table = (host: Host) => host.store.table<Release>('releases');

/** Newest first. */
const releasesOf = ({ host, repository }: ApiRequest): Release[] =>
  table(host)
    .all()
    .filter((release) => release.repository === repository.name)
    .toReversed();

const releaseJson = ({ host }: ApiRequest, release: Release): JsonObject => ({
  id: release.id,
  tag_name: release.tag,
  name: release.name,
  body: release.body,
  target_commitish: release.target,
  draft: release.draft,
  prerelease: release.prerelease,
  author: userJson(host, release.author),
  created_at: release.createdAt,
  published_at: release.draft ? null : release.createdAt,
  url: `${host.apiUrl}/repos/${release.repository}/releases/${release.id}`,
  html_url: `${host.serverUrl}/${release.repository}/releases/tag/${release.tag}`,
  assets: [],
});

export const RELEASES = [
  route('GET /repos/{owner}/{repo}/releases', ['contents:read'], (request) =>
    page(
      request,
      releasesOf(request).map((release) => releaseJson(request, release)),
    ),
  ),
  route('GET /repos/{owner}/{repo}/releases/latest', ['contents:read'], (request) => ({
    status: 200,
    body: releaseJson(
      request,
      found(releasesOf(request).find(({ draft, prerelease }) => !draft && !prerelease)),
    ),
  })),
  route('GET /repos/{owner}/{repo}/releases/tags/{tag}', ['contents:read'], (request) => ({
    status: 200,
    body: releaseJson(request, found(releasesOf(request).find(({ tag }) => tag === request.params['tag']))),
  })),
  route('GET /repos/{owner}/{repo}/releases/{release}', ['contents:read'], (request) => {
    const release = found(table(request.host).get(id(request, 'release')));
    if (release.repository !== request.repository.name) throw notFound();
    return { status: 200, body: releaseJson(request, release) };
  }),
  route('POST /repos/{owner}/{repo}/releases', ['contents:write'], async (request) => {
    const { host, repository, body, token } = request;
    const tag = text(body, 'tag_name');
    if (!tag) throw invalid('Release', 'tag_name', 'missing_field');
    if (releasesOf(request).some((release) => release.tag === tag))
      throw invalid('Release', 'tag_name', 'already_exists');
    const target = text(body, 'target_commitish') ?? repository.defaultBranch;
    const draft = flag(body, 'draft') ?? false;
    if (!draft && !(await resolveCommit(repository, `refs/tags/${tag}`))) {
      const sha = await resolveCommit(repository, target);
      if (!sha) throw new ApiError(422, `No commit found for ${target}`);
      await updateRef(repository, `refs/tags/${tag}`, sha);
    }
    const key = host.store.nextId('release');
    const release = {
      id: key,
      repository: repository.name,
      tag,
      target,
      draft,
      prerelease: flag(body, 'prerelease') ?? false,
      name: text(body, 'name') ?? tag,
      body: text(body, 'body') ?? '',
      author: token.actor,
      createdAt: time(host),
    };
    return { status: 201, body: releaseJson(request, table(host).put(key, release)) };
  }),
];
