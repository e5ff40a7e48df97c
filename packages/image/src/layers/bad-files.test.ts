import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { noise } from '../testing/base.ts';
import { listFolder } from './file-tree.ts';
import { measureLayer, openLayer } from './layer.ts';
import type { FileLayer } from './layer.ts';
import { tarArchive } from './tar-archive.ts';
import { tarSize } from './tar-header.ts';

/* What is wrong with files on their way into a layer, in both ways that layers are read: whole, and in pieces. */

const sizes = { 'a small file': 1000, 'a large file': 2_000_000 } as const;
const kinds = Object.entries(sizes);

describe.each(kinds)('%s', (_, size) => {
  const damages: [string, (file: string) => void][] = [
    ['grew by a byte', (file) => writeFileSync(file, noise(size + 1))],
    ['shrank by a byte', (file) => truncateSync(file, size - 1)],
    ['became empty', (file) => truncateSync(file, 0)],
    ['was written anew at the same length', (file) => writeFileSync(file, noise(size, 'other'))],
    ['was replaced by another of the same length', (file) => replaceFile(file, noise(size, 'other'))],
  ];

  test.each(damages)('that %s is named, and has no digest', async (_what, damage) => {
    const { file, layer } = oneFile(size);
    damage(file);
    const message = `${file} changed while it was packed: build again when nothing writes to it`;
    await expect(measureLayer(layer)).rejects.toThrow(message);
    expect(() => tarArchive(layer.entries)).toThrow(message);
  });

  test('that is gone is named', async () => {
    const { file, layer } = oneFile(size);
    rmSync(file);
    await expect(measureLayer(layer)).rejects.toThrow(`${file} cannot be read: ENOENT`);
    expect(() => tarArchive(layer.entries)).toThrow(`${file} cannot be read: ENOENT`);
  });

  test('that became a folder is named', async () => {
    const { file, layer } = oneFile(size);
    rmSync(file);
    mkdirSync(file);
    await expect(measureLayer(layer)).rejects.toThrow(`${file} cannot be read: EISDIR`);
    expect(() => tarArchive(layer.entries)).toThrow(`${file} cannot be read: EISDIR`);
  });

  test('that changes between two pieces is named', async () => {
    const { file, layer } = oneFile(size);
    let chunks = 0;
    const reading = (async () => {
      for await (const chunk of openLayer(layer).chunks) {
        if (chunk.length > 0 && ++chunks === 1) writeFileSync(file, noise(size, 'meanwhile'));
      }
    })();
    // A small one was read before its first byte was handed on.
    if (size > 1_000_000) await expect(reading).rejects.toThrow(`${file} changed while it was packed`);
    else await expect(reading).resolves.toBeUndefined();
  });
});

describe('what may not be read is named:', () => {
  const script = `
    process.setgid?.(65534);
    process.setuid?.(65534);
    const { listFolder } = await import(${JSON.stringify(path.join(import.meta.dirname, 'file-tree.ts'))});
    const { measureLayer } = await import(${JSON.stringify(path.join(import.meta.dirname, 'layer.ts'))});
    try {
      await measureLayer({ entries: listFolder(process.argv[1], ''), compression: 'none', createdBy: '' });
    } catch ({ name, message }) { console.log(name + ': ' + message); }
  `;
  const asNobody = (folder: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script, folder], {
      encoding: 'utf8',
    }).trim();

  // The superuser may read everything, so somebody else reads; where nobody can become somebody else, it is us.
  test('a file', () => {
    const folder = openFolder();
    writeFileSync(path.join(folder, 'secret'), 'x', { mode: 0o000 });
    expect(asNobody(folder)).toBe(
      `UserError: ${folder}/secret cannot be read: EACCES: permission denied, open '${folder}/secret'`,
    );
  });

  test('a folder', () => {
    const folder = openFolder();
    mkdirSync(path.join(folder, 'closed'), { mode: 0o000 });
    expect(asNobody(folder)).toBe(
      `UserError: ${folder}/closed cannot be read: EACCES: permission denied, scandir '${folder}/closed'`,
    );
  });
});

describe('links', () => {
  test.each([
    ['/etc/passwd', 'an absolute one'],
    ['..', 'one to the folder above'],
    ['sub/../../outside', 'one that goes in and out again'],
  ])('to %s, %s, is refused', (target) => {
    const folder = openFolder();
    symlinkSync(target, path.join(folder, 'escape'));
    expect(() => listFolder(folder, '/opt')).toThrow(
      `${folder}/escape is a link to ${target}, outside of ${folder}`,
    );
  });

  test('inside stay links, to nothing and to themselves as well', () => {
    const folder = openFolder();
    mkdirSync(path.join(folder, 'sub'));
    const links = { 'sub/up': '../there', dangling: 'nothing', loop: 'loop', 'sub/here': '.' };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(folder, name));
    const found = listFolder(folder, '').filter(({ kind }) => kind === 'symlink');
    expect(Object.fromEntries(found.map(({ path: name, target }) => [name, target]))).toEqual(links);
  });

  test('to a name that is not UTF-8 are refused: another name would stand in the image', () => {
    const folder = openFolder();
    symlinkSync(Buffer.from([0x63, 0x61, 0x66, 0xe9]), path.join(folder, 'link'));
    expect(() => listFolder(folder, '')).toThrow(`${folder}/link is a link to a name that is not UTF-8`);
  });

  test('may name the folder itself: what counts is where it leads', () => {
    const folder = openFolder();
    writeFileSync(path.join(folder, 'file'), 'x');
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    expect(listFolder(link, '').map(({ path: name }) => name)).toEqual(['file']);
  });
});

test('names of every kind come out of GNU tar as they went in', async () => {
  const folder = openFolder();
  const names = [
    'new\nline',
    'tab\tand\rreturn',
    '-rf',
    ' spaces ',
    'back\\slash',
    'quo"te\'s',
    'ünïcode-日本語-😀',
    '*?[a]',
    'a'.repeat(255),
    'é'.repeat(127),
    `${'deep/'.repeat(60)}file`,
    'x'.repeat(99),
    'x'.repeat(100),
    `${'p'.repeat(155)}/${'n'.repeat(100)}`,
  ];
  for (const name of names) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), name);
  }
  const layer: FileLayer = { entries: listFolder(folder, ''), compression: 'none', createdBy: '' };
  const out = openFolder();
  execFileSync('tar', ['-x', '-C', out], { input: await pack(layer) });
  execFileSync('diff', ['--recursive', folder, out]);
  expect(names.map((name) => readFileSync(path.join(out, name), 'utf8'))).toEqual(names);
});

test('a file of 9 GB and what lies behind it are found by GNU tar where the header says', async () => {
  const folder = openFolder();
  writeFileSync(path.join(folder, 'huge'), '');
  truncateSync(path.join(folder, 'huge'), 9_000_000_000);
  writeFileSync(path.join(folder, 'last'), 'behind it');
  const entries = listFolder(folder, '');
  // Its zeros need not be written: they are a hole between its header, of three blocks, and what lies behind.
  const archive = path.join(openFolder(), 'archive.tar');
  writeFileSync(archive, await firstBytes({ entries, compression: 'none', createdBy: '' }, 3 * 512));
  truncateSync(archive, tarSize(entries.slice(0, 1)) - tarSize([]));
  writeFileSync(archive, tarArchive(entries.slice(1)), { flag: 'a' });
  expect(statSync(archive).size).toBe(tarSize(entries));
  const listed = execFileSync('tar', ['-tvf', archive], { encoding: 'utf8' }).trim().split('\n');
  expect(listed.map((line) => line.split(/\s+/).filter((_, at) => at === 2 || at === 5))).toEqual([
    ['9000000000', 'huge'],
    ['9', 'last'],
  ]);
});

test('a sparse file has the digest of one that is full of the same zeros', async () => {
  const [sparse, full] = [openFolder(), openFolder()];
  writeFileSync(path.join(sparse, 'file'), '');
  truncateSync(path.join(sparse, 'file'), 5_000_000);
  writeFileSync(path.join(full, 'file'), Buffer.alloc(5_000_000));
  const measure = (folder: string) =>
    measureLayer({ entries: listFolder(folder, ''), compression: 'gzip', createdBy: '' });
  expect(await measure(sparse)).toEqual(await measure(full));
});

/** A folder that anybody may enter. */
function openFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-files-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Written long ago, so that writing it again is seen by its time. */
function oneFile(size: number): { file: string; layer: FileLayer } {
  const folder = openFolder();
  const file = path.join(folder, 'file');
  writeFileSync(file, noise(size));
  utimesSync(file, 1, 1);
  return { file, layer: { entries: listFolder(folder, ''), compression: 'none', createdBy: '' } };
}

function replaceFile(file: string, bytes: Buffer): void {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}

async function pack(layer: FileLayer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openLayer(layer).chunks) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function firstBytes(layer: FileLayer, bytes: number): Promise<Buffer> {
  let first = Buffer.alloc(0);
  for await (const chunk of openLayer(layer).chunks) {
    first = Buffer.concat([first, chunk]);
    if (first.length >= bytes) break;
  }
  return first.subarray(0, bytes);
}
