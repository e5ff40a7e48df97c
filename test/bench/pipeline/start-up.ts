import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inWords, median, spread, type Section } from './measure.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const rounds = 21;
const goal = 1.6;

/** How long each built action takes to refuse an empty step, beside a Node that does nothing. */
export function startUp(): Section {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-bench-'));
  try {
    const actions = readdirSync(path.join(root, 'actions'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const env = runnerEnvironment(folder);
    const times = new Map<string, { action: number[]; node: number[] }>(
      actions.map((name) => [name, { action: [], node: [] }]),
    );
    for (let round = -1; round < rounds; round++) {
      for (const [name, { action, node }] of times) {
        // Side by side: what disturbs the machine disturbs both.
        const bare = took(['-e', '0'], env, 0);
        const ours = took([path.join(root, 'dist', `${name}.js`)], env, 1);
        // The first round brings the files into memory.
        if (round < 0) continue;
        node.push(bare);
        action.push(ours);
      }
    }
    const missed = [...times].filter(([, { action, node }]) => ratio(action, node) > goal);
    return {
      title: 'Start-up of each action',
      how: `The built step is started as a runner starts it, with no inputs, so that it refuses with exit code 1 and all that is wrong; a bare \`node -e 0\` runs before each. From spawn to exit, ${rounds} times; the factor is the median of each round’s own.`,
      rows: [...times].map(([name, { action, node }]) => ({
        what: name,
        ours: `${ratio(action, node).toFixed(2)}× (${spread(action)})`,
        peers: [{ what: 'node -e 0', figure: inWords(median(node)) }],
        goal: `≤ ${goal}×`,
        met: ratio(action, node) <= goal,
      })),
      ...(missed.length > 0 && {
        missed: `${missed.map(([name, { action, node }]) => `${name} by ${(ratio(action, node) - goal).toFixed(2)}×`).join(', ')}: reading and compiling the modules of the contract, of which Node does none.`,
      }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The median of each round's own ratio: a machine that is busy for a moment is so for both. */
function ratio(ours: readonly number[], bare: readonly number[]): number {
  return median(ours.map((milliseconds, round) => milliseconds / bare[round]!));
}

function took(args: readonly string[], env: NodeJS.ProcessEnv, expected: number): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { env, stdio: 'ignore' });
  const milliseconds = performance.now() - started;
  if (status !== expected) throw new Error(`node ${args.join(' ')} ended with ${status}, not ${expected}`);
  return milliseconds;
}

function runnerEnvironment(folder: string): NodeJS.ProcessEnv {
  const file = (name: string) => {
    const target = path.join(folder, name);
    writeFileSync(target, '');
    return target;
  };
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
    GITHUB_STATE: file('state'),
  };
}
