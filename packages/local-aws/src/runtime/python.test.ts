import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startLocalAws } from '../index.ts';
import { pythonFor } from './python.ts';

test('an environment is made once for all who ask, and one that was given up leaves nothing that looks finished', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'tidegate-cache-'));
  const before = process.env['TIDEGATE_CACHE'];
  process.env['TIDEGATE_CACHE'] = cache;
  try {
    await using aws = await startLocalAws();
    const ask = (stop?: AbortSignal) => pythonFor(aws.world, '# a comment\nsix==1.16.0\n', () => {}, stop);
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ name: 'ContainerError' });
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(one).toBe(two);
    expect(execFileSync(one, ['-c', 'import six; print(six.__version__)'], { encoding: 'utf8' })).toBe(
      '1.16.0\n',
    );
    const made = (await readdir(join(cache, 'python'))).filter((name) => name.includes('-'));
    expect(made).toHaveLength(1);
  } finally {
    if (before === undefined) delete process.env['TIDEGATE_CACHE'];
    else process.env['TIDEGATE_CACHE'] = before;
    await rm(cache, { recursive: true, force: true });
  }
});

test("without requirements the host's own Python is used", async () => {
  await using aws = await startLocalAws();
  const python = await pythonFor(aws.world, '\n# nothing\n');
  expect(
    execFileSync(python, ['-c', 'import sys; print(sys.prefix == sys.base_prefix)'], { encoding: 'utf8' }),
  ).toBe('True\n');
});
