import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/*
 * Makes the release commit: only what a user's job needs (action.yml files, dist/, the reusable workflows), on a
 * detached head, so that main never carries dist/ and a job never downloads our sources. Tags vX.Y.Z and moves vX.
 * Nothing is pushed: `git push origin vX.Y.Z && git push --force origin vX` does that.
 */

const root = path.resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'lerna.json'), 'utf8')) as { version: string };
const tag = `v${version}`;
const major = `v${version.split('.')[0]}`;

if (git('status', '--porcelain') !== '') fail('the working tree has changes; commit or discard them first');
if (git('tag', '--list', tag) !== '')
  fail(`${tag} exists already; raise the version in lerna.json, which is the one version`);

execFileSync(process.execPath, [path.join(root, 'scripts', 'build.ts')], { stdio: 'inherit' });
execFileSync(process.execPath, [path.join(root, 'scripts', 'docs.ts'), '--check'], { stdio: 'inherit' });

const commit = commitTree();
git('tag', '--annotate', tag, commit, '--message', `Tidegate ${version}`);
git('tag', '--force', '--annotate', major, commit, '--message', `Tidegate ${version}`);
const bytes = execFileSync('git', ['-C', root, 'archive', '--format=tar.gz', tag], {
  maxBuffer: 1 << 28,
}).length;
console.log(
  `${tag} and ${major} are ${commit.slice(0, 12)}; a job downloads ${(bytes / 1000).toFixed(0)} KB`,
);

/** A commit beside HEAD, made in an index of its own so that the working tree is not touched. */
function commitTree(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-release-'));
  const env = { ...process.env, GIT_INDEX_FILE: path.join(folder, 'index') };
  const inIndex = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], { env, encoding: 'utf8' }).trim();
  try {
    const shipped = git(
      'ls-files',
      'LICENSE',
      'README.md',
      'schema',
      'actions/*/action.yml',
      'actions/*/README.md',
      '.github/workflows',
    )
      .split('\n')
      .filter((file) => !/workflows\/(ci|release)\.yml$/.test(file));
    inIndex('add', '--force', '--', ...shipped, 'dist');
    return inIndex(
      'commit-tree',
      inIndex('write-tree'),
      '-p',
      'HEAD',
      '-m',
      `Release ${tag}\n\nBuilt from ${git('rev-parse', 'HEAD')}.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function git(...args: string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
}

function fail(reason: string): never {
  console.error(`not released: ${reason}`);
  process.exit(1);
}
