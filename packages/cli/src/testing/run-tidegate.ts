import { execFile } from 'node:child_process';
import path from 'node:path';

export type Ran = { code: number; stdout: string; stderr: string };

const main = path.resolve(import.meta.dirname, '../main.ts');
const terminal = path.join(import.meta.dirname, 'terminal.py');

type Around = { cwd: string; env?: Readonly<Record<string, string>>; stdin?: string | Uint8Array };

/** The command line as a process of its own, as a shell starts it. */
export function runTidegate(args: readonly string[], { cwd, env = {}, stdin }: Around): Promise<Ran> {
  return run(process.execPath, [main, ...args], { cwd, env, ...(stdin === undefined ? {} : { stdin }) });
}

/** The same in a terminal: once a text is there, keys are pressed. */
export async function runInTerminal(
  args: readonly string[],
  { text, keys }: { text: string; keys: string },
  around: Around,
): Promise<{ code: number; output: string }> {
  const { stdout } = await run('python3', [terminal, text, keys, process.execPath, main, ...args], around);
  return JSON.parse(stdout) as { code: number; output: string };
}

function run(program: string, args: readonly string[], { cwd, env, stdin }: Around): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { cwd, env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end(stdin ?? '');
  });
}
