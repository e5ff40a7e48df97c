import { expect, test } from '@jest/globals';
import type { Progress } from '../records.ts';
import { conclusions, logOf, startTestGithub } from '../testing/github.ts';

const TIMING = { interruptMs: 300, terminateMs: 200 };

/** Starts a workflow, cancels it when its log says so, and gives the run with its log. */
async function cancelledAt(line: string, workflow: string, tools: Record<string, string> = {}) {
  const seen = Promise.withResolvers<number>();
  const onProgress = (event: Progress) => {
    if (event.line === line) seen.resolve(event.run.id);
  };
  await using github = await startTestGithub({ timing: TIMING, onProgress, tools });
  const pushed = github.commitAndPush({ '.github/workflows/test.yml': workflow });
  const id = await seen.promise;
  const from = performance.now();
  github.cancel(id);
  const [run] = await pushed;
  if (!run) throw new Error('no run');
  return { run, log: logOf(run), milliseconds: performance.now() - from };
}

const tool = (main: string) => ({
  'wait/action.yml':
    'name: wait\ndescription: waits\nruns: { using: node24, main: main.js, post: post.js }\n',
  'wait/main.js': `const { appendFileSync } = require('fs');\n${main}\nsetInterval(() => {}, 1000); console.log('started');`,
  'wait/post.js': "console.log('post state=' + process.env.STATE_job)",
});

const workflow =
  'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: acme/tools/wait@v1\n      - { name: next, run: "true" }\n      - { name: cleanup, if: "cancelled()", run: echo cleaned }\n      - { name: always, if: "always()", run: echo always }\n';

test('a step that hears SIGINT ends itself; its post step and what asks for always() still run', async () => {
  const { run, log, milliseconds } = await cancelledAt(
    'started',
    workflow,
    tool(`
process.on('SIGINT', () => { appendFileSync(process.env.GITHUB_STATE, 'job=job-7\\n'); console.log('got SIGINT'); process.exit(0); });`),
  );
  expect([run.conclusion, conclusions(run)]).toEqual(['cancelled', ['a: cancelled']]);
  expect(run.jobs[0]?.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
    'Run acme/tools/wait@v1: cancelled',
    'next: skipped',
    'cleanup: success',
    'always: success',
    'Post Run acme/tools/wait@v1: success',
  ]);
  expect(log).toMatch(/got SIGINT\n[^]*cleaned\n[^]*always\n[^]*post state=job-7/);
  expect(milliseconds).toBeLessThan(5000);
});

test('one that does not is sent SIGTERM after the first interval and killed after the second', async () => {
  const { run, log, milliseconds } = await cancelledAt(
    'started',
    workflow,
    tool(`
process.on('SIGINT', () => console.log('got SIGINT')); process.on('SIGTERM', () => console.log('got SIGTERM'));`),
  );
  expect(run.conclusion).toBe('cancelled');
  expect(log).toMatch(/got SIGINT\ngot SIGTERM\n##\[error\]The operation was canceled\./);
  expect(milliseconds).toBeGreaterThanOrEqual(TIMING.interruptMs + TIMING.terminateMs - 20);
});

test('a job with always() is not cancelled with its run, and jobs that follow see the cancelling', async () => {
  const { run } = await cancelledAt(
    'started',
    `
on: push
jobs:
  slow: { runs-on: x, steps: [{ run: 'echo started; exec sleep 60' }] }
  stays: { if: always(), runs-on: x, steps: [{ run: 'exec sleep 1' }] }
  next: { needs: slow, runs-on: x, steps: [{ run: 'true' }] }
  clean: { needs: slow, if: cancelled(), runs-on: x, steps: [{ run: 'test "\${{ needs.slow.result }}" = cancelled' }] }
`,
  );
  expect(conclusions(run).toSorted()).toEqual([
    'clean: success',
    'next: cancelled',
    'slow: cancelled',
    'stays: success',
  ]);
  expect(run.conclusion).toBe('cancelled');
});

test('cancelled a second time, nothing more runs and what ignores signals is killed at once', async () => {
  const seen = Promise.withResolvers<number>();
  const onProgress = (event: Progress) => {
    if (event.line === 'started') seen.resolve(event.run.id);
  };
  // GitHub's own intervals: only force ends this in the time that the test has.
  await using github = await startTestGithub({ onProgress });
  const pushed = github.commitAndPush({
    '.github/workflows/test.yml':
      "on: push\njobs: { a: { runs-on: x, steps: [{ run: 'trap \"\" INT TERM; echo started; while :; do sleep 1; done' }, { name: always, if: always(), run: 'true' }] } }\n",
  });
  const id = await seen.promise;
  const from = performance.now();
  github.cancel(id);
  github.cancel(id);
  const [run] = await pushed;
  expect(
    run?.jobs.map(({ conclusion, steps }) => [conclusion, steps.map((step) => step.conclusion)]),
  ).toEqual([['cancelled', ['cancelled']]]);
  expect(performance.now() - from).toBeLessThan(5000);
});
