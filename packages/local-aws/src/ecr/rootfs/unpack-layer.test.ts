import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { BadArchive } from '../../archive/tar-entries.ts';
import { unpackLayer } from './unpack-layer.ts';

const tar = 'application/vnd.oci.image.layer.v1.tar';

test('a layer adds, replaces and deletes what its whiteouts name', async () => {
  const root = newRoot();
  await unpackLayer(
    archive([
      ['a/one', '1'],
      ['a/two', '2'],
      ['b/old', '3'],
      ['b/deep/old', '4'],
    ]),
    tar,
    root,
  );
  await unpackLayer(
    archive([
      ['a/one', 'new'],
      ['a/.wh.two', ''],
      ['b/.wh..wh..opq', ''],
      ['b/fresh', '5'],
    ]),
    tar,
    root,
  );
  expect(files(root)).toEqual({ 'a/one': 'new', 'b/fresh': '5' });
});

test('nothing is written outside of the root, whatever names and links say', async () => {
  const root = newRoot();
  const outside = path.join(path.dirname(root), 'outside');
  await unpackLayer(
    archive([
      ['../outside', 'escaped'],
      ['/absolute', 'inside'],
      ['up', { link: '../../..' }],
      ['up/written', 'clamped'],
      ['etc', { link: '/tmp' }],
      ['etc/passwd', 'mine'],
      ['hard', { hardlink: '../../etc/passwd' }],
    ]),
    tar,
    root,
  );
  expect(existsSync(outside)).toBe(false);
  expect(readFileSync(path.join(root, 'outside'), 'utf8')).toBe('escaped');
  expect(readFileSync(path.join(root, 'absolute'), 'utf8')).toBe('inside');
  expect(readFileSync(path.join(root, 'written'), 'utf8')).toBe('clamped');
  expect(readlinkSync(path.join(root, 'etc'))).toBe(path.join(root, 'tmp'));
  expect(readFileSync(path.join(root, 'tmp', 'passwd'), 'utf8')).toBe('mine');
  expect(readFileSync(path.join(root, 'hard'), 'utf8')).toBe('mine');
});

test('long names, modes and compression are understood', async () => {
  const root = newRoot();
  const long = `${'folder-with-a-long-name/'.repeat(12)}ünïcode-🚪.txt`;
  const file = archive([
    [long, 'long'],
    ['run', { text: 'x', mode: 0o755 }],
  ]);
  execFileSync('gzip', [file]);
  await unpackLayer(`${file}.gz`, `${tar}+gzip`, root);
  expect(readFileSync(path.join(root, long), 'utf8')).toBe('long');
  expect(statSync(path.join(root, 'run')).mode & 0o777).toBe(0o755);
});

test('a layer that was cut off is refused', async () => {
  const file = archive([['big', 'x'.repeat(10_000)]]);
  truncateSync(file, 3000);
  await expect(unpackLayer(file, tar, newRoot())).rejects.toThrow(BadArchive);
});

type Entry = [string, string | { link: string } | { hardlink: string } | { text: string; mode: number }];

/** Written by Python's tarfile, so that reader and writer are not ours both. */
function archive(entries: Entry[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-layer-'));
  const file = path.join(folder, 'layer.tar');
  const program = `
import io, json, sys, tarfile
out = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
for name, what in json.load(sys.stdin):
    info = tarfile.TarInfo(name)
    what = {"text": what} if isinstance(what, str) else what
    body = what.get("text", "").encode()
    info.size, info.mode = len(body), what.get("mode", 0o644)
    if "link" in what: info.type, info.linkname = tarfile.SYMTYPE, what["link"]
    if "hardlink" in what: info.type, info.linkname = tarfile.LNKTYPE, what["hardlink"]
    out.addfile(info, io.BytesIO(body))
out.close()
`;
  const script = path.join(folder, 'make.py');
  writeFileSync(script, program);
  execFileSync('python3', [script, file], { input: JSON.stringify(entries) });
  return file;
}

function newRoot(): string {
  return path.join(mkdtempSync(path.join(tmpdir(), 'tidegate-root-')));
}

function files(root: string): Record<string, string> {
  const names = execFileSync('find', ['.', '-type', 'f'], { cwd: root, encoding: 'utf8' })
    .trim()
    .split('\n')
    .sort();
  return Object.fromEntries(
    names.map((name) => [name.slice(2), readFileSync(path.join(root, name), 'utf8')]),
  );
}
