import { execFile } from 'node:child_process';
import { UserError } from '../errors.ts';

/** The identity of what this process commits itself (merges of pull requests, files written through the API). */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'local-github',
  GIT_AUTHOR_EMAIL: 'local-github@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'local-github',
  GIT_COMMITTER_EMAIL: 'local-github@users.noreply.github.com',
};

/** Nothing of the caller's own git set-up may change what happens here, nor may git ask anything of a terminal. */
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  ...IDENTITY,
};

export type GitOptions = { cwd?: string; input?: string | Buffer; environment?: Record<string, string> };

/** Runs git and gives its standard output; throws with git's own words when it fails. */
export async function git(args: string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(args, options)).toString('utf8');
}

export function gitBytes(args: string[], { cwd, input, environment }: GitOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['-c', 'safe.directory=*', '-c', 'protocol.file.allow=always', ...args],
      { cwd, env: { ...ENVIRONMENT, ...environment }, encoding: 'buffer', maxBuffer: 1 << 30 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const said = stderr.toString('utf8').trim();
        reject(new UserError(`git ${args[0]} failed: ${said || error.message}`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => {}); // git may end before it has read all of its input
    child.stdin?.end(input ?? '');
  });
}

/** As `git`, but a failure is `undefined`: for questions whose answer may be "there is none". */
export async function gitOrNothing(args: string[], options: GitOptions = {}): Promise<string | undefined> {
  return git(args, options).catch(() => undefined);
}
