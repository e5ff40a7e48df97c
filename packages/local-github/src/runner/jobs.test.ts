import { expect, test } from '@jest/globals';
import { conclusions, runOnce } from '../testing/github.ts';

/** A workflow of jobs that are one line each. */
const jobs = (text: string) => `on: push\njobs:\n${text.trim().replaceAll(/^/gm, '  ')}\n`;

test('jobs wait for those they need, and a failure skips all that follow except what asks otherwise', async () => {
  const { run } = await runOnce(
    jobs(`
first: { runs-on: x, steps: [{ run: exit 1 }] }
second: { needs: first, runs-on: x, steps: [{ run: 'true' }] }
third: { needs: second, runs-on: x, steps: [{ run: 'true' }] }
rescue: { needs: second, if: failure(), runs-on: x, steps: [{ run: 'test "\${{ needs.second.result }}" = skipped' }] }
always: { needs: [first, third], if: always(), runs-on: x, steps: [{ run: 'true' }] }
after-skip: { needs: always, runs-on: x, steps: [{ run: 'true' }] }
`),
  );
  expect(conclusions(run).toSorted()).toEqual([
    'after-skip: skipped', // GitHub's success() looks at every job before, near and far
    'always: success',
    'first: failure',
    'rescue: success',
    'second: skipped',
    'third: skipped',
  ]);
  expect(run.conclusion).toBe('failure');
});

test('a job may continue on error: the run succeeds and what needs it sees a success', async () => {
  const { run } = await runOnce(
    jobs(`
shaky: { runs-on: x, continue-on-error: true, steps: [{ run: exit 1 }] }
next: { needs: shaky, runs-on: x, steps: [{ run: 'test "\${{ needs.shaky.result }}" = success' }] }
`),
  );
  expect([run.conclusion, conclusions(run)]).toEqual(['success', ['shaky: failure', 'next: success']]);
});

test('a matrix has its includes and excludes, and its legs are named as GitHub names them', async () => {
  const { run } = await runOnce(
    jobs(`
legs:
  runs-on: x
  strategy:
    matrix:
      os: [linux, mac]
      python: ['3.11', '3.12']
      exclude: [{ os: mac, python: '3.11' }]
      include: [{ os: linux, extra: yes }, { os: windows, python: '3.13' }]
  steps: [{ run: 'test "\${{ matrix.os }}" != linux || test "\${{ matrix.extra }}" = yes' }]
named:
  name: shard \${{ matrix.shard }} of \${{ strategy.job-total }}
  runs-on: x
  strategy: { max-parallel: 1, matrix: { shard: [1, 2] } }
  steps: [{ run: 'true' }]
from-json:
  runs-on: x
  strategy: { matrix: "\${{ fromJSON('{\\"region\\":[\\"us\\",\\"eu\\"]}') }}" }
  steps: [{ run: 'true' }]
`),
  );
  expect(conclusions(run).toSorted()).toEqual([
    'from-json (eu): success',
    'from-json (us): success',
    'legs (linux, 3.11, yes): success',
    'legs (linux, 3.12, yes): success',
    'legs (mac, 3.12): success',
    'legs (windows, 3.13): success',
    'shard 1 of 2: success',
    'shard 2 of 2: success',
  ]);
});

test('the first leg that fails cancels the others, unless fail-fast is off', async () => {
  const matrix = (failFast: boolean) =>
    jobs(`
legs:
  runs-on: x
  strategy: { fail-fast: ${failFast}, matrix: { seconds: [0, 1] } }
  steps: [{ run: 'if [ \${{ matrix.seconds }} = 0 ]; then exit 1; fi; exec sleep 1' }]
`);
  expect(
    conclusions((await runOnce(matrix(true), { timing: { interruptMs: 10, terminateMs: 10 } })).run),
  ).toEqual(['legs (0): failure', 'legs (1): cancelled']);
  expect(conclusions((await runOnce(matrix(false))).run)).toEqual(['legs (0): failure', 'legs (1): success']);
});

test('defaults, env and expressions are taken from workflow, job and step, the nearest first', async () => {
  const { log, run } = await runOnce(`
on: push
env: { A: workflow, B: workflow }
defaults: { run: { shell: sh, working-directory: sub } }
jobs:
  a:
    runs-on: x
    env: { B: 'job after \${{ github.ref_name }}' }
    defaults: { run: { shell: bash } }
    steps:
      - { run: mkdir -p sub, working-directory: . }
      - run: 'echo "$A, $B, $(basename "$PWD"), \${BASH_VERSION:+bash}"'
`);
  expect(run.errors).toEqual([]);
  expect(log).toContain('workflow, job after main, sub, bash');
});

test('a job in an environment waits for its approval and is a deployment', async () => {
  const workflow = jobs(`
ship: { runs-on: x, environment: { name: production, url: 'https://model.example/\${{ github.sha }}' }, steps: [{ run: 'true' }] }
`);
  const asked: string[] = [];
  const approve = ({ environment, job }: { environment: string; job: string }) =>
    asked.push(`${job} to ${environment}`) > 0;
  const { run } = await runOnce(workflow, { approve });
  expect([run.conclusion, asked, run.jobs[0]?.environment]).toEqual([
    'success',
    ['ship to production'],
    { name: 'production', url: `https://model.example/${run.sha}` },
  ]);
  const { run: refused } = await runOnce(workflow, { approve: () => false });
  expect([refused.conclusion, refused.errors]).toEqual([
    'failure',
    ["ship: The deployment to the environment 'production' was rejected."],
  ]);
});
