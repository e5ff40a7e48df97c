import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { hasBuildah } from '../testing/image-settings.ts';

const buildah = hasBuildah() ? test : test.skip;

buildah('the disk is the one that buildah is told to build on', async () => {
  const folder = await temporary();
  const graph = path.join(folder, 'graph');
  const storage = `driver = "vfs"\ngraphroot = "${graph}"\nrunroot = "${path.join(folder, 'run')}"\n`;
  await writeFile(path.join(folder, 'storage.conf'), `[storage]\n${storage}`);
  const environment = { CONTAINERS_STORAGE_CONF: path.join(folder, 'storage.conf') };
  expect(await said('buildah', 0, environment)).toMatch(
    new RegExp(`^${graph} has \\d+\\.\\d GB free, and a build with buildah needs 5\\.0 GB or more\\.$`),
  );
  // A context of a petabyte, three times over.
  expect(await said('buildah', 1e15, environment)).toMatch(
    /^UserError: \S+graph has \d+\.\d GB free, and a build with buildah needs 3000005\.0 GB or more: free some, or leave RUN out/,
  );
});

test.each([
  [
    'on this machine',
    hostname(),
    /^\/not\/made\/yet has \d+\.\d GB free, and a build with docker needs 5\.3 GB/,
  ],
  [
    'elsewhere',
    'docker-desktop',
    /^The build needs 5\.3 GB or more where docker works, which is not this machine/,
  ],
])('the disk is the one of docker’s engine, %s', async (_, name, line) => {
  // Stands for an engine, which not every machine has.
  const folder = await temporary();
  const program = `#!/bin/sh\necho '${name} /not/made/yet'\n`;
  await writeFile(path.join(folder, 'docker'), program, { mode: 0o755 });
  expect(await said('docker', 1e8, { PATH: `${folder}:${process.env['PATH']}` })).toMatch(line);
});

/** What is said, in a process of its own: programs are found and told by its environment. */
async function said(
  program: string,
  contextBytes: number,
  environment: Record<string, string>,
): Promise<string> {
  const script = `
    const { requireFreeDisk } = await import(${JSON.stringify(path.join(import.meta.dirname, 'free-disk.ts'))});
    const say = (text) => console.log(String(text));
    await requireFreeDisk(${JSON.stringify(program)}, ${contextBytes}, { info: say }).catch(say);
  `;
  const options = { env: { ...process.env, ...environment } };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script],
    options,
  );
  return stdout.trim();
}

function temporary(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'tidegate-disk-'));
}
