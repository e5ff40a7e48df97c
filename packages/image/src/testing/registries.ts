import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalAws } from '@tidegate/local-aws';
import { openRegistry } from '../registry/registry.ts';
import type { Registry } from '../registry/registry.ts';
import type { Retry } from '../registry/retry.ts';

/** A real registry for a test. */
export type TestRegistry = AsyncDisposable & {
  url: string;
  /** `127.0.0.1:<port>`, as image references name it. */
  host: string;
  authorization: string | undefined;
  /** Makes a repository, where a registry wants that before a push. */
  create(repository: string): Promise<void>;
};

/** As patient as users get it, without making a test wait. */
const impatient: Retry = { attempts: 5, firstPauseMs: 1, longestPauseMs: 20, random: () => 0.5 };

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether programs are installed; in CI their absence is a failure, elsewhere a reason to skip. */
export function has(...programs: string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0 && process.env['CI'] === 'true') {
    throw new Error(`these tests need ${missing.join(', ')}: apt-get install -y ${missing.join(' ')}`);
  }
  return missing.length === 0;
}

/** The reference implementation, from Debian's package of the same name. */
export async function startDockerRegistry(): Promise<TestRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-registry-'));
  const port = await freePort();
  const config = path.join(folder, 'config.yml');
  const storage = `{ filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }`;
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: ${storage}\nhttp: { addr: '127.0.0.1:${port}' }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  // Somebody else may have taken the port meanwhile.
  if (!(await answers(`${url}/v2/`, child))) return startDockerRegistry();
  return {
    url,
    host: `127.0.0.1:${port}`,
    authorization: undefined,
    create: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** ECR of the local AWS. */
export async function startLocalEcr(): Promise<TestRegistry> {
  const aws = await startLocalAws();
  const target = 'AmazonEC2ContainerRegistry_V20150921';
  const call = async (operation: string, input: object): Promise<unknown> => {
    const headers = {
      'x-amz-target': `${target}.${operation}`,
      'content-type': 'application/x-amz-json-1.1',
    };
    return (await fetch(aws.endpoint, { method: 'POST', headers, body: JSON.stringify(input) })).json();
  };
  const { authorizationData } = (await call('GetAuthorizationToken', {})) as {
    authorizationData: [{ authorizationToken: string }];
  };
  await call('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'ENABLED' });
  return {
    url: aws.endpoint,
    host: new URL(aws.endpoint).host,
    authorization: `Basic ${authorizationData[0].authorizationToken}`,
    async create(repositoryName) {
      await call('CreateRepository', { repositoryName });
    },
    [Symbol.asyncDispose]: () => aws.close(),
  };
}

/** Our client of a test's registry, or of a proxy before it. */
export function connectTo(registry: TestRegistry, url = registry.url): Registry & Disposable {
  const { authorization } = registry;
  const access = { url, authorization: () => Promise.resolve(authorization) };
  const opened = openRegistry(access, { retry: impatient });
  return Object.assign(opened, { [Symbol.dispose]: () => opened.close() });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** True when it answers, false when it ended. */
async function answers(url: string, child: ChildProcess): Promise<boolean> {
  for (const started = Date.now(); Date.now() - started < 20_000;) {
    if (child.exitCode !== null) return false;
    try {
      await (await fetch(url)).arrayBuffer();
      return true;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  throw new Error(`${url} does not answer`);
}
