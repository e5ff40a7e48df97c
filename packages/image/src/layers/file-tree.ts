import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { ImageError } from '../errors.ts';
import type { TarEntry } from './tar-header.ts';

/** A file of this machine, as it was when it was listed. */
export type ListedFile = { file: string; modifiedMs: number };

/** An entry of a layer with where its bytes come from. */
export type LayerEntry = TarEntry & { content?: ListedFile | Buffer };

/** Says by a path relative to the folder whether to leave it out (a folder with all that is in it). */
export type Ignore = (path: string, isFolder: boolean) => boolean;

/**
 * The files of a folder as they will lie below `at` in the image, in the order of their names. Modes become 644, or 755
 * where the owner may execute; links stay links if they lead to something inside the folder.
 * @throws ImageError names the file that cannot be in an image, and why.
 */
export function listFolder(folder: string, at: string, ignore: Ignore = () => false): LayerEntry[] {
  const root = path.resolve(folder);
  const place = at.replace(/^\/+|\/+$/g, '');
  const entries: LayerEntry[] = [];
  if (!stats(root, statSync).isDirectory()) throw new ImageError(`${folder} is not a folder`);
  if (place) entries.push({ path: place, kind: 'directory', mode: 0o755, sizeBytes: 0 });
  walk('');
  return entries.sort((a, b) => compare(a.path, b.path));

  function walk(inside: string): void {
    for (const name of readNames(path.join(root, inside))) {
      const relative = inside ? `${inside}/${name}` : name;
      const file = path.join(root, relative);
      const info = stats(file);
      if (ignore(relative, info.isDirectory())) continue;
      const target = place ? `${place}/${relative}` : relative;
      if (info.isDirectory()) {
        entries.push({ path: target, kind: 'directory', mode: 0o755, sizeBytes: 0 });
        walk(relative);
      } else if (info.isSymbolicLink()) {
        const link = linkTarget(root, file);
        entries.push({ path: target, kind: 'symlink', mode: 0o777, sizeBytes: 0, target: link });
      } else if (info.isFile()) {
        const mode = info.mode & 0o100 ? 0o755 : 0o644;
        const content = { file, modifiedMs: info.mtimeMs };
        entries.push({ path: target, kind: 'file', mode, sizeBytes: info.size, content });
      } else {
        throw new ImageError(
          `${file} is a socket, pipe or device: only files, folders and links can be in an image`,
        );
      }
    }
  }
}

/** One made-up file. */
export function fileEntry(at: string, bytes: Buffer | string, mode = 0o644): LayerEntry {
  const content = Buffer.from(bytes as string);
  return { path: at.replace(/^\/+/, ''), kind: 'file', mode, sizeBytes: content.length, content };
}

/** By code units: the same on every machine and in every locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' }).map((name) => {
      const text = utf8(name);
      if (text !== undefined) return text;
      throw new ImageError(
        `${path.join(folder, name.toString('latin1'))} has a name that is not UTF-8: rename it`,
      );
    });
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** Text of bytes; undefined where they are not the bytes of that text. */
function utf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

function stats(file: string, read = lstatSync) {
  try {
    return read(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function linkTarget(root: string, file: string): string {
  const target = utf8(readlinkSync(file, { encoding: 'buffer' }));
  if (target === undefined)
    throw new ImageError(`${file} is a link to a name that is not UTF-8: rename what it leads to`);
  const reached = path.resolve(path.dirname(file), target);
  const isInside = reached === root || reached.startsWith(root + path.sep);
  if (path.isAbsolute(target) || !isInside) {
    throw new ImageError(
      `${file} is a link to ${target}, outside of ${root}: copy the file in, or leave the link out`,
    );
  }
  return target;
}

export function unreadable(file: string, error: unknown): ImageError {
  if (error instanceof ImageError) return error;
  return new ImageError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
}

export function changed(file: string): ImageError {
  return new ImageError(`${file} changed while it was packed: build again when nothing writes to it`);
}
