import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Two servers on one directory would each overwrite what the other wrote. The lock names its process: one that a
 * crash left behind is taken over. Returns a function that gives it back.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'server.pid');
  const holder = holderOf(file);
  if (holder !== undefined && isAlive(holder)) {
    throw new Error(
      `${directory} is in use by the local AWS of process ${holder}. Stop it, or use another directory.`,
    );
  }
  writeFileSync(file, `${process.pid}\n`);
  return () => rmSync(file, { force: true });
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number) {
  // Within one process tests restart a server without closing the first, as a crash would.
  if (pid === process.pid || !(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
