import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { LocalAws, LocalAwsOptions } from '@tidegate/local-aws';

const main = path.resolve(import.meta.dirname, '../../../local-aws/src/main.ts');

export type KillableAws = Pick<LocalAws, 'endpoint' | 'environment' | 'close'> & {
  /** Ends it as a power failure would, and starts it again on the same port with what is on disk. */
  dieAndReturn(): Promise<void>;
};

/** A local AWS in a process of its own. */
export async function startKillableAws(options: LocalAwsOptions): Promise<KillableAws> {
  let current = await begin(options, 0);
  const port = Number(new URL(current.endpoint).port);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    const ended = once(current.child, 'exit');
    current.child.kill(signal);
    await ended;
  };
  return {
    endpoint: current.endpoint,
    environment: current.environment,
    close: () => end('SIGTERM'),
    async dieAndReturn() {
      await end('SIGKILL');
      current = await begin(options, port);
    },
  };
}

type Started = Pick<LocalAws, 'endpoint' | 'environment'> & { child: ChildProcess };

async function begin(
  { clock, directory = '', githubApi = '' }: LocalAwsOptions,
  port: number,
): Promise<Started> {
  const args = [
    '--port',
    port,
    '--clock-speed',
    clock?.speed ?? 1,
    '--directory',
    directory,
    '--github-api',
    githubApi,
  ];
  const child = spawn(process.execPath, [main, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { ...(JSON.parse(line.toString()) as Omit<Started, 'child'>), child };
}
