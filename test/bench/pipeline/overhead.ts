import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Facts } from '@tidegate/cli';
import type { Section } from './measure.ts';

const demo = path.resolve(import.meta.dirname, '../../../packages/cli/src/main.ts');
/** States between which an endpoint is changed by AWS: instances, traffic, bake. */
const settled = new Set(['InService', 'OutOfService', 'Failed', 'UpdateRollbackFailed']);
const ended = new Set(['Completed', 'Failed', 'Stopped']);

/** What of the demo's time is ours: not the user's code, not AWS's clock. */
export function overhead(): Section {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-bench-'));
  try {
    const file = path.join(folder, 'facts.json');
    execFileSync(process.execPath, [demo, 'demo', '--json', file], { cwd: folder, stdio: 'pipe' });
    return overheadOf(JSON.parse(readFileSync(file, 'utf8')) as Facts);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function overheadOf(facts: Facts): Section {
  const steps = facts.chapters.flatMap((chapter) => chapter.steps);
  const inActions = sum(steps.map(({ seconds }) => seconds));
  // Work of a chapter's own window only; the months between are no step's time.
  const waits = facts.chapters.map(({ startedAt, completedAt }) => {
    const within = ([from, to]: Interval): Interval => [Math.max(from, startedAt), Math.min(to, completedAt)];
    const jobs = spans(facts, 'job', ended).map(within);
    const changes = spans(facts, 'endpoint', settled).map(within);
    const userCode = covered(jobs);
    return { userCode, awsClock: covered([...jobs, ...changes]) - userCode };
  });
  const real = (milliseconds: number) => milliseconds / 1000 / facts.clockSpeed;
  const userCode = real(sum(waits.map((each) => each.userCode)));
  const awsClock = real(sum(waits.map((each) => each.awsClock)));
  const ours = inActions - userCode - awsClock;
  const chapters = sum(facts.chapters.map(({ seconds }) => seconds));
  const share = (seconds: number) =>
    `${seconds.toFixed(1)} s (${((100 * seconds) / facts.seconds).toFixed(0)} %)`;
  const rows: [string, string][] = [
    [`the demo’s ${steps.length} action steps`, share(inActions)],
    ['of it jobs that run the user’s code (from a job’s start to its end)', share(userCode)],
    ['of it endpoints that AWS is changing (instances, traffic, bake)', share(awsClock)],
    ['of it the rest: Tidegate’s own', `${share(ours)}, ${(ours / steps.length).toFixed(2)} s a step`],
    [
      'beside the steps: the local GitHub’s runner, checkouts, and the demo’s wait for requests',
      share(chapters - inActions),
    ],
  ];
  return {
    title: 'Tidegate’s own time in the demo',
    how: `One run of \`npm run demo\` (${facts.seconds.toFixed(0)} s without set-up; clock ×${facts.clockSpeed}), from the facts that \`--json\` writes: the seconds of each action’s step, less the time covered by any job between its first and last state, and by any endpoint between leaving and reaching a settled state, on the local AWS’s own timeline, divided by the clock’s speed. What remains is processes starting, calls and their answers, packing and uploading, the gate’s statistics, layers, and waiting for alarms to have data; also the local AWS’s own work while it answers. Percentages are of the whole demo.`,
    rows: rows.map(([what, figure]) => ({
      what,
      ours: figure,
      peers: [{ what: 'whole demo', figure: `${facts.seconds.toFixed(1)} s` }],
    })),
  };
}

type Interval = [from: number, to: number];

/** From the first state that is not one of `ends` to the next that is, for each thing of that kind, in AWS's milliseconds. */
function spans(facts: Facts, kind: 'job' | 'endpoint', ends: ReadonlySet<string>): Interval[] {
  const open = new Map<string, number>();
  const found: Interval[] = [];
  for (const { at, name, state } of facts.timeline.filter((each) => each.kind === kind)) {
    const from = open.get(name);
    if (!ends.has(state)) open.set(name, from ?? at);
    else if (from !== undefined) {
      found.push([from, at]);
      open.delete(name);
    }
  }
  return found;
}

/** The length of the union: jobs run beside each other. */
function covered(intervals: readonly Interval[]): number {
  let [length, until] = [0, -Infinity];
  for (const [from, to] of [...intervals].sort(([a], [b]) => a - b)) {
    if (to <= Math.max(from, until)) continue;
    length += to - Math.max(from, until);
    until = to;
  }
  return length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
