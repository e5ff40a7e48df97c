import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { time, type Host } from '../host.ts';
import { zip } from './zip.ts';

export type Artifact = {
  id: number;
  repository: string;
  runId: number;
  attempt: number;
  name: string;
  sizeBytes: number;
  /** `sha256:…` of the zip that a download gives. */
  digest: string;
  createdAt: string;
  folder: string;
};

const table = (host: Host) => host.store.table<Artifact>('artifacts');

/** Newest first. */
export const artifactsOf = (host: Host, repository: string): Artifact[] =>
  table(host)
    .all()
    .filter((artifact) => artifact.repository === repository)
    .toReversed();

export const findArtifact = (host: Host, id: number): Artifact | undefined => table(host).get(id);

export function removeArtifact(host: Host, artifact: Artifact): void {
  table(host).delete(artifact.id);
  rmSync(artifact.folder, { recursive: true, force: true });
}

export type Kept = {
  repository: string;
  runId: number;
  attempt: number;
  name: string;
  root: string;
  files: string[];
  overwrite: boolean;
};

/** Keeps files of a job under a name that the run has not used yet; paths are relative to `root`. */
export function keepArtifact(
  host: Host,
  { repository, runId, attempt, name, root, files, overwrite }: Kept,
): Artifact {
  if (name === '' || /["<>|*?\r\n\\/:]/.test(name))
    throw new UserError(
      `The artifact name is not valid: '${name}'. It must not be empty or contain any of " : < > | * ? \\ / or a line end.`,
    );
  const same = artifactsOf(host, repository).find(
    (artifact) => artifact.runId === runId && artifact.name === name,
  );
  if (same?.attempt === attempt && !overwrite)
    throw new UserError(
      `Failed to CreateArtifact: Received non-retryable error: (409) Conflict: an artifact with this name already exists on the workflow run`,
    );
  if (same) removeArtifact(host, same);
  const id = host.store.nextId('artifact');
  const folder = join(host.directory, 'artifacts', String(id));
  for (const file of files) {
    const target = join(folder, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
  const archive = archiveOf(folder);
  const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  return table(host).put(id, {
    id,
    repository,
    runId,
    attempt,
    name,
    sizeBytes: archive.length,
    digest,
    createdAt: time(host),
    folder,
  });
}

/** The artifact as the zip that its download is. */
export function archiveOf(folder: string): Buffer {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return zip(
    paths.map((path) => ({ path: relative(folder, path).split(sep).join('/'), bytes: readFileSync(path) })),
  );
}

export type Found = { root: string; files: string[] };

/** The files that lines of paths and patterns mean, and the folder that they all lie in. `!` excludes. */
export function findFiles(workspace: string, lines: string, hidden: boolean): Found {
  const patterns = lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const files = new Set<string>();
  const roots: string[] = [];
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    const absolute = resolve(workspace, pattern.replace(/^!/, ''));
    if (!negative) roots.push(fixedPart(absolute));
    for (const file of everyFile(absolute)) {
      if (negative) files.delete(file);
      else if (
        hidden ||
        !relative(workspace, file)
          .split(sep)
          .some((part) => /^\.[^.]/.test(part))
      )
        files.add(file);
    }
  }
  return {
    root: patterns.length === 1 && roots[0] ? rootOf(roots[0]) : commonFolder(roots),
    files: [...files].sort(),
  };
}

/** A pattern up to its first wildcard. */
const fixedPart = (pattern: string): string => {
  const parts = pattern.split(sep);
  const wild = parts.findIndex((part) => /[*?[{]/.test(part));
  return wild < 0 ? pattern : parts.slice(0, wild).join(sep);
};

const rootOf = (path: string): string => (isFolder(path) ? path : dirname(path));

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function everyFile(pattern: string): string[] {
  const listed = globSync(pattern);
  return listed.flatMap((path) => {
    if (!isFolder(path)) return [path];
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  });
}

function commonFolder(paths: string[]): string {
  const [first = [], ...others] = paths.map((path) => rootOf(path).split(sep));
  const same = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return (same < 0 ? first : first.slice(0, same)).join(sep) || sep;
}
