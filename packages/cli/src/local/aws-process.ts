import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The local AWS as a process of its own, so that it can be killed like one. */
export type AwsProcess = {
  readonly endpoint: string;
  /** What others need in their environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  control<T>(method: 'GET' | 'POST', route: string, body?: object): Promise<T>;
  /** `kill -9`, then a new life in the same folder and on the same port. */
  killAndRestart(): Promise<void>;
  close(): Promise<void>;
};

const main = path.resolve(import.meta.dirname, '../../../local-aws/src/main.ts');

export async function startAwsProcess(settings: {
  directory: string;
  clockSpeed: number;
  port?: number;
  githubApi?: string;
}): Promise<AwsProcess> {
  mkdirSync(settings.directory, { recursive: true });
  const log = createWriteStream(path.join(settings.directory, 'aws.log'), { flags: 'a' });
  const start = async (port: number) => {
    const args = [
      '--port',
      String(port),
      '--directory',
      settings.directory,
      '--clock-speed',
      String(settings.clockSpeed),
    ];
    if (settings.githubApi !== undefined) args.push('--github-api', settings.githubApi);
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child.stderr!.pipe(log, { end: false });
    const ready = await readyLine(child);
    return { child, ...ready };
  };
  let life = await start(settings.port ?? 0);
  const { endpoint, environment } = life;
  return {
    endpoint,
    environment,
    async control<T>(method: 'GET' | 'POST', route: string, body?: object) {
      const response = await fetch(`${endpoint}/_tidegate/${route}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok)
        throw new Error(`the local AWS answered ${response.status} to ${route}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    async killAndRestart() {
      const exited = once(life.child, 'exit');
      life.child.kill('SIGKILL');
      await exited;
      life = await start(Number(new URL(endpoint).port));
    },
    async close() {
      const exited = once(life.child, 'exit');
      life.child.kill('SIGTERM');
      await exited;
      log.end();
    },
  };
}

type Ready = { endpoint: string; environment: Record<string, string> };

async function readyLine(child: ChildProcess): Promise<Ready> {
  const lines = createInterface({ input: child.stdout! });
  const line = await Promise.race([
    once(lines, 'line').then(([first]) => first as string),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the local AWS ended with ${String(code)} before it was ready`);
    }),
  ]);
  return JSON.parse(line) as Ready;
}
