import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

type Running = AsyncDisposable & { port: number };

/** `docker-registry` of Debian, on loopback, with its files in `folder`. */
export async function startRegistry(folder: string): Promise<Running> {
  const port = await freePort();
  const config = path.join(folder, 'registry.yml');
  const storage = `{ filesystem: { rootdirectory: ${folder}/registry } }`;
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: ${storage}\nhttp: { addr: '127.0.0.1:${port}' }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/v2/`)).arrayBuffer();
      return { port, [Symbol.asyncDispose]: () => end(child) };
    } catch (error) {
      if (tries > 200 || child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A line to the registry with a round trip, in a process of its own. */
export async function startDelay(registryPort: number, roundTripMs: number): Promise<Running> {
  const program = path.join(import.meta.dirname, 'delay-proxy.ts');
  const child = spawn(process.execPath, [program, String(registryPort), String(roundTripMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(line.toString()), [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
