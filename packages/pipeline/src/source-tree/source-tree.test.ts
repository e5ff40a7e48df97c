import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readTree } from './read-tree.ts';
import { tarOf } from './tar.ts';

const made: string[] = [];
afterAll(() => made.forEach((root) => rmSync(root, { recursive: true, force: true })));

function emptyFolder(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'tidegate-tree-'));
  made.push(root);
  return root;
}

function folder(files: Record<string, string>): string {
  const root = emptyFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return root;
}

async function packed(root: string, exclude: string[] = []): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of tarOf(await readTree(root, exclude))) parts.push(part);
  return Buffer.concat(parts);
}

const paths = async (root: string, exclude?: string[]) =>
  (await readTree(root, exclude)).files.map((file) => file.path);

test('the digest is of names, bytes and the executable bit: times and places do not count', async () => {
  const files = { 'train.py': 'print(1)\n', 'lib/a.py': 'a', 'run.sh': '#!/bin/sh\n' };
  const [one, other] = [folder(files), folder(files)];
  utimesSync(path.join(one, 'train.py'), 1, 1);
  expect((await readTree(one)).digest).toBe((await readTree(other)).digest);
  expect(await packed(one)).toEqual(await packed(other));
  chmodSync(path.join(other, 'run.sh'), 0o755);
  expect((await readTree(one)).digest).not.toBe((await readTree(other)).digest);
});

test('tar reads what was packed: long names, names that are not ASCII, links and modes', async () => {
  const long = `${'deep/'.repeat(30)}module.py`;
  const root = folder({ 'train.py': 'print(1)\n', [long]: 'x', 'météo/données.py': 'é', 'run.sh': '' });
  chmodSync(path.join(root, 'run.sh'), 0o755);
  symlinkSync('train.py', path.join(root, 'alias.py'));
  const into = emptyFolder();
  execFileSync('tar', ['-x', '-C', into], { input: await packed(root) });
  expect(await paths(into)).toEqual(await paths(root));
  expect((await readTree(into)).digest).toBe((await readTree(root)).digest);
  expect(readFileSync(path.join(into, long), 'utf8')).toBe('x');
});

test('what git ignores is not packed, nor what .tidegateignore and exclude name', async () => {
  const repository = folder({
    '.gitignore': '*.log\n/model/data/\n!keep.log\n',
    'model/.gitignore': 'secret*\n\\#odd\nbuild/\n**/cache\n[ab].txt\n',
    'model/.tidegateignore': 'notes/**/*.md\n',
    'model/train.py': '',
    'model/run.log': '',
    'model/keep.log': '',
    'model/data/big.csv': '',
    'model/lib/data/small.csv': '',
    'model/secret.txt': '',
    'model/#odd': '',
    'model/build/x': '',
    'model/lib/build/x': '',
    'model/lib/cache/x': '',
    'model/notes/a/b.md': '',
    'model/notes/a/plan.txt': '',
    'model/a.txt': '',
    'model/c.txt': '',
    'model/__pycache__/train.pyc': '',
    'model/drafts/x.py': '',
  });
  execFileSync('git', ['init', '--quiet', repository]);
  const git = execFileSync(
    'git',
    ['-C', `${repository}/model`, 'ls-files', '--others', '--exclude-standard'],
    { encoding: 'utf8' },
  );
  expect(git.trim().split('\n').sort()).toEqual(
    [...(await paths(path.join(repository, 'model'))), 'notes/a/b.md', '__pycache__/train.pyc'].sort(),
  );
  expect(await paths(path.join(repository, 'model'), ['drafts/'])).toEqual([
    '.gitignore',
    '.tidegateignore',
    'c.txt',
    'keep.log',
    'lib/data/small.csv',
    'notes/a/plan.txt',
    'train.py',
  ]);
});

test.each([
  [
    'out of the tree',
    '/etc/passwd',
    /x\.py is a link to "\/etc\/passwd", which would not exist in the container/,
  ],
  ['up and out', '../../../etc/passwd', /which would not exist in the container/],
  ['to nothing', 'gone.py', /is a link to "gone\.py", which does not exist/],
])('a link that leads %s is refused by name', async (_, target, message) => {
  const root = folder({ 'train.py': '' });
  symlinkSync(target, path.join(root, 'x.py'));
  await expect(readTree(root)).rejects.toThrow(message);
});

test('a folder that is missing, or holds nothing, is refused', async () => {
  await expect(readTree('/no/such/folder')).rejects.toThrow(
    'The source folder "/no/such/folder" does not exist.',
  );
  const empty = folder({ '.gitignore': '*\n' });
  await expect(readTree(empty)).rejects.toThrow('holds nothing to pack');
});

test('a file that changes while it is packed is noticed', async () => {
  const root = folder({ 'train.py': 'one' });
  const tree = await readTree(root);
  writeFileSync(path.join(root, 'train.py'), 'two');
  const packing = async () => {
    for await (const _ of tarOf(tree)) void _;
  };
  await expect(packing()).rejects.toThrow('train.py was changed while it was packed.');
});
