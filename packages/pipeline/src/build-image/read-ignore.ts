import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseDockerignore } from '@tidegate/image';
import type { Ignore } from '@tidegate/image';

/** What to leave out of a context: as the Dockerfile's own `.dockerignore` beside it says, or else the context's. */
export function readIgnore(context: string, dockerfile?: string): Ignore {
  const files = [...(dockerfile ? [`${dockerfile}.dockerignore`] : []), ignoreFile(context)];
  const file = files.find((each) => existsSync(each));
  return file === undefined ? () => false : parseDockerignore(readFileSync(file, 'utf8'));
}

export function ignoreFile(context: string): string {
  return path.join(context, '.dockerignore');
}
