import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../builtin/find-program.ts';

/** GitHub's runners have `python`; where a machine has only `python3`, a link in `folder` (on the steps' PATH) stands for it. */
export function offerPython(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const python3 = findProgram('python3');
  if (!python3 || findProgram('python') || existsSync(join(folder, 'python'))) return;
  symlinkSync(python3, join(folder, 'python'));
}
