import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { findFiles } from '../artifacts/artifacts.ts';
import { UserError } from '../errors.ts';
import { time } from '../host.ts';
import type { Job } from '../runner/job.ts';
import type { BuiltinRequest, BuiltinResult } from './builtin.ts';

type Entry = { key: string; repository: string; paths: string; createdAt: string; folder: string };

const table = (job: Job) => job.host.store.table<Entry>('caches');

/** Like GitHub's, a cache is found only with the paths that it was made with. */
const version = (paths: string): string =>
  paths
    .split('\n')
    .map((path) => path.trim())
    .filter(Boolean)
    .join('\n');

const identity = (job: Job, key: string, paths: string): string =>
  createHash('sha256')
    .update(`${job.run.repository}\n${key}\n${version(paths)}`)
    .digest('hex');

/** Every job has a workspace of its own, so what lies there is kept apart from what lies elsewhere. */
const partsOf = (job: Job): [string, string][] => [
  ['workspace', `${job.workspace}/`],
  ['elsewhere', '/'],
];

/** actions/cache: restores now, saves after a job that went well and found nothing under its key. */
export async function cache(request: BuiltinRequest): Promise<BuiltinResult> {
  const { outputs = {} } = await restoreCache(request);
  const post = async () => {
    if (outputs['cache-hit'] !== 'true' && request.job.status === 'success') await saveCache(request);
  };
  return { outputs, post };
}

/** actions/cache/restore */
export async function restoreCache({ job, input, say }: BuiltinRequest): Promise<BuiltinResult> {
  const key = input('key');
  if (!key || !input('path')) throw new UserError('Input required and not supplied: key and path');
  const entry = findEntry(job, key, input('path'), input('restore-keys'));
  const hit = entry?.key === key;
  if (!entry) {
    if (input('fail-on-cache-miss') === 'true')
      throw new UserError(`Failed to restore cache entry. Input key: ${key}`);
    say(`Cache not found for input keys: ${key}`);
  } else if (input('lookup-only') !== 'true') {
    for (const [part, root] of partsOf(job))
      if (existsSync(join(entry.folder, part)))
        cpSync(join(entry.folder, part), root, { recursive: true, force: true });
    say(`Cache restored from key: ${entry.key}`);
  }
  return {
    outputs: {
      'cache-hit': entry ? String(hit) : '',
      'cache-primary-key': key,
      'cache-matched-key': entry?.key ?? '',
    },
  };
}

function findEntry(job: Job, key: string, paths: string, restoreKeys: string): Entry | undefined {
  const exact = table(job).get(identity(job, key, paths));
  if (exact) return exact;
  const usable = table(job)
    .all()
    .filter(({ repository, paths: made }) => repository === job.run.repository && made === version(paths));
  for (const prefix of version(restoreKeys).split('\n').filter(Boolean)) {
    const [latest] = usable
      .filter((entry) => entry.key.startsWith(prefix))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    if (latest) return latest;
  }
  return undefined;
}

/** actions/cache/save */
export async function saveCache({ job, input, say, warn }: BuiltinRequest): Promise<BuiltinResult> {
  const key = input('key');
  const id = identity(job, key, input('path'));
  if (table(job).get(id)) {
    say(`Cache ${key} exists already and is not changed.`);
    return {};
  }
  const lines = input('path').replaceAll(/(^|\n)(\s*!?)~(?=\/)/g, `$1$2${process.env['HOME'] ?? ''}`);
  const { files } = findFiles(job.workspace, lines, true);
  const folder = join(job.host.directory, 'caches', id);
  rmSync(folder, { recursive: true, force: true });
  for (const file of files) {
    const [part, root] = partsOf(job).find(([, inside]) => file.startsWith(inside)) ?? ['elsewhere', '/'];
    const target = join(folder, part, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
  if (!existsSync(folder)) {
    warn(`Path Validation Error: Path(s) specified in the action for caching do(es) not exist.`);
    return {};
  }
  table(job).put(id, {
    key,
    repository: job.run.repository,
    paths: version(input('path')),
    createdAt: time(job.host),
    folder,
  });
  say(`Cache saved with key: ${key}`);
  return {};
}
