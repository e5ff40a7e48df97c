import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packTo } from '../../runtime/pack.ts';

/** Files as a `tar.gz`. */
export async function archive(files: Record<string, string>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-archive-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'files', path)), { recursive: true });
      await writeFile(join(folder, 'files', path), content);
    }
    await packTo(join(folder, 'archive.tar.gz'), [join(folder, 'files')]);
    return await readFile(join(folder, 'archive.tar.gz'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
