import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inWords, median, spread, type Section } from './measure.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const rounds = 15;
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
    for (let round = 0; round < rounds; round++) {
      for (const [name, { action, node }] of times) {
        // Side by side: what disturbs the machine disturbs both.
        node.push(took(['-e', '0'], env, 0));
        action.push(took([path.join(root, 'dist', `${name}.js`)], env, 1));
      }
    }
    const missed = [...times].filter(([, { action, node }]) => median(action) / median(node) > goal);
    return {
      title: 'Start-up of each action',
      how: `The built step is started as a runner starts it, with no inputs, so that it refuses with exit code 1 and all that is wrong; a bare \`node -e 0\` runs before each. Milliseconds from spawn to exit, ${rounds} times.`,
      rows: [...times].map(([name, { action, node }]) => ({
        what: name,
        ours: `${ratio(action, node)}× (${spread(action)})`,
        peers: [{ what: 'node -e 0', figure: inWords(median(node)) }],
        goal: `≤ ${goal}×`,
        met: median(action) / median(node) <= goal,
      })),
      ...(missed.length > 0 && {
        missed: `${missed.map(([name, { action, node }]) => `${name} by ${inWords(median(action) - goal * median(node))}`).join(', ')}: reading and compiling the modules of the contract, of which Node does none.`,
      }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ratio(ours: readonly number[], bare: readonly number[]): string {
  return (median(ours) / median(bare)).toFixed(2);
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
