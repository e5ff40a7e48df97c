import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The start program and what it serves, as a process of this machine. */
export type ModelServer = AsyncDisposable & {
  /** What stands for the image's `/opt/tidegate`; `model` beside `server` and `code` is the model package. */
  root: string;
  /** The exit code; null where a signal ended it. */
  exited: Promise<number | null>;
  log(): string;
  /** Resolves when the log has this. @throws where the server ends before */
  says(text: string): Promise<void>;
  stop(): void;
  ask(
    method: string,
    place: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<[number, string]>;
};

/** Lays files out as they lie in an image, by their path below `/opt/tidegate`, and starts its start program. */
export function startModelServer(
  files: Record<string, string>,
  environment: Record<string, string> | ((at: { root: string }) => Record<string, string>) = {},
): ModelServer {
  const root = layOut(files);
  const child = spawn('python3', [path.join(root, 'server', 'serve.py'), 'serve'], {
    env: {
      ...process.env,
      TIDEGATE_BIND_TO_HOST: '127.0.0.1',
      SAGEMAKER_BIND_TO_PORT: '0',
      SAGEMAKER_BASE_DIR: root,
      TMPDIR: root,
      ...(typeof environment === 'function' ? environment({ root }) : environment),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const lines = new EventEmitter();
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (text: Buffer) => {
      log += text.toString();
      lines.emit('more');
    });
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    root,
    exited,
    log: () => log,
    async says(text) {
      const hasEnded = exited.then(() => true);
      while (!log.includes(text)) {
        if (await Promise.race([hasEnded, once(lines, 'more').then(() => false)]))
          throw new Error(`the server ended: ${log}`);
      }
    },
    stop: () => void child.kill(),
    async ask(method, place, body, headers) {
      // uvicorn and Triton say which port they were given; Triton a moment before it listens.
      const [, address = ''] = /(?:running on http:\/\/|HTTPService at )([\w.:]+)/.exec(log) ?? [];
      const response = await fetch(`http://${address}${place}`, {
        method,
        ...(body !== undefined && { body }),
        ...(headers && { headers }),
      });
      return [response.status, await response.text()];
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Resolves when a ping succeeds. @throws where the server ends instead */
export async function healthy(server: ModelServer): Promise<ModelServer> {
  for (;;) {
    const [status] = await server.ask('GET', '/ping').catch(() => [0]);
    if (status === 200) return server;
    const hasEnded = await Promise.race([
      server.exited.then(() => true),
      new Promise<false>((resolve) => setImmediate(resolve, false)),
    ]);
    if (hasEnded) throw new Error(`the server ended: ${server.log()}`);
  }
}

/** Files below a new folder that has the start program in `server`. Those in `bin` may be executed. */
export function layOut(files: Record<string, string>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'tidegate-server-'));
  cpSync(path.join(import.meta.dirname, '..', '..', 'server'), path.join(root, 'server'), {
    recursive: true,
  });
  mkdirSync(path.join(root, 'code'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (name.startsWith('bin/')) chmodSync(file, 0o755);
  }
  return root;
}

/** A folder of Python packages, installed once for all runs on this machine. */
export function pythonPackages(requirement: string, ...options: string[]): string {
  const name = requirement.replace(/[^\w.]+/g, '-');
  const folder = path.join(tmpdir(), `tidegate-test-${name}`);
  if (existsSync(folder)) return folder;
  const temporary = mkdtempSync(`${folder}-`);
  const install = ['-m', 'pip', 'install', '--quiet', '--no-compile', '--target', temporary];
  execFileSync('python3', [...install, ...options, requirement], { stdio: 'ignore' });
  if (!existsSync(folder)) renameSync(temporary, folder);
  return folder;
}

/** The same where it can be had; in CI its absence is a failure, elsewhere a reason to skip. */
export function pythonPackagesIfAny(requirement: string, ...options: string[]): string | undefined {
  try {
    return pythonPackages(requirement, ...options);
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return undefined;
  }
}
