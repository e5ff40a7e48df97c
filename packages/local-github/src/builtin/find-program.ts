import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a program on this machine's PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a program prints, without white space around it. */
export const outputOf = (program: string, args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, (error, stdout, stderr) => {
      if (error)
        reject(new Error(`${program} ${args.join(' ')}: ${stderr || error.message}`, { cause: error }));
      else resolve(stdout.trim());
    });
  });
