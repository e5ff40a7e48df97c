import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '@tidegate/aws';
import type { Surroundings } from '../surroundings.ts';

/** What a program prints; undefined where it is not there or fails. */
export function askProgram(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

/**
 * Runs a program with its output in our log, line by line as it comes. Ended when the run is cancelled.
 * @throws UserError with its last lines where it fails
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { log, signal }: Pick<Surroundings, 'log' | 'signal'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const last: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > 10) last.shift();
        log.untrusted([line]);
      });
    }
    child.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new UserError(`${program} ${args[0] ?? ''} ended with ${code}: ${last.join('\n')}`));
    });
  });
}
