import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * Where a path of an image lies on this machine when `root` is taken for `/`: links on the way are followed as they
 * would be inside the container, so that no name leads out of `root`. The last component itself is not followed.
 */
export async function inside(root: string, name: string): Promise<string> {
  const parts = partsOf(name);
  const last = parts.pop();
  const folder = await follow(root, parts);
  return last === undefined ? root : path.join(folder, last);
}

/** The target of a symbolic link so that a process of this machine that follows it stays inside `root`. */
export function linkInside(root: string, link: string, target: string): string {
  if (path.isAbsolute(target)) return path.join(root, path.normalize(target));
  const reached = path.resolve(path.dirname(link), target);
  return reached === root || reached.startsWith(root + path.sep)
    ? target
    : path.join(root, partsOf(target).join('/'));
}

/** Normalised, without `..`: as in a container, where `/..` is `/`. */
function partsOf(name: string): string[] {
  return path.posix
    .normalize(`/${name}`)
    .split('/')
    .filter((part) => part !== '');
}

async function follow(root: string, parts: string[]): Promise<string> {
  let at = root;
  const left = [...parts];
  let hops = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '..') {
      at = at === root ? root : path.dirname(at);
      continue;
    }
    const next = path.join(at, part);
    const target = await linkTarget(next);
    if (target === undefined) at = next;
    else {
      if (++hops > 40) throw new Error(`too many links in ${parts.join('/')}`);
      // Absolute links were rewritten below `root` when they were made.
      const isAbsolute = path.isAbsolute(target);
      const rest = isAbsolute ? path.relative(root, target) : target;
      if (isAbsolute) at = root;
      left.unshift(...rest.split('/').filter((piece) => piece !== '' && piece !== '.'));
    }
  }
  return at;
}

async function linkTarget(file: string): Promise<string | undefined> {
  try {
    return (await lstat(file)).isSymbolicLink() ? await readlink(file) : undefined;
  } catch {
    return undefined;
  }
}
