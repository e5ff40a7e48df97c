import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 over the SHA-256 of every file that matches, in order of their paths; empty where none does. `!` excludes. */
export function hashFiles(workspace: string, patterns: string[]): string {
  const files = new Set<string>();
  for (const pattern of patterns.flatMap((text) => text.split('\n')).map((text) => text.trim())) {
    if (pattern === '' || pattern.startsWith('#')) continue;
    const found = globSync(pattern.replace(/^!/, ''), { cwd: workspace });
    for (const file of found)
      if (pattern.startsWith('!')) files.delete(file);
      else files.add(file);
  }
  const paths = [...files].map((file) => join(workspace, file)).filter((file) => statSync(file).isFile());
  if (paths.length === 0) return '';
  const whole = createHash('sha256');
  for (const path of paths.sort()) whole.update(createHash('sha256').update(readFileSync(path)).digest());
  return whole.digest('hex');
}
