import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { UserError } from '@tidegate/aws';
import type { Log } from '../surroundings.ts';
import { askProgram } from './run-program.ts';

// A base of Python alone, its layers packed and unpacked. A GPU base takes four times as much, and says so when it ends.
const baseBytes = 5e9;
// A builder copies the context, makes a layer of it, and packs the layer.
const timesContext = 3;

type Builder = 'docker' | 'buildah';

/**
 * "No space left on device" is the most common end of a build on a hosted runner: better said before.
 * @throws UserError where the disk that the builder works on has less than the build takes at least
 */
export async function requireFreeDisk(
  program: Builder,
  contextBytes: number,
  log: Pick<Log, 'info'>,
): Promise<void> {
  const neededBytes = baseBytes + timesContext * contextBytes;
  const folder = await storageOf(program);
  if (folder === undefined) {
    log.info(
      `The build needs ${gigabytes(neededBytes)} or more where ${program} works, which is not this machine.`,
    );
    return;
  }
  const freeBytes = await freeIn(folder);
  const found = `${folder} has ${gigabytes(freeBytes)} free, and a build with ${program} needs ${gigabytes(neededBytes)} or more`;
  if (freeBytes >= neededBytes) log.info(`${found}.`);
  else {
    throw new UserError(
      `${found}: free some, or leave RUN out of the Dockerfile, so that nothing has to be pulled`,
    );
  }
}

/** Where a builder keeps its layers, as it says itself: rootless buildah in the home folder, others where they are told to. */
async function storageOf(program: Builder): Promise<string | undefined> {
  if (program === 'buildah') {
    const { store } = JSON.parse((await askProgram('buildah', ['info'])) ?? '{}') as {
      store?: { GraphRoot?: string };
    };
    return store?.GraphRoot ?? '/var/lib/containers';
  }
  const answer = await askProgram('docker', ['info', '--format', '{{.Name}} {{.DockerRootDir}}']);
  const [, host, folder] = /^(\S+) (.+)$/.exec(answer?.trim() ?? '') ?? [];
  return host === hostname() ? folder : undefined;
}

/** Of the disk that a folder is on, or will be. */
async function freeIn(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if (parent === folder) throw error;
    return freeIn(parent);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
