import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { cloneRepository } from '../support/clone.ts';
import { runBuiltAction } from '../support/run-action.ts';

test('a release is a commit beside main that holds only what a job downloads, and an action runs from its tag', async () => {
  using clone = cloneRepository();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone.folder, ...args], { encoding: 'utf8' }).trim();
  git('config', 'user.name', 'Releaser');
  git('config', 'user.email', 'releaser@tidegate.invalid');
  const head = git('rev-parse', 'HEAD');

  execFileSync(process.execPath, [path.join(clone.folder, 'scripts', 'release.ts')], { stdio: 'pipe' });

  const { version } = JSON.parse(git('show', 'HEAD:lerna.json')) as { version: string };
  const shipped = git('ls-tree', '-r', '--name-only', `v${version}`).split('\n');
  expect(git('rev-parse', 'HEAD')).toBe(head);
  expect(git('status', '--porcelain')).toBe('');
  expect(git('rev-parse', `v${version}^{commit}^`)).toBe(head);
  expect(git('rev-parse', `v${version.split('.')[0]}^{commit}`)).toBe(
    git('rev-parse', `v${version}^{commit}`),
  );
  expect(new Set(shipped.map((file) => file.split('/')[0]))).toEqual(
    new Set(['.github', 'LICENSE', 'README.md', 'actions', 'dist', 'schema']),
  );
  expect(shipped).toEqual(
    expect.arrayContaining([
      'actions/deploy-target/action.yml',
      'dist/deploy-target.js',
      'dist/licenses.txt',
    ]),
  );

  const downloaded = mkdtempSync(path.join(tmpdir(), 'tidegate-download-'));
  const archive = execFileSync('git', ['-C', clone.folder, 'archive', '--format=tar', `v${version}`], {
    maxBuffer: 1 << 28,
  });
  mkdirSync(downloaded, { recursive: true });
  execFileSync('tar', ['x', '-C', downloaded], { input: archive });
  const { code, outputs } = await runBuiltAction(path.join(downloaded, 'dist', 'deploy-target.js'), {
    target: 'the moon',
  });
  expect({ code, status: outputs['status'] }).toEqual({ code: 1, status: 'failure' });
  expect(outputs['failure-reason']).toContain('"the moon" is not one of sagemaker, lambda, ecs, eks, batch');
});
