import { readFile, rename, writeFile } from 'node:fs/promises';
import { UserError } from '@tidegate/aws';

/** `tidegate.lock`: which digest a base's tag was pinned to. */
type Lock = { version: 1; images: Record<string, string> };

/** The digest that a base was pinned to; undefined where it was not. @throws UserError for a file that is no lock */
export async function pinnedDigest(file: string, image: string): Promise<string | undefined> {
  return (await readLock(file)).images[image];
}

/** Pins a base, in a file that is the same whoever writes it: keys in order, one a line. */
export async function pinDigest(file: string, image: string, digest: string): Promise<void> {
  const { images } = await readLock(file);
  const sorted = Object.entries({ ...images, [image]: digest }).sort(([a], [b]) => (a < b ? -1 : 1));
  const temporary = `${file}.${process.pid}`;
  await writeFile(
    temporary,
    `${JSON.stringify({ version: 1, images: Object.fromEntries(sorted) }, undefined, 2)}\n`,
  );
  await rename(temporary, file);
}

async function readLock(file: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, images: {} };
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const { version, images } = JSON.parse(text) as Lock;
    const isLock =
      version === 1 && Object.values(images).every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest));
    if (isLock) return { version, images };
  } catch {
    // Said below.
  }
  throw new UserError(
    `${file} is not a lock file ({"version":1,"images":{"<name>":"sha256:…"}}): delete it, and the next build pins anew`,
  );
}
