import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { cloneRepository } from '../../support/clone.ts';
import type { Section } from './measure.ts';

const goalBytes = 400_000;
const heaviest = 6;

/** How much a runner downloads for `uses: tidegate/tidegate/actions/…@v0`: the archive of the release commit. */
export function archive(): Section {
  using clone = cloneRepository();
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone.folder, ...args], { maxBuffer: 1 << 28 });
  git('config', 'user.name', 'Releaser');
  git('config', 'user.email', 'releaser@tidegate.invalid');
  execFileSync(process.execPath, [path.join(clone.folder, 'scripts', 'release.ts')], { stdio: 'pipe' });
  const { version } = JSON.parse(git('show', 'HEAD:lerna.json').toString()) as { version: string };
  const size = (place?: string) =>
    gzipSync(git('archive', '--format=tar', `v${version}`, ...(place === undefined ? [] : [place]))).length;

  const whole = size();
  const met = whole <= goalBytes;
  return {
    title: 'What a job downloads',
    how: 'A release is made in a temporary clone of HEAD; its tag is archived with `git archive` and compressed with gzip -6, as GitHub does. Below it the heaviest parts, each compressed on its own.',
    rows: [
      {
        what: 'release archive, gzipped',
        ours: kilobytes(whole),
        peers: [
          {
            what: 'the whole repository at HEAD',
            figure: kilobytes(gzipSync(git('archive', 'HEAD')).length),
          },
        ],
        goal: `≤ ${kilobytes(goalBytes)}`,
        met,
      },
      ...parts(git('ls-tree', '-r', '--name-only', `v${version}`).toString(), size).map(([place, bytes]) => ({
        what: `of it \`${place}\``,
        ours: kilobytes(bytes),
        peers: [],
      })),
    ],
    ...(!met && {
      missed: `by ${kilobytes(whole - goalBytes)}; the parts above are where it lies.`,
    }),
  };
}

function parts(listing: string, size: (place: string) => number): [string, number][] {
  return listing
    .trim()
    .split('\n')
    .map((place): [string, number] => [place, size(place)])
    .sort(([, a], [, b]) => b - a)
    .slice(0, heaviest);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}
