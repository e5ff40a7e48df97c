import { createWriteStream } from 'node:fs';
import { lstat, link, mkdir, mkdtemp, readdir, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plainBytes } from '../archive/plain-bytes.ts';
import { BadArchive, tarEntries } from '../archive/tar-entries.ts';
import { ContainerError } from './container-error.ts';

/**
 * Unpacks a tar archive (plain or gzipped) into `folder`, all of it or nothing.
 * @param name what to call the archive in an error
 * @throws ContainerError for an archive that is damaged, or that names an absolute path, a path with `..` out of the
 * folder, a link that leads out of it, or a device
 */
export async function unpack(archive: Readable, folder: string, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Beside the target, so that what is unpacked is moved in without copying.
  const stage = await mkdtemp(join(folder, '.unpacking-'));
  try {
    await unpackInto(archive, stage);
    for (const entry of await readdir(stage)) {
      const target = join(folder, entry);
      await rm(target, { recursive: true, force: true });
      await rename(join(stage, entry), target);
    }
  } catch (error) {
    if (error instanceof ContainerError || error instanceof BadArchive)
      throw new ContainerError(`${name}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await rm(stage, { recursive: true, force: true });
    archive.destroy();
  }
}

async function unpackInto(archive: Readable, stage: string) {
  const links: string[] = [];
  for await (const entry of tarEntries(plainBytes(archive))) {
    const path = inside(entry.path, `"${entry.path}"`);
    if (path === '.') continue;
    const target = join(stage, path);
    await folderFor(stage, path, entry.path);
    if (entry.kind === 'directory') {
      await mkdir(target, { recursive: true });
    } else if (entry.kind === 'file') {
      await rm(target, { force: true });
      const mode = (entry.mode & 0o777) | 0o600;
      await pipeline(Readable.from(entry.body), createWriteStream(target, { mode }));
    } else if (entry.kind === 'symlink') {
      if (isAbsolute(entry.target)) throw leaves(entry.path, entry.target);
      inside(join(dirname(path), entry.target), `"${entry.path}", a link to "${entry.target}",`);
      await rm(target, { force: true });
      await symlink(entry.target, target);
      links.push(path);
    } else if (entry.kind === 'hardlink') {
      const source = join(stage, inside(entry.target, `"${entry.path}", a link to "${entry.target}",`));
      await folderFor(stage, inside(entry.target, entry.target), entry.path);
      await rm(target, { force: true });
      await link(source, target).catch((error: unknown) => {
        throw new ContainerError(
          `"${entry.path}" is a link to "${entry.target}", which is not in the archive`,
          { cause: error },
        );
      });
    } else {
      throw new ContainerError(`"${entry.path}" is a device or a pipe; nothing was unpacked`);
    }
  }
  // A chain of links may lead out although each of them does not: ask the file system where they end.
  const top = await realpath(stage);
  for (const path of links) {
    const end = await realpath(join(stage, path)).catch(() => undefined);
    if (end !== undefined && end !== top && !end.startsWith(top + sep)) throw leaves(path, end);
  }
}

/** A relative path without `..`, or a refusal. */
function inside(path: string, what: string): string {
  const plain = normalize(path).replace(/\/+$/, '') || '.';
  if (isAbsolute(path) || plain === '..' || plain.startsWith('../')) {
    throw new ContainerError(`${what} leaves the folder it is unpacked into; nothing was unpacked`);
  }
  return plain;
}

/** Makes the folders above `path`, refusing to go through a link that the archive made. */
async function folderFor(stage: string, path: string, shown: string) {
  const parents = dirname(path)
    .split('/')
    .filter((part) => part !== '.');
  let folder = stage;
  for (const part of parents) {
    folder = join(folder, part);
    const found = await lstat(folder).catch(() => undefined);
    if (found === undefined) await mkdir(folder);
    else if (!found.isDirectory())
      throw new ContainerError(`"${shown}" goes through a link or a file; nothing was unpacked`);
  }
}

const leaves = (path: string, target: string) =>
  new ContainerError(
    `"${path}", a link to "${target}", leaves the folder it is unpacked into; nothing was unpacked`,
  );
