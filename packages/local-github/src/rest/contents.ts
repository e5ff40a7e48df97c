import type { JsonObject } from '../expressions/values.ts';
import { git } from '../git/git.ts';
import { readFileAt, resolveCommit } from '../git/repository.ts';
import { ApiError, notFound } from './api-error.ts';
import { route, type ApiRequest, type Reply } from './router.ts';

/** From this size on GitHub gives a file only raw. */
const LARGEST_JSON = 1024 * 1024;

type Entry = { type: string; sha: string; size: number; path: string };

async function entriesAt({ repository }: ApiRequest, sha: string, path: string): Promise<Entry[]> {
  const listed = await git(['ls-tree', '-z', '--long', sha, path], { cwd: repository.folder });
  return listed
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [meta = '', name = ''] = line.split('\t');
      const [, type = '', object = '', size = '0'] = meta.split(/\s+/);
      return { type, sha: object, size: Number(size) || 0, path: name };
    });
}

async function contents(request: ApiRequest): Promise<Reply> {
  const { repository, params, query } = request;
  const path = (params['path'] ?? '').replace(/^\/+|\/+$/g, '');
  const ref = query.get('ref') ?? repository.defaultBranch;
  const sha = await resolveCommit(repository, ref);
  if (!sha) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const json = (entry: Entry): JsonObject => entryJson(request, entry, ref);
  const folder =
    path === '' ? await entriesAt(request, sha, './') : await entriesAt(request, sha, `${path}/`);
  if (folder.length > 0) return { status: 200, body: folder.map(json) };
  const [entry] = path === '' ? [] : await entriesAt(request, sha, path);
  const bytes = entry && (await readFileAt(repository, sha, path));
  if (!entry || !bytes) throw notFound();
  if (/[.+]raw\b/.test(request.accept))
    return {
      status: 200,
      body: bytes,
      headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    };
  const small = bytes.length <= LARGEST_JSON;
  return {
    status: 200,
    body: {
      ...json(entry),
      encoding: small ? 'base64' : 'none',
      content: small ? bytes.toString('base64').replace(/.{60}/g, '$&\n') : '',
    },
  };
}

function entryJson({ host, repository }: ApiRequest, entry: Entry, ref: string): JsonObject {
  const url = `${host.apiUrl}/repos/${repository.name}/contents/${entry.path}?ref=${encodeURIComponent(ref)}`;
  return {
    type: entry.type === 'blob' ? 'file' : 'dir',
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: `${host.serverUrl}/${repository.name}/blob/${ref}/${entry.path}`,
    download_url: null,
  };
}

export const CONTENTS = [
  route('GET /repos/{owner}/{repo}/contents/{path*}', ['contents:read'], contents),
  route('GET /repos/{owner}/{repo}/contents', ['contents:read'], contents),
];
