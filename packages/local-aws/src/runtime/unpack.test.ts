import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { packTo } from './pack.ts';
import { unpack } from './unpack.ts';

type Entry = { path: string; type?: '0' | '1' | '2' | '3' | '5' | 'L'; target?: string; content?: string };

/** A tar archive by hand, so that it may hold what no program would write. */
function tar(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = '0', target = '', content = '' }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644', 100);
    header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157, 100);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function inFolder(body: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-unpack-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const unpackBytes = (bytes: Buffer, folder: string) => unpack(Readable.from([bytes]), folder, 'model.tar.gz');

test('what was packed comes out again: deep folders, long names, empty files', async () => {
  await inFolder(async (folder) => {
    const long = `${'a'.repeat(90)}/${'ü'.repeat(60)}.txt`;
    const source = join(folder, 'source');
    await unpackBytes(
      tar([
        { path: 'deep/er/x.bin', content: 'x'.repeat(70_000) },
        { path: 'empty' },
        { path: 'long', type: 'L', content: `${long}\0` },
        { path: 'cut', content: 'long' },
      ]),
      source,
    );
    await packTo(join(folder, 'model.tar.gz'), [source]);
    const target = join(folder, 'target');
    await unpackBytes(await readFile(join(folder, 'model.tar.gz')), target);
    const read = (path: string) => readFile(join(target, path), 'utf8');
    expect([await read('deep/er/x.bin'), await read('empty'), await read(long)]).toEqual([
      'x'.repeat(70_000),
      '',
      'long',
    ]);
  });
});

test('links inside the folder are kept', async () => {
  await inFolder(async (folder) => {
    await unpackBytes(
      tar([
        { path: 'a.txt', content: 'a' },
        { path: 'b.txt', type: '2', target: 'a.txt' },
        { path: 'd/c.txt', type: '1', target: 'a.txt' },
      ]),
      folder,
    );
    expect([await readlink(join(folder, 'b.txt')), await readFile(join(folder, 'd/c.txt'), 'utf8')]).toEqual([
      'a.txt',
      'a',
    ]);
  });
});

test.each<[string, Entry[], string]>([
  ['a path with ..', [{ path: 'ok' }, { path: 'x/../../out' }], '"x/../../out" leaves'],
  ['an absolute path', [{ path: '/etc/passwd' }], '"/etc/passwd" leaves'],
  ['a link out', [{ path: 'l', type: '2', target: '../../etc' }], '"l", a link to "../../etc", leaves'],
  ['an absolute link', [{ path: 'l', type: '2', target: '/etc' }], '"l", a link to "/etc", leaves'],
  ['a hard link out', [{ path: 'l', type: '1', target: '../secret' }], '"l", a link to "../secret", leaves'],
  [
    'a file through a link',
    [{ path: 'd', type: '2', target: '.' }, { path: 'd/x' }],
    '"d/x" goes through a link',
  ],
  [
    'links that lead out together',
    [
      { path: 'd', type: '5' },
      { path: 'd/up', type: '2', target: '..' },
      { path: 'out', type: '2', target: 'd/up/../..' },
    ],
    'leaves',
  ],
  ['a device', [{ path: 'null', type: '3' }], '"null" is a device'],
])('%s is refused by name, and nothing is unpacked', async (_, entries, message) => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'mine.txt'), 'mine');
    await expect(unpackBytes(gzipSync(tar(entries)), folder)).rejects.toMatchObject({
      name: 'ContainerError',
      message: expect.stringMatching(new RegExp(`^model.tar.gz: .*${message}`)),
    });
    expect(await readdir(folder)).toEqual(['mine.txt']);
  });
});

test.each([
  ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 20)],
  ['no archive', () => Buffer.from('this is no archive at all'.repeat(40))],
  ['cut in its content', (bytes: Buffer) => gzipSync(gunzipSync(bytes).subarray(0, 900))],
])('an archive that is %s is refused, and nothing is unpacked', async (_, spoil) => {
  await inFolder(async (folder) => {
    const bytes = gzipSync(tar([{ path: 'a', content: 'x'.repeat(5000) }]));
    await expect(unpackBytes(spoil(bytes), folder)).rejects.toMatchObject({ name: 'ContainerError' });
    expect(await readdir(folder)).toEqual([]);
  });
});

test('permissions are kept', async () => {
  await inFolder(async (folder) => {
    await unpackBytes(tar([{ path: 'a', content: 'x' }]), folder);
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o644);
  });
});
