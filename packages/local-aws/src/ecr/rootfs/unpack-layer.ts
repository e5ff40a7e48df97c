import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, link, lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { tarEntries, type TarEntry } from '../../archive/tar-entries.ts';
import { inside, linkInside } from './inside.ts';

/**
 * Lays one layer over the folder `root`: adds, replaces, and deletes what its whiteouts name. Devices are left out,
 * owners are not taken over, and nothing is written outside `root`.
 * @throws BadArchive where the layer is cut off or no archive.
 */
export async function unpackLayer(file: string, mediaType: string, root: string): Promise<void> {
  const raw = createReadStream(file, { highWaterMark: 1 << 18 });
  const bytes = mediaType.includes('gzip')
    ? raw.pipe(createGunzip())
    : mediaType.includes('zstd')
      ? raw.pipe(createZstdDecompress())
      : raw;
  if (bytes !== raw) raw.on('error', (error) => bytes.destroy(error));
  for await (const entry of tarEntries(bytes)) await place(root, entry);
}

async function place(root: string, entry: TarEntry): Promise<void> {
  const at = await inside(root, entry.path);
  if (at === root) return;
  const name = path.basename(at);
  if (name === '.wh..wh..opq') {
    await emptyFolder(path.dirname(at));
    return;
  }
  if (name.startsWith('.wh.')) {
    await rm(path.join(path.dirname(at), name.slice('.wh.'.length)), { recursive: true, force: true });
    return;
  }
  await mkdir(path.dirname(at), { recursive: true });
  if (entry.kind === 'directory') {
    if (!(await isFolder(at))) await rm(at, { force: true });
    await mkdir(at, { recursive: true });
    await chmod(at, entry.mode | 0o700);
    return;
  }
  if (entry.kind === 'other') return;
  await rm(at, { recursive: true, force: true });
  if (entry.kind === 'symlink') await symlink(linkInside(root, at, entry.target), at);
  else if (entry.kind === 'hardlink') await link(await inside(root, entry.target), at);
  else {
    await pipeline(Readable.from(entry.body), createWriteStream(at, { mode: 0o600 }));
    await chmod(at, (entry.mode & 0o777) | 0o600);
  }
}

/** Hides what lower layers put into a folder. */
async function emptyFolder(folder: string): Promise<void> {
  if (!(await isFolder(folder))) return;
  for (const name of await readdir(folder))
    await rm(path.join(folder, name), { recursive: true, force: true });
}

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isDirectory();
  } catch {
    return false;
  }
}
