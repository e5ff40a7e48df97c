import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const main = path.join(import.meta.dirname, 'main.ts');
const example = path.resolve(import.meta.dirname, '../../../workflows-examples/flight-delay');
const folder = mkdtempSync(path.join(tmpdir(), 'tidegate-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ran = { code: number; stdout: string; stderr: string };

function tidegate(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: folder, env: { PATH: process.env['PATH'], NO_COLOR: '1' } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

function file(name: string, text: string): string {
  const target = path.join(folder, name);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  return target;
}

describe('the command line', () => {
  test('shows every command, and each command its options and examples', async () => {
    const { stdout } = await tidegate('--help');
    const names = [...stdout.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name!);
    expect(names).toEqual([
      'demo',
      'init',
      'validate',
      'run',
      'dev',
      'report',
      'drift',
      'evaluate',
      'profile',
    ]);
    for (const name of names)
      expect((await tidegate(name, '--help')).stdout).toMatch(/^Usage: tidegate \w+[\s\S]*Examples:\n/);
  });

  test('answers a wrong command with 2 and the right ones, a wrong option with 2 and its name', async () => {
    expect(await tidegate('deploy')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'tidegate: there is no command "deploy"; there are demo, init, validate, run, dev, report, drift, evaluate, profile\n',
    });
    expect(await tidegate('validate', '--deep')).toEqual({
      code: 2,
      stdout: '',
      stderr: "Error: Unknown option '--deep'\n",
    });
  });
});

describe('validate', () => {
  test('finds nothing wrong with the example', async () => {
    const { code, stdout } = await tidegate('validate', example);
    expect({ code, problems: stdout.match(/✗/g) }).toEqual({ code: 0, problems: null });
  });

  test('names every problem of manifest and workflow with its line and column, and exits 1', async () => {
    file('wrong/tidegate.yml', 'model: my model\nmonitor: { on-drift: panic }\n');
    file(
      'wrong/.github/workflows/model.yml',
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n',
    );
    const { code, stdout } = await tidegate('validate', 'wrong');
    expect(code).toBe(1);
    expect(stdout).toContain('tidegate.yml:1:8  model: "my model" is not a name');
    expect(stdout).toContain(
      'tidegate.yml:2:22  monitor.on-drift: "panic" is not one of alert, rollback, retrain, rollback-and-retrain',
    );
    expect(stdout).toContain("model.yml:5:5  Unexpected value 'stepz'");
  });
});

test('init writes a manifest and workflows that validate, and leaves what is there alone', async () => {
  file('mine/src/train.py', '');
  file('mine/src/inference.py', '');
  await tidegate('init', 'mine', '--model', 'churn');
  expect((await tidegate('validate', 'mine')).code).toBe(0);
  const manifest = readFileSync(path.join(folder, 'mine/tidegate.yml'), 'utf8');
  expect(manifest).toMatch(/^model: churn\n[\s\S]*source: src\n/);
  writeFileSync(path.join(folder, 'mine/tidegate.yml'), `${manifest}# kept\n`);
  expect((await tidegate('init', 'mine')).stdout).toContain(
    'tidegate.yml is there already; --force writes it anew',
  );
  expect(readFileSync(path.join(folder, 'mine/tidegate.yml'), 'utf8')).toContain('# kept');
});

test('a file that is no facts is refused by name', async () => {
  file('other.json', '{"version": 7}');
  const { code, stderr } = await tidegate('report', 'other.json');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'Error: other.json holds no facts of this version; write them with tidegate demo --json\n',
  });
});
