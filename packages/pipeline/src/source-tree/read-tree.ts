import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import { digestOf } from '../naming.ts';
import { Ignore } from './ignore.ts';

export type TreeFile =
  | { path: string; type: 'file'; executable: boolean; sizeBytes: number; sha256: string }
  | { path: string; type: 'link'; target: string };

/** A folder by its content: the digest depends on names, bytes and the executable bit, and on nothing else. */
export type SourceTree = { root: string; files: TreeFile[]; digest: string; sizeBytes: number };

const IGNORE_FILES = ['.gitignore', '.tidegateignore'];
const NEVER_PACKED = ['.git', '.hg', '.svn', '__pycache__/', '*.pyc', '.DS_Store', '.ipynb_checkpoints/'];
const MOST_BYTES = 500 << 20;

/**
 * Reads a folder as it will be packed: without what `.gitignore` and `.tidegateignore` leave out (its own, those below it and
 * those above it up to the repository's root) and without what matches `exclude`.
 * @throws UserError when the folder is missing, empty or larger than 500 MiB, or a link leads out of it
 */
export async function readTree(folder: string, exclude: readonly string[] = []): Promise<SourceTree> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new UserError(`The source folder "${folder}" does not exist.`, { cause });
  });
  const above = await ignoredFromAbove(root);
  const ignore = new Ignore();
  ignore.add('', NEVER_PACKED);
  const files: TreeFile[] = [];

  const visit = async (relative: string): Promise<void> => {
    for (const name of IGNORE_FILES) ignore.add(relative, await linesOf(path.join(root, relative, name)));
    if (relative === '') ignore.add('', exclude);
    const entries = await readdir(path.join(root, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const at = relative + entry.name;
      if (ignore.ignores(at, entry.isDirectory()) || above(at, entry.isDirectory())) continue;
      if (entry.isDirectory()) await visit(`${at}/`);
      else if (entry.isSymbolicLink()) files.push(await readLink(root, at));
      else if (entry.isFile()) files.push(await readOne(root, at));
      else
        throw new UserError(`${path.join(folder, at)} is neither a file nor a folder: it cannot be packed.`);
    }
  };
  await visit('');

  if (files.length === 0) throw new UserError(`The source folder "${folder}" holds nothing to pack.`);
  const sizeBytes = files.reduce((sum, file) => sum + (file.type === 'file' ? file.sizeBytes : 0), 0);
  if (sizeBytes > MOST_BYTES) {
    const [largest] = files
      .flatMap((file) => (file.type === 'file' ? file : []))
      .sort((a, b) => b.sizeBytes - a.sizeBytes);
    throw new UserError(
      `The source folder "${folder}" is ${Math.round(sizeBytes / 2 ** 20)} MiB, the limit is 500: ` +
        `leave data out with a .tidegateignore (the largest file is ${largest?.path}).`,
    );
  }
  return { root, files, digest: digestOf(files), sizeBytes };
}

async function readOne(root: string, at: string): Promise<TreeFile> {
  const file = path.join(root, at);
  const [{ mode, size }, bytes] = [await lstat(file), await readFile(file)];
  return {
    path: at,
    type: 'file',
    executable: (mode & 0o100) !== 0,
    sizeBytes: size,
    sha256: digestOf(bytes),
  };
}

async function readLink(root: string, at: string): Promise<TreeFile> {
  const target = await readlink(path.join(root, at));
  const real = await realpath(path.join(root, at)).catch(() => undefined);
  const leaves = real === undefined || (real !== root && !real.startsWith(root + path.sep));
  if (leaves || path.isAbsolute(target)) {
    throw new UserError(
      `${at} is a link to "${target}", which ${real === undefined ? 'does not exist' : 'would not exist in the container'}: ` +
        'put the file itself into the source folder, or leave the link out with a .tidegateignore.',
    );
  }
  return { path: at, type: 'link', target: target.split(path.sep).join('/') };
}

/** What the .gitignore files between the repository's root and the folder leave out, asked by path relative to the folder. */
async function ignoredFromAbove(root: string): Promise<(relative: string, isFolder: boolean) => boolean> {
  let repository = root;
  while (!existsSync(path.join(repository, '.git'))) {
    const parent = path.dirname(repository);
    if (parent === repository) return () => false;
    repository = parent;
  }
  if (repository === root) return () => false;
  const ignore = new Ignore();
  const inside = path.relative(repository, root).split(path.sep);
  for (let depth = 0; depth < inside.length; depth += 1) {
    const folder = inside.slice(0, depth);
    ignore.add(
      folder.map((name) => `${name}/`).join(''),
      await linesOf(path.join(repository, ...folder, '.gitignore')),
    );
  }
  const prefix = `${inside.join('/')}/`;
  return (relative, isFolder) => ignore.ignores(prefix + relative, isFolder);
}

async function linesOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
