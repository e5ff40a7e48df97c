import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { noise } from '../testing/base.ts';
import { fileEntry, listFolder } from './file-tree.ts';
import { measureLayer, openLayer } from './layer.ts';
import type { FileLayer } from './layer.ts';
import { tarSize } from './tar-header.ts';

const at = '/opt/model';
// Read in pieces, unlike the small ones.
const largeBytes = 600_000;

test('100 builds of the same files give the same digests', async () => {
  const folder = sampleFolder();
  const digests = new Set<string>();
  for (let build = 0; build < 100; build++) {
    const { digest, diffId } = await measureLayer(gzipped(folder));
    digests.add(`${digest} ${diffId}`);
  }
  expect(digests.size).toBe(1);
});

test('times, owners, order of creation and modes beyond "may execute" do not matter', async () => {
  const first = sampleFolder();
  const second = sampleFolder({ reversed: true });
  for (const name of readdirSync(second)) utimesSync(path.join(second, name), 1, 1);
  chmodSync(path.join(second, 'b.py'), 0o600);
  expect(await measureLayer(gzipped(second))).toEqual(await measureLayer(gzipped(first)));
});

test.each(['none', 'gzip', 'zstd'] as const)('GNU tar reads it, compressed as %s', async (compression) => {
  const folder = sampleFolder();
  const layer = { entries: listFolder(folder, at), compression, createdBy: '' };
  const bytes = await pack(layer);
  const raw = { none: (all: Buffer) => all, gzip: gunzipSync, zstd: zstdDecompressSync }[compression](bytes);
  expect(raw.length).toBe(tarSize(layer.entries));
  const out = mkdtempSync(path.join(tmpdir(), 'tidegate-out-'));
  execFileSync('tar', ['-x', '-C', out], { input: raw });
  execFileSync('diff', ['--recursive', '--no-dereference', folder, path.join(out, at)]);
});

test('gzip and GNU gzip agree about the content', async () => {
  const layer = gzipped(sampleFolder());
  const packed = await pack(layer);
  expect(
    execFileSync('gzip', ['-dc'], { input: packed, maxBuffer: 1 << 28 }).equals(gunzipSync(packed)),
  ).toBe(true);
});

test('the digests are those of the bytes', async () => {
  const layer = gzipped(sampleFolder());
  const stream = openLayer(layer);
  const chunks: Buffer[] = [];
  for await (const chunk of stream.chunks) chunks.push(chunk);
  const sha = (bytes: Buffer) =>
    `sha256:${execFileSync('sha256sum', { input: bytes, encoding: 'utf8' }).slice(0, 64)}`;
  const bytes = Buffer.concat(chunks);
  expect(stream.digests()).toEqual({
    digest: sha(bytes),
    diffId: sha(gunzipSync(bytes)),
    sizeBytes: bytes.length,
  });
});

describe('what cannot be in an image is named:', () => {
  test('a link out of the folder', () => {
    const folder = sampleFolder();
    symlinkSync('../../etc/passwd', path.join(folder, 'escape'));
    expect(() => listFolder(folder, at)).toThrow(
      `${folder}/escape is a link to ../../etc/passwd, outside of ${folder}`,
    );
  });

  test('a pipe', () => {
    const folder = sampleFolder();
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    expect(() => listFolder(folder, at)).toThrow(`${folder}/pipe is a socket, pipe or device`);
  });

  test('a name that is not UTF-8', () => {
    const folder = sampleFolder();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), '');
    expect(() => listFolder(folder, at)).toThrow('has a name that is not UTF-8');
  });

  test.each([
    ['grew', (file: string) => appendFileSync(file, 'more')],
    ['shrank', (file: string) => truncateSync(file, 10)],
    [
      'was written anew at the same length',
      (file: string) => writeFileSync(file, noise(largeBytes, 'other')),
    ],
  ])('a file that %s while it was packed', async (_, change) => {
    const folder = sampleFolder();
    const file = path.join(folder, 'large.bin');
    utimesSync(file, 1, 1);
    const layer = gzipped(folder);
    change(file);
    await expect(measureLayer(layer)).rejects.toThrow(`${file} changed while it was packed`);
  });

  test('a file that is gone', async () => {
    const folder = sampleFolder();
    const layer = gzipped(folder);
    execFileSync('rm', [path.join(folder, 'b.py')]);
    await expect(measureLayer(layer)).rejects.toThrow(`${folder}/b.py cannot be read: ENOENT`);
  });
});

test('hard links, sparse files, empty files and odd names become what they look like', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-odd-'));
  writeFileSync(path.join(folder, 'one'), 'same');
  linkSync(path.join(folder, 'one'), path.join(folder, 'two'));
  truncateSync(sparse(folder), 3_000_000);
  writeFileSync(path.join(folder, 'empty'), '');
  writeFileSync(path.join(folder, 'new\nline and "quotes" ünïcode'), 'odd');
  mkdirSync(path.join(folder, 'l'.repeat(200), 'm'.repeat(200)), { recursive: true });
  writeFileSync(path.join(folder, 'l'.repeat(200), 'm'.repeat(200), 'deep'), 'deep');
  const out = mkdtempSync(path.join(tmpdir(), 'tidegate-out-'));
  execFileSync('tar', ['-x', '-C', out], {
    input: await pack({ entries: listFolder(folder, ''), compression: 'none', createdBy: '' }),
  });
  execFileSync('diff', ['--recursive', folder, out]);
});

test('a file of 9 GB has its size in a pax record', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-huge-'));
  const [folderEntry, file] = listFolder(folderWith(folder, 9_000_000_000), at);
  const entries = [folderEntry, file].filter((entry) => entry !== undefined);
  const { chunks } = openLayer({ entries, compression: 'none', createdBy: '' });
  let headers = '';
  for await (const chunk of chunks) {
    headers += chunk.toString('latin1');
    if (headers.length > 1024) break;
  }
  expect(headers).toContain('19 size=9000000000\n');
});

function gzipped(folder: string): FileLayer {
  return {
    entries: [...listFolder(folder, at), fileEntry('/opt/made-up', 'text')],
    compression: 'gzip',
    createdBy: 'test',
  };
}

async function pack(layer: FileLayer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openLayer(layer).chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sampleFolder({ reversed = false } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-sample-'));
  const steps = [
    () => writeFileSync(path.join(folder, 'b.py'), 'print()\n'),
    () => mkdirSync(path.join(folder, 'a', 'deeper'), { recursive: true }),
    () => writeFileSync(path.join(folder, 'a.txt'), 'sorted before a/'),
    () => writeFileSync(path.join(folder, 'large.bin'), noise(largeBytes)),
    () => symlinkSync('b.py', path.join(folder, 'link')),
    () => copyFileSync('/bin/true', path.join(folder, 'program')),
  ];
  for (const step of reversed ? steps.toReversed() : steps) step();
  writeFileSync(path.join(folder, 'a', 'deeper', 'z'), 'z'.repeat(1000));
  return folder;
}

function sparse(folder: string): string {
  const file = path.join(folder, 'sparse');
  writeFileSync(file, '');
  return file;
}

function folderWith(folder: string, bytes: number): string {
  truncateSync(sparse(folder), bytes);
  return folder;
}
