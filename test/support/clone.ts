import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** A clone of this repository's HEAD that can be built: third parties are linked, our packages are the clone's own. */
export function cloneRepository(): { folder: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-clone-'));
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, folder]);
  const [from, to] = [path.join(root, 'node_modules'), path.join(folder, 'node_modules')];
  mkdirSync(path.join(to, '@tidegate'), { recursive: true });
  for (const name of readdirSync(from))
    if (name !== '@tidegate') symlinkSync(path.join(from, name), path.join(to, name));
  for (const name of readdirSync(path.join(folder, 'packages'))) {
    symlinkSync(path.join(folder, 'packages', name), path.join(to, '@tidegate', name));
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
