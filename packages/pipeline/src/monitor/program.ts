import { readFileSync } from 'node:fs';
import { UserError } from '@tidegate/aws';

/** A part of the analyser, as the build has left it. */
export function readProgram(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UserError(`The analyser ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
