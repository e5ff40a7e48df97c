import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';

type Told = {
  asExpected: boolean;
  requests: { served: number; lost: number };
  chapters: {
    title: string;
    verdicts: Record<string, string>;
    steps: { action: string; sentence: string }[];
    comment?: string;
  }[];
};

const main = path.resolve(import.meta.dirname, '../packages/cli/src/main.ts');
const fiveMinutes = 300_000;

test(
  'four commits and a season come to what they should, with the local AWS killed in the middle of a canary',
  async () => {
    const told = await runDemo('--kill-during-canary');
    expect(told.chapters.map(({ title, verdicts }) => [title, verdicts])).toEqual([
      ['First model', { gate: 'pass', deploy: 'promoted' }],
      ['Drop a feature', { gate: 'fail' }],
      ['Tidy inference.py', { gate: 'pass', deploy: 'rolled-back' }],
      ['Revert "Tidy inference.py"', { gate: 'pass', deploy: 'no-op' }],
      ['Spring', { drift: 'drift', gate: 'pass', deploy: 'promoted' }],
    ]);
    expect({ asExpected: told.asExpected, lost: told.requests.lost }).toEqual({ asExpected: true, lost: 0 });
    expect(told.requests.served).toBeGreaterThan(1000);
    const [, worse, broken, , spring] = told.chapters;
    expect(worse!.comment).toMatch(
      /### ❌ flight-delay: not good enough for production\n\*\*roc-auc 0\.6\d\d is below/,
    );
    expect(sentence(broken, 'deploy-target')).toMatch(
      /^rolled-back: taken back by alarm flight-delay-5xx: \d+ errors? in \d+ requests/,
    );
    expect(sentence(spring, 'check-drift')).toMatch(
      /^drift: origin_delays_yesterday: psi 0\.\d+ reaches 0\.2/,
    );
  },
  fiveMinutes,
);

function sentence(chapter: Told['chapters'][number] | undefined, action: string): string | undefined {
  return chapter?.steps.find((step) => step.action === action)?.sentence;
}

/** The facts that a demo of its own, in a folder of its own, wrote for programs. */
async function runDemo(...options: string[]): Promise<Told> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-demo-'));
  const facts = path.join(folder, 'facts.json');
  try {
    const child = spawn(process.execPath, [main, 'demo', '--json', facts, ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`the demo ended with ${code}:\n${said}`);
    return JSON.parse(readFileSync(facts, 'utf8')) as Told;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
