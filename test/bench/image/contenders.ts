import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** One push: a folder of code, perhaps one of weights, onto a base. */
export type Run = { base: string; to: string; code: string; weights?: string };

export type Facts = Record<string, number | string | boolean>;

export type Contender = {
  name: string;
  /** As it was run, for the report. */
  command: string;
  version: string;
  /** Not measured. */
  prepare?(run: Run): Promise<void>;
  push(run: Run): Promise<Facts | undefined>;
};

type Stage = { folder: string; ours: string };

/** Those of the contenders that this machine has. */
export async function contenders(stage: Stage, crane: string): Promise<Contender[]> {
  const node = { name: 'node', version: process.version };
  const all: (Contender | undefined)[] = [
    {
      ...node,
      name: 'tidegate',
      command: 'node ours.mjs BASE TO code weights',
      push: (run) => ours(stage, run),
    },
    {
      ...node,
      name: 'tidegate again',
      command: 'node ours.mjs BASE TO code weights, a second time',
      prepare: async (run) => void (await ours(stage, run)),
      push: (run) => ours(stage, run),
    },
    {
      ...node,
      name: 'node alone',
      command: 'node -e 0',
      push: async () => void (await run(process.execPath, ['-e', '0'])),
    },
    await craneContender(stage, crane),
    await floor(stage),
    await buildah(stage),
  ];
  return all.filter((each) => each !== undefined);
}

async function ours({ ours: program }: Stage, { base, to, code, weights }: Run): Promise<Facts> {
  return JSON.parse(
    await run(process.execPath, [program, base, to, code, ...(weights ? [weights] : [])]),
  ) as Facts;
}

/** crane takes archives: making them is part of the work, as it is of ours. */
async function craneContender({ folder }: Stage, crane: string): Promise<Contender | undefined> {
  const version = await versionOf(crane, ['version']);
  if (version === undefined) return undefined;
  const [code, weights] = [path.join(folder, 'crane-code.tar'), path.join(folder, 'crane-weights.tar')];
  return {
    name: 'crane',
    version,
    command: 'tar -c … && crane append --insecure -b BASE -f code.tar -f weights.tar -t TO',
    async push(each) {
      await run('tar', ['-cf', code, '-C', each.code, '.']);
      if (each.weights) await run('tar', ['-cf', weights, '-C', each.weights, '.']);
      const files = ['-f', code, ...(each.weights ? ['-f', weights] : [])];
      await run(crane, ['append', '--insecure', '-b', each.base, ...files, '-t', each.to]);
      return undefined;
    },
  };
}

/** The least that it can take: the same bytes hashed by openssl, and sent by curl. */
async function floor({ folder }: Stage): Promise<Contender | undefined> {
  const [openssl, curl] = await Promise.all([
    versionOf('openssl', ['version']),
    versionOf('curl', ['--version']),
  ]);
  if (openssl === undefined || curl === undefined) return undefined;
  const archive = path.join(folder, 'floor.tar');
  return {
    name: 'floor',
    version: `${openssl}; ${curl.split('(')[0]?.trim()}`,
    command: 'openssl dgst -sha256 FILE && curl -T FILE (the archive is there already)',
    async prepare({ code, weights }) {
      await run('tar', ['-cf', archive, '-C', code, '.', ...(weights ? ['-C', weights, '.'] : [])]);
    },
    async push({ to }) {
      const [host, repository] = [
        to.slice(0, to.indexOf('/')),
        to.slice(to.indexOf('/') + 1, to.lastIndexOf(':')),
      ];
      const digest = (await run('openssl', ['dgst', '-sha256', '-r', archive])).slice(0, 64);
      const begun = await run('curl', [
        '-s',
        '-i',
        '-X',
        'POST',
        `http://${host}/v2/${repository}/blobs/uploads/`,
      ]);
      const location = /^location: (\S+)/im.exec(begun)?.[1] ?? '';
      const status = await run('curl', [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        '-T',
        archive,
        '-H',
        'expect:',
        `${location}&digest=sha256:${digest}`,
      ]);
      if (status !== '201') throw new Error(`curl was answered ${status}`);
      return undefined;
    },
  };
}

/** A builder that keeps images on disk: it has to pull the base first. */
async function buildah({ folder }: Stage): Promise<Contender | undefined> {
  const version = await versionOf('buildah', ['--version']);
  if (version === undefined) return undefined;
  const storage = path.join(folder, 'buildah');
  const at = (driver: string) => [
    '--storage-driver',
    driver,
    '--root',
    `${storage}/root`,
    '--runroot',
    `${storage}/run`,
  ];
  const driver = existsSync('/sys/module/overlay') ? 'overlay' : 'vfs';
  return {
    name: 'buildah',
    version: `${version}, ${driver}`,
    command: 'buildah from BASE && buildah copy … && buildah commit && buildah push, nothing pulled before',
    async prepare() {
      await rm(storage, { recursive: true, force: true });
    },
    async push({ base, to, code, weights }) {
      const call = (...args: string[]) => run('buildah', [...at(driver), ...args]);
      const container = (await call('from', '--tls-verify=false', `docker://${base}`)).trim();
      await call('copy', container, code, '/opt/code');
      if (weights) await call('copy', container, weights, '/opt/weights');
      await call('commit', container, 'made');
      await call('push', '--tls-verify=false', 'made', `docker://${to}`);
      return undefined;
    },
  };
}

async function versionOf(program: string, args: string[]): Promise<string | undefined> {
  try {
    return (await run(program, args)).split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}

async function run(program: string, args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { maxBuffer: 1 << 26 })).stdout;
}
