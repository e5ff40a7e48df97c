import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendToImage } from './append.ts';
import type { Append } from './append.ts';
import { baseImage } from './base.ts';
import { fileEntry, listFolder } from './layers/file-tree.ts';
import type { LayerEntry } from './layers/file-tree.ts';
import { openLayer } from './layers/layer.ts';
import type { FileLayer } from './layers/layer.ts';
import { parseReference } from './reference.ts';
import { findManifest } from './registry/manifests.ts';
import type { Registry } from './registry/registry.ts';
import { noise, pushBase } from './testing/base.ts';
import { connectTo, has, startDockerRegistry, startLocalEcr } from './testing/registries.ts';
import type { TestRegistry } from './testing/registries.ts';

const platform = { os: 'linux', architecture: 'amd64' };

const kinds = [
  { name: 'docker-registry', start: startDockerRegistry, isThere: has('docker-registry') },
  { name: 'the local ECR', start: startLocalEcr, isThere: true },
];

describe.each(kinds)('against $name', ({ start, isThere }) => {
  const check = isThere ? test : test.skip;
  let registry: TestRegistry;

  beforeAll(async () => {
    if (!isThere) return;
    registry = await start();
    await registry.create('base');
  });
  afterAll(async () => registry?.[Symbol.asyncDispose]());

  check('code and weights become two layers on a base whose layers are mounted', async () => {
    using client = connectTo(registry);
    const baseDigest = await pushBase(client, 'base');
    const append = await modelImage(client, 'model');
    const image = await appendToImage(append);
    const base = await findManifest(client, 'base', '1');
    const made = await findManifest(client, 'model', 'v1');
    expect(image).toMatchObject({ digest: made?.digest, reused: false, baseDigest });
    if (made?.kind !== 'image' || base?.kind !== 'image') throw new Error('not an image');
    expect(made.manifest.layers).toEqual([
      ...base.manifest.layers,
      ...image.layers.map(({ digest, sizeBytes }, index) => ({
        mediaType: `application/vnd.oci.image.layer.v1.tar${index === 0 ? '+gzip' : ''}`,
        digest,
        size: sizeBytes,
      })),
    ]);
    expect(image.sizeBytes).toBe(
      made.manifest.config.size + made.manifest.layers.reduce((sum, { size }) => sum + size, 0),
    );
  });

  check('weights that are too large to be held arrive as they lie on the disk', async () => {
    using client = connectTo(registry);
    await pushBase(client, 'base');
    await registry.create('large');
    const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-large-'));
    // Pieces of every length: what is written over too early would show.
    const megabyte = 1024 * 1024;
    const sizes = [20 * megabyte, 10, megabyte + 10, 300_001, 2 * megabyte, 262_145, 12 * megabyte + 1];
    for (const [index, size] of sizes.entries())
      writeFileSync(path.join(folder, `${index}.bin`), noise(size, `large ${index}`));
    const layer = { entries: listFolder(folder, '/w'), compression: 'none', createdBy: 'weights' } as const;
    const image = await appendToImage({
      base: baseImage(client, parseReference(`${registry.host}/base:1`), platform),
      to: { registry: client, repository: 'large', tags: ['v1'] },
      layers: [layer],
      edits: {},
    });
    const hash = createHash('sha256');
    for await (const chunk of openLayer(layer).chunks) hash.update(chunk);
    expect(image.layers.map(({ digest }) => digest)).toEqual([`sha256:${hash.digest('hex')}`]);
  });

  check('the same inputs give the same digest in three requests, and nothing is sent', async () => {
    using client = connectTo(registry);
    await pushBase(client, 'base');
    const first = await appendToImage(await modelImage(client, 'again'));
    using later = connectTo(registry);
    const second = await appendToImage(await modelImage(later, 'again'));
    expect(second).toEqual({ ...first, pushedBytes: 0, reused: true });
    expect(later.requests).toBeLessThanOrEqual(3);
  });

  check('a change of the code sends the code alone', async () => {
    using client = connectTo(registry);
    await pushBase(client, 'base');
    await appendToImage(await modelImage(client, 'changed'));
    const changed = await appendToImage(await modelImage(client, 'changed', { code: 'print(2)\n' }));
    // Far less than the weights, which are 3 MB.
    expect(changed.pushedBytes).toBeLessThan(10_000);
  });

  check('a base in another registry is streamed over', async () => {
    await using other = await startLocalEcr();
    await other.create('elsewhere');
    using from = connectTo(other);
    using to = connectTo(registry);
    await pushBase(from, 'elsewhere', { text: 'from elsewhere' });
    const append = await modelImage(to, 'streamed');
    const reference = { registry: other.host, repository: 'elsewhere', tag: '1' };
    const image = await appendToImage({ ...append, base: baseImage(from, reference, platform) });
    const made = await findManifest(to, 'streamed', 'v1');
    expect(made?.digest).toBe(image.digest);
  });

  const inspect = isThere && has('skopeo', 'umoci') ? test : test.skip;
  inspect('skopeo reads and copies it, umoci unpacks it, and the files are as they were', async () => {
    using client = connectTo(registry);
    await pushBase(client, 'base');
    const image = await appendToImage(await modelImage(client, 'real'));
    const credentials = registry.authorization
      ? ['--src-creds', Buffer.from(registry.authorization.slice(6), 'base64').toString()]
      : [];
    const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-oci-'));
    const oci = `${folder}/oci`;
    const from = `docker://${registry.host}/real@${image.digest}`;
    await run('skopeo', ['copy', '--src-tls-verify=false', ...credentials, from, `oci:${oci}:it`]);
    await run('umoci', ['unpack', '--rootless', '--image', `${oci}:it`, `${folder}/bundle`]);
    const listing = await run('sh', [
      '-c',
      `cd ${folder}/bundle/rootfs && find . -not -type d -printf '%p %m %l\\n' | sort`,
    ]);
    expect(listing.split('\n').filter(Boolean)).toEqual([
      './etc/base 644 ',
      './opt/model/main.py 644 ',
      './opt/model/run.sh 755 ',
      './opt/model/start 777 run.sh',
      './opt/model/weights.bin 644 ',
    ]);
    const config = JSON.parse(await run('skopeo', ['inspect', '--config', `oci:${oci}:it`])) as {
      config: unknown;
    };
    expect(config.config).toEqual({
      Entrypoint: ['/opt/model/run.sh'],
      Env: ['PATH=/bin', 'MODE=fast'],
      ExposedPorts: { '8080/tcp': {} },
      Labels: {
        'ai.tidegate.inputs': expect.stringMatching(/^sha256:/),
        'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:/),
        'org.opencontainers.image.base.name': `${registry.host}/base:1`,
        team: 'flights',
      },
    });
  });

  // A root of one's own is the superuser's to have.
  const enter = isThere && has('skopeo', 'umoci') && process.getuid?.() === 0 ? test : test.skip;
  enter('unpacked, its entrypoint runs in a root of its own', async () => {
    using client = connectTo(registry);
    await pushBase(client, 'base');
    const append = await modelImage(client, 'runs', {
      run: '#!/bin/sh\necho "$MODE from $(cat /etc/base)"\n',
    });
    const shell: FileLayer = { entries: await shellEntries(), compression: 'gzip', createdBy: 'shell' };
    const image = await appendToImage({ ...append, layers: [shell, ...append.layers] });
    const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-oci-'));
    const credentials = registry.authorization
      ? ['--src-creds', Buffer.from(registry.authorization.slice(6), 'base64').toString()]
      : [];
    const from = `docker://${registry.host}/runs@${image.digest}`;
    await run('skopeo', ['copy', '--src-tls-verify=false', ...credentials, from, `oci:${folder}/oci:it`]);
    await run('umoci', ['unpack', '--image', `${folder}/oci:it`, `${folder}/bundle`]);
    const { config } = JSON.parse(await run('skopeo', ['inspect', '--config', `oci:${folder}/oci:it`])) as {
      config: { Entrypoint: string[]; Env: string[] };
    };
    const command = [
      '-i',
      ...config.Env,
      '/usr/sbin/chroot',
      `${folder}/bundle/rootfs`,
      ...config.Entrypoint,
    ];
    expect(await run('/usr/bin/env', command)).toBe('fast from base\n');
  });

  async function modelImage(
    client: Registry,
    repository: string,
    { code = 'print(1)\n', run = '#!/bin/sh\n' } = {},
  ): Promise<Append> {
    await registry.create(repository);
    const reference = { registry: registry.host, repository: 'base', tag: '1' };
    return {
      base: baseImage(client, reference, platform),
      to: { registry: client, repository, tags: ['v1'] },
      layers: modelLayers(code, run),
      edits: {
        entrypoint: ['/opt/model/run.sh'],
        environment: { MODE: 'fast' },
        labels: { team: 'flights' },
        ports: [8080],
      },
    };
  }
});

function modelLayers(code: string, run: string): FileLayer[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-model-'));
  mkdirSync(path.join(folder, 'code'));
  mkdirSync(path.join(folder, 'weights'));
  writeFileSync(path.join(folder, 'code', 'main.py'), code);
  writeFileSync(path.join(folder, 'code', 'run.sh'), run);
  chmodSync(path.join(folder, 'code', 'run.sh'), 0o740);
  symlinkSync('run.sh', path.join(folder, 'code', 'start'));
  writeFileSync(path.join(folder, 'weights', 'weights.bin'), noise(3_000_001));
  return [
    { entries: listFolder(path.join(folder, 'code'), '/opt/model'), compression: 'gzip', createdBy: 'code' },
    {
      entries: listFolder(path.join(folder, 'weights'), '/opt/model'),
      compression: 'none',
      createdBy: 'weights',
    },
  ];
}

/** This machine's shell and `cat`, with the libraries that they are linked with. */
async function shellEntries(): Promise<LayerEntry[]> {
  const programs = ['/bin/sh', '/bin/cat'];
  const linked = await Promise.all(programs.map((program) => run('ldd', [program])));
  const libraries = linked.join('\n').match(/\/\S+/g) ?? [];
  const files = [...new Set([...programs, ...libraries])].sort();
  return files.map((file) => fileEntry(file, readFileSync(file), 0o755));
}

/** The local ECR answers in this very process, which must not stand still meanwhile. */
async function run(program: string, args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args)).stdout;
}
