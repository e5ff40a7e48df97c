import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

type Running = AsyncDisposable & { port: number };

/** Where a registry keeps its files: in memory, where there is room, the tools are measured and not this machine's disk. */
export type Storage = 'memory' | 'disk';

type BenchRegistry = Running & {
  storage: Storage;
  /** Takes away the blobs that came since then: each run brings new ones, and no run wants those of another. */
  forgetSince(milliseconds: number): void;
};

/** `docker-registry` of Debian, on loopback. */
export async function startRegistry(needsBytes: number, wished: Storage): Promise<BenchRegistry> {
  const { bavail, bsize } = statfsSync('/dev/shm');
  const storage = bavail * bsize > needsBytes ? wished : 'disk';
  const folder = await mkdtemp(path.join(storage === 'memory' ? '/dev/shm' : tmpdir(), 'tidegate-registry-'));
  const port = await freePort();
  const config = path.join(folder, 'registry.yml');
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${folder} } }\nhttp: { addr: '127.0.0.1:${port}' }\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/v2/`)).arrayBuffer();
      return {
        port,
        storage,
        forgetSince(milliseconds) {
          for (const blob of globSync(`${folder}/docker/registry/v2/blobs/sha256/*/*/data`))
            if (statSync(blob).mtimeMs >= milliseconds) rmSync(blob);
        },
        async [Symbol.asyncDispose]() {
          await end(child);
          await rm(folder, { recursive: true, force: true });
        },
      };
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
