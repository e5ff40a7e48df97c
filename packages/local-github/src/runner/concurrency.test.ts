import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Progress, WorkflowRun } from '../records.ts';
import { commit, conclusions, runOnce, startTestGithub } from '../testing/github.ts';

/** Pushes `count` commits whose runs go on until the gate is opened, each when the one before has started or waits. */
async function pushes(count: number, concurrency: string, { open }: { open: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  const gate = join(folder, 'open');
  const heard = Array.from({ length: count + 1 }, () => Promise.withResolvers<void>());
  const onProgress = ({ run, line, status }: Progress) => {
    if (line === 'started' || status === 'pending') heard[run.id]?.resolve();
  };
  const workflow = `on: push\nconcurrency: ${concurrency}\njobs: { a: { runs-on: x, steps: [{ run: 'echo started; until [ -e "$GATE" ]; do sleep 0.05; done' }] } }\n`;
  await using github = await startTestGithub({
    onProgress,
    environment: { GATE: gate },
    timing: { interruptMs: 50, terminateMs: 50 },
  });
  const runs: Promise<WorkflowRun[]>[] = [];
  for (let number = 1; number <= count; number++) {
    const sha = commit(github.model, { 'x.txt': String(number), '.github/workflows/test.yml': workflow });
    runs.push(github.push('acme/model', { branch: 'main', sha }));
    await heard[number]?.promise;
  }
  if (open) writeFileSync(gate, '');
  const last = runs.length - 1;
  if (!open) {
    // The last one runs now; all the others have ended.
    await Promise.all(runs.slice(0, last));
    writeFileSync(gate, '');
  }
  const ended = (await Promise.all(runs)).flat();
  rmSync(folder, { recursive: true });
  return ended.map(({ conclusion, errors }) => [conclusion, ...errors]);
}

test('one runs, one waits, and a later one takes the place of the one that waits', async () => {
  expect(await pushes(3, 'deploy', { open: true })).toEqual([
    ['success'],
    [
      'cancelled',
      ".github/workflows/test.yml: Canceling since a higher priority waiting request for 'deploy' exists",
    ],
    ['success'],
  ]);
});

test('with `queue: max` all wait, in their order', async () => {
  expect(await pushes(3, '{ group: deploy, queue: max }', { open: true })).toEqual([
    ['success'],
    ['success'],
    ['success'],
  ]);
});

test('cancel-in-progress ends what runs', async () => {
  const reason =
    ".github/workflows/test.yml: Canceling since a higher priority waiting request for 'deploy-main' exists";
  const group = "{ group: 'deploy-${{ github.ref_name }}', cancel-in-progress: true }";
  expect(await pushes(2, group, { open: false })).toEqual([['cancelled', reason], ['success']]);
});

test('a job that wants the group its own run holds is cancelled, not left to wait for ever', async () => {
  const { run } = await runOnce(
    'on: push\nconcurrency: same\njobs: { a: { runs-on: x, concurrency: same, steps: [{ run: "true" }] } }\n',
  );
  expect([conclusions(run), run.errors]).toEqual([
    ['a: cancelled'],
    ["a: cancelled, because its own run already holds the concurrency group 'same'."],
  ]);
});
