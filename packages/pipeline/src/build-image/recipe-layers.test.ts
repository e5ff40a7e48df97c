import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { readRecipe } from '@tidegate/image';
import { recipeLayers } from './recipe-layers.ts';

let context: string;

beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-recipe-'));
  context = path.join(folder, 'context');
  await mkdir(path.join(context, 'code'), { recursive: true });
  await writeFile(path.join(folder, 'secret'), 'outside');
  await writeFile(path.join(context, 'code', 'main.py'), 'print()\n');
  await writeFile(path.join(context, '..data'), 'a name that begins with two dots');
});

test('files, folders and links inside of the context are copied', async () => {
  await symlink('code/main.py', path.join(context, 'link.py'));
  await symlink('code', path.join(context, 'linked'));
  expect(copied('COPY code /opt/code\nCOPY link.py ..data /opt/\nCOPY linked /opt/linked')).toEqual([
    'opt/..data',
    'opt/code',
    'opt/code/main.py',
    'opt/link.py',
    'opt/linked',
    'opt/linked/main.py',
  ]);
});

test.each([
  ['COPY ../secret /x', 'COPY ../secret leads out of the context'],
  ['COPY code/../../secret /x', 'COPY code/../../secret leads out of the context'],
  ['COPY escape /x', 'COPY escape is a link out of the context'],
  ['COPY above/secret /x', 'COPY above/secret is a link out of the context'],
  ['COPY nothing /x', 'COPY nothing: there is no such file'],
  ['COPY hidden /x', 'COPY hidden: there is no such file in'],
  ['COPY disguised /x', 'COPY disguised: there is no such file in'],
])('%s is refused', async (instruction, message) => {
  await symlink('../secret', path.join(context, 'escape'));
  await symlink('..', path.join(context, 'above'));
  await writeFile(path.join(context, 'hidden'), 'left out');
  await symlink('hidden', path.join(context, 'disguised'));
  await writeFile(path.join(context, '.dockerignore'), 'hidden\n');
  expect(() => copied(instruction)).toThrow(message);
});

test('a Dockerfile’s own list of what to leave out stands in for the context’s', async () => {
  await writeFile(path.join(context, '.dockerignore'), '*\n');
  await writeFile(path.join(context, 'Dockerfile.dockerignore'), '*.py\n');
  expect(copied('COPY code /opt\nCOPY ..data /opt/')).toEqual(['opt', 'opt/..data', 'opt/main.py']);
});

/** Where the files of a Dockerfile come to lie. */
function copied(instructions: string): string[] {
  const recipe = readRecipe(`FROM python:3.12\n${instructions}\n`);
  if (!('base' in recipe)) throw new Error(recipe.needsBuilder);
  return recipeLayers(recipe, context, path.join(context, 'Dockerfile')).flatMap(({ entries }) =>
    entries.map((entry) => entry.path),
  );
}
